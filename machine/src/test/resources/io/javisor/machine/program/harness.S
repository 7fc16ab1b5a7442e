# Runs random programs, a case after another, and writes down what became of each. Multiboot enters it in 32-bit protected mode; it runs
# in 64-bit mode at HIGH. Behind it, from CASES on, lie the cases; RandomProgram.java has their layout, and that of what is written down.
#
# A case runs in any mode and at privilege level 0 or 3 in the window of 64 KiB at WINDOW. Each exception and software interrupt is
# recorded, by handlers on stacks of their own; a fault goes on with the instruction that the case's table gives. INT 0x80 ends a pass.

        .intel_syntax noprefix
        .equ HIGH, 0xffffffff80000000
        .equ WINDOW, 0x10000000
        .equ OUT, HIGH + 0x140000               # a page a case
        .equ DATA, HIGH + 0x240000              # the window's data pages
        .equ DATA_PAGES, 9
        .equ CASES, HIGH + 0x280000
        .equ CASE_SIZE, 0x3000
        .equ APIC, HIGH + 0x1000000
        .equ RECORDS, 0x100                     # in a page of OUT
        .equ RECORD_COUNT, 60
        .equ FAULTS_MAX, 300
        .equ STATUS, 0x8d5
        .equ RF, 0x10000

        # of a case
        .equ C_GPR, 0
        .equ C_RIP, 0x80
        .equ C_RFLAGS, 0x88
        .equ C_CS, 0x90
        .equ C_SS, 0x98
        .equ C_SEGMENTS, 0xa0                     # DS, ES, FS, GS
        .equ C_CR0, 0xa8
        .equ C_CR4, 0xb0
        .equ C_PDE, 0xb8                        # but for its address
        .equ C_PTES, 0xc0
        .equ C_FS_BASE, 0x140
        .equ C_GS_BASE, 0x148
        .equ C_KERNEL_GS_BASE, 0x150
        .equ C_CODE, 0x158                        # linear
        .equ C_CODE_SIZE, 0x160
        .equ C_PASSES, 0x168
        .equ C_TIMER, 0x170
        .equ C_NEXT, 0x400

        # of a handler's frame, from RBX on
        .equ VECTOR, 0x80
        .equ F_ERROR, 0x88
        .equ F_RIP, 0x90
        .equ F_CS, 0x98
        .equ F_RFLAGS, 0xa0
        .equ F_RSP, 0xa8
        .equ F_SS, 0xb0

        .text
        .globl _start
        .code32
_start: .long 0x1BADB002, 0x10000, -(0x1BADB002 + 0x10000)
        .long 0x100000, 0x100000, 0, 0, entry - HIGH
count:  .long 0                                 # of cases
dumps:  .long 0                                 # whether OUT is written to port 0xE9
done_count: .long 0                             # of cases, with the one that runs

entry:  cli
        mov eax, offset (pml4 - HIGH)
        mov cr3, eax
        mov eax, 0x6a0 & ~0x80                  # PAE, OSFXSR, OSXMMEXCPT
        mov cr4, eax
        mov ecx, 0xc0000080
        rdmsr
        or eax, 0x901                           # NXE, LME, SCE
        wrmsr
        mov eax, 0x80010033                     # PG, WP, NE, ET, MP, PE
        mov cr0, eax
        lgdt [low_gdtr - HIGH]
        .byte 0xea
        .long low64 - HIGH
        .word 8
low_gdtr:
        .word gdt_end - gdt - 1
        .long gdt - HIGH

        .code64
low64:  movabs rax, offset high64
        jmp rax
high64: lea rsp, stack_top[rip]
        lgdt gdtr[rip]
        xor eax, eax
        lea rdi, idt[rip]
        lea rsi, stubs[rip]
        call make_gates
        lidt idtr[rip]
        call set_tss
        mov eax, 0x90
        ltr ax
        mov eax, 0x10
        mov ss, eax
        mov qword ptr pd_lo[rip], 0
        mov rax, cr3
        mov cr3, rax
        mov al, 0xff                            # the 8259As' inputs are masked
        out 0x21, al
        out 0xa1, al
        mov ecx, 0xc0000081                     # STAR
        xor eax, eax
        mov edx, 0x00180008
        wrmsr
        lea rax, system_call[rip]
        mov rdx, rax
        shr rdx, 32
        inc ecx                                 # LSTAR
        wrmsr
        mov ecx, 0xc0000084                     # FMASK
        mov eax, 0x47700
        xor edx, edx
        wrmsr
        movabs rdi, APIC
        mov dword ptr [rdi + 0xf0], 0x1ff
        mov dword ptr [rdi + 0x320], 0x30       # the timer, one-shot
        mov dword ptr [rdi + 0x3e0], 0xb        # by 1
        movabs rax, CASES
        mov here[rip], rax
        movabs rax, OUT
        mov out_page[rip], rax

next:   mov ecx, done_count[rip]
        cmp ecx, count[rip]
        jae all_done
        inc dword ptr done_count[rip]
        mov rbp, here[rip]
        movabs rdi, DATA
        mov edx, 3
fill:   mov rsi, rbp                            # the case itself is the data
        mov ecx, CASE_SIZE / 8
        rep movsq
        dec edx
        jnz fill
        call fill_fuel
        lea rsi, gdt[rip]
        lea rdi, live_gdt[rip]
        mov ecx, (gdt_end - gdt + ldt_end - ldt) / 8
        rep movsq
        mov byte ptr live_gdt + 0x95[rip], 0x8b # the TSS is busy
        mov eax, 0xa0
        lldt ax
        lea rdi, pt[rip]
        lea rsi, [rbp + C_PTES]
        mov ecx, 16
        rep movsq
        mov rax, [rbp + C_PDE]
        add rax, offset (pt - HIGH)
        mov pd_lo[rip + 8 * 0x80], rax
        mov rax, cr3
        mov cr3, rax
        fxrstor64 fx_start[rip]
        xor eax, eax
        mov dr0, rax
        mov dr1, rax
        mov dr2, rax
        mov dr3, rax
        mov rax, [rbp + C_CR0]
        mov cr0, rax
        mov rax, [rbp + C_CR4]
        mov cr4, rax
        mov rax, [rbp + C_PASSES]
        mov passes[rip], rax
        xor eax, eax
        mov faults[rip], rax
        mov debugs[rip], rax
        mov ecx, 0xc0000102
        lea rsi, [rbp + C_KERNEL_GS_BASE]
        call set_base
        mov ds, word ptr [rbp + C_SEGMENTS]
        mov es, word ptr [rbp + C_SEGMENTS + 2]
        mov fs, word ptr [rbp + C_SEGMENTS + 4]
        mov gs, word ptr [rbp + C_SEGMENTS + 6]
        mov ecx, 0xc0000100
        lea rsi, [rbp + C_FS_BASE]
        call set_base
        mov ecx, 0xc0000101
        lea rsi, [rbp + C_GS_BASE]
        call set_base
        movabs rdi, APIC
        mov eax, [rbp + C_TIMER]
        mov [rdi + 0x380], eax
        lea rsp, stack_top[rip]
        push [rbp + C_SS]
        push [rbp + C_GPR + 32]
        push [rbp + C_RFLAGS]
        push [rbp + C_CS]
        push [rbp + C_RIP]
        mov rax, [rbp + C_GPR]
        mov rcx, [rbp + C_GPR + 8]
        mov rdx, [rbp + C_GPR + 16]
        mov rbx, [rbp + C_GPR + 24]
        mov rsi, [rbp + C_GPR + 48]
        mov rdi, [rbp + C_GPR + 56]
        mov r8, [rbp + C_GPR + 64]
        mov r9, [rbp + C_GPR + 72]
        mov r10, [rbp + C_GPR + 80]
        mov r11, [rbp + C_GPR + 88]
        mov r12, [rbp + C_GPR + 96]
        mov r13, [rbp + C_GPR + 104]
        mov r14, [rbp + C_GPR + 112]
        mov r15, [rbp + C_GPR + 120]
        mov rbp, [rbp + C_GPR + 40]
        iretq

fill_fuel:                                      # what loops take bits from
        movabs rdi, DATA + 0x7000
        mov dword ptr [rdi], -1
        ret

set_base:                                       # MSR ECX to [RSI], unless that is 0: then the selector's base stays
        mov eax, [rsi]
        mov edx, [rsi + 4]
        test eax, eax
        jz 1f
        wrmsr
1:      ret

all_done:
        movabs rdi, APIC
        mov dword ptr [rdi + 0x380], 0
        cmp dword ptr dumps[rip], 0
        je 1f
        movabs rsi, OUT
        mov ecx, count[rip]
        shl ecx, 12
        mov dx, 0xe9
        rep outsb
1:      mov al, 0x55
        out 0x80, al
        mov al, 0
        out 0xf4, al
2:      cli
        hlt
        jmp 2b

# 256 interrupt gates at RDI, to stubs of 16 bytes from RSI on, by the first stack; some are special.
make_gates:
        mov ecx, 256
1:      mov [rdi], si
        mov word ptr [rdi + 2], 8
        mov word ptr [rdi + 4], 0x8e01
        mov rax, rsi
        shr rax, 16
        mov [rdi + 6], rax                      # and 2 bytes of 0
        add rsi, 16
        add rdi, 16
        dec ecx
        jnz 1b
        lea rdi, idt[rip]
        mov byte ptr [rdi + 3 * 16 + 5], 0xee   # INT3 and INTO from everywhere
        mov byte ptr [rdi + 4 * 16 + 5], 0xee
        mov byte ptr [rdi + 0x80 * 16 + 5], 0xee
        mov byte ptr [rdi + 0x81 * 16 + 5], 0xef # a trap gate
        mov byte ptr [rdi + 0x83 * 16 + 5], 0x6e # not present
        mov word ptr [rdi + 0x84 * 16 + 2], 0   # without code
        mov byte ptr [rdi + 0x84 * 16 + 5], 0xee
        mov word ptr [rdi + 0x85 * 16 + 2], 0x10 # to data
        mov byte ptr [rdi + 0x85 * 16 + 5], 0xee
        mov byte ptr [rdi + 0x86 * 16 + 5], 0xe5 # a task gate
        mov byte ptr [rdi + 0x87 * 16 + 4], 0   # by RSP0 or the stack that is
        mov byte ptr [rdi + 0x87 * 16 + 5], 0xee
        mov byte ptr [rdi + 0x30 * 16 + 4], 2
        mov byte ptr [rdi + 0xff * 16 + 4], 2
        lea rax, timer[rip]
        mov [rdi + 0x30 * 16], ax
        shr rax, 16
        mov [rdi + 0x30 * 16 + 6], ax
        lea rax, spurious[rip]
        mov [rdi + 0xff * 16], ax
        shr rax, 16
        mov [rdi + 0xff * 16 + 6], ax
        ret

set_tss:
        lea rbx, tss[rip]
        lea rdi, gdt + 0x90[rip]
        mov eax, 0x1067
        mov edx, 0x89
        call system_descriptor
        lea rbx, live_ldt[rip]
        lea rdi, gdt + 0xa0[rip]
        mov eax, ldt_end - ldt - 1
        mov edx, 0x82
        call system_descriptor
        lea rsi, gdt[rip]
        lea rdi, live_gdt[rip]
        mov ecx, (gdt_end - gdt + ldt_end - ldt) / 8
        rep movsq
        ret
system_descriptor:                              # at RDI, base RBX, limit AX, type DL
        mov [rdi], ax
        mov [rdi + 2], bx
        mov rcx, rbx
        shr rcx, 16
        mov [rdi + 4], cl
        mov [rdi + 5], dl
        mov byte ptr [rdi + 6], 0
        mov [rdi + 7], ch
        shr rcx, 16
        mov [rdi + 8], ecx
        mov dword ptr [rdi + 12], 0
        ret

        .include "harness-handlers.S"

        .balign 8
here:   .quad 0
out_page: .quad 0
passes: .quad 0
faults: .quad 0
debugs: .quad 0
user_rsp: .quad 0
fired:  .long 0                                 # whether the timer has been, and waits to be set again
gdtr:   .word gdt_end - gdt - 1
        .quad live_gdt
        .balign 8
idtr:   .word 0xfff
        .quad idt

        .include "harness-tables.S"
