# A guest of two processors that counts, by itself and by interrupts, and looks at each step whether all of its registers are what the step before has left.
# SavedStateTest.java reads the counts. What is not as it should be it says to port 0xf4, by a number of its own.

        .intel_syntax noprefix
        .equ DISK, 0xd0000000
        .equ LOCAL_APIC, 0xfee00000
        .equ IO_APIC, 0xfec00000
        .equ TICK_VECTOR, 0x20                  # the 8254, through the 8259A
        .equ SPURIOUS_TICK_VECTOR, 0x27
        .equ SERIAL_VECTOR, 0x40
        .equ DISK_VECTOR, 0x41
        .equ TIMER_VECTOR, 0x42
        .equ SERIAL_PIN, 4
        .equ DISK_PIN, 5
        .equ TRAMPOLINE, 0x90000
        .equ STACK_TOP, 0x3f0000
        .equ SECOND_STACK_TOP, 0x3f8000
        .equ DESCRIPTORS, 0x300000
        .equ AVAILABLE, 0x301000
        .equ USED, 0x302000
        .equ HEADER, 0x303000
        .equ STATUS, 0x303010
        .equ BUFFER, 0x304000
        .equ SECTORS, 256
        .equ SERIAL_BYTES, 251
        .equ FACTOR, 0x5851f42d
        .equ MXCSR, 0x5f80                      # rounds up
        .equ FCW, 0x0b7f                        # rounds up
        .equ PATTERN, 0x13579bdf
        .equ FS_PATTERN, 0x0f1e2d3c
        .equ KERNEL_GS, 0x2468ace0
        .equ LSTAR, 0x11223344
        .equ DEADLINE_TICKS, 1 << 20
        .equ COUNT_TICKS, 1 << 18

        .macro fail number
        mov al, \number
        out 0xf4, al
        .endm

        .macro check number
        je 9f
        fail \number
9:
        .endm

        .code64
start:  mov esp, STACK_TOP
        .macro gate vector handler
        mov eax, offset \handler
        mov word ptr idt[16 * \vector], ax
        mov word ptr idt[16 * \vector + 2], cs
        mov word ptr idt[16 * \vector + 4], 0x8e00
        shr eax, 16
        mov word ptr idt[16 * \vector + 6], ax
        .endm
        gate TICK_VECTOR, tick_interrupt
        gate SPURIOUS_TICK_VECTOR, spurious_interrupt
        gate SERIAL_VECTOR, serial_interrupt
        gate DISK_VECTOR, disk_interrupt
        gate TIMER_VECTOR, timer_interrupt
        gate 0xff, spurious_interrupt
        lidt idtr
        mov eax, 1
        cpuid
        mov ebx, LOCAL_APIC
        mov dword ptr [rbx + 0xf0], 0x1ff
        mov dword ptr [rbx + 0x3e0], 0xb        # the timer counts each tick
        xor edx, edx
        bt ecx, 24                              # TSC deadline
        setc dl
        mov deadline, dl
        shl edx, 18
        or edx, TIMER_VECTOR
        mov [rbx + 0x320], edx

        mov esi, offset trampoline
        mov edi, TRAMPOLINE
        mov ecx, offset trampoline_end
        sub ecx, esi
        rep movsb
        mov eax, offset second_timer
        mov word ptr second_idt[8 * TIMER_VECTOR], ax
        mov word ptr second_idt[8 * TIMER_VECTOR + 2], 8
        mov word ptr second_idt[8 * TIMER_VECTOR + 4], 0x8e00
        shr eax, 16
        mov word ptr second_idt[8 * TIMER_VECTOR + 6], ax
        mov dword ptr [rbx + 0x300], 0xc4500    # INIT to all others
        mov dword ptr [rbx + 0x300], 0xc4600 + TRAMPOLINE / 4096

        mov ebx, IO_APIC
        .macro route pin vector
        mov dword ptr [rbx], 0x11 + 2 * \pin
        mov dword ptr [rbx + 0x10], 0
        mov dword ptr [rbx], 0x10 + 2 * \pin
        mov dword ptr [rbx + 0x10], \vector
        .endm
        route SERIAL_PIN, SERIAL_VECTOR
        route DISK_PIN, DISK_VECTOR

        mov al, 0x11                            # 8259A: ICW1 to ICW4, IRQ 0 alone
        out 0x20, al
        mov al, TICK_VECTOR
        out 0x21, al
        mov al, 4
        out 0x21, al
        mov al, 1
        out 0x21, al
        mov al, 0xfe
        out 0x21, al
        mov al, 0x34                            # 8254: a rate generator of 1 kHz
        out 0x43, al
        mov al, 1193 & 0xff
        out 0x40, al
        mov al, 1193 >> 8
        out 0x40, al

        mov edx, 0x3f9                          # IER: transmitter empty
        mov al, 2
        out dx, al
        mov edx, 0x3fc                          # MCR: DTR, RTS, OUT2
        mov al, 0xb
        out dx, al

        .macro write_msr number value
        mov ecx, \number
        mov eax, \value
        xor edx, edx
        wrmsr
        .endm
        write_msr 0xc0000100, "offset fs_data"
        write_msr 0xc0000102, KERNEL_GS
        write_msr 0xc0000082, LSTAR
        mov eax, PATTERN
        mov cr2, rax
        mov dr3, rax
        mov rax, cr4
        or eax, 0x600                           # OSFXSR, OSXMMEXCPT
        mov cr4, rax
        mov rax, cr0
        and eax, ~0xe                           # no EM, TS, MP
        mov cr0, rax
        fninit
        fldcw fcw
        ldmxcsr mxcsr
        fld1
        fldz
        pxor xmm0, xmm0
        movdqu xmm1, steps
        mov r15d, PATTERN
        xor r12d, r12d
        xor r13d, r13d
        rdtsc
        shl rdx, 32
        lea r14, [rdx + rax]
        call start_disk
        call read_sector
        call send
        call arm
        sti

main:   inc r12
        inc qword ptr count
        cmp count, r12
        check 1
        mov eax, FACTOR
        imul r13, rax
        add r13, r12
        imul rax, chain
        add rax, r12
        mov chain, rax
        cmp rax, r13
        check 2
        paddq xmm0, xmm1
        movq rax, xmm0
        cmp rax, r12
        check 3
        movhlps xmm2, xmm0
        movq rax, xmm2
        lea rcx, [r12 + 2 * r12]
        cmp rax, rcx
        check 4
        fadd st, st(1)
        fld st
        fistp qword ptr scratch
        cmp scratch, r12
        check 5
        stmxcsr scratch
        cmp dword ptr scratch, MXCSR
        check 6
        fnstcw scratch
        cmp word ptr scratch, FCW
        check 7
        cmp dword ptr fs:[0], FS_PATTERN
        check 8
        cmp r15d, PATTERN
        check 9
        rdtsc
        shl rdx, 32
        or rax, rdx
        cmp rax, r14
        jae 1f
        fail 10
1:      mov r14, rax
        test r12d, 0x3f
        jnz main

        cmp byte ptr may_send, 0
        je 1f
        call send
1:      cmp byte ptr disk_rang, 0
        je 1f
        call sector_read
1:      test r12d, 0xff
        jnz main
        mov ecx, 0xc0000102
        rdmsr
        cmp eax, KERNEL_GS
        check 11
        mov ecx, 0xc0000082
        rdmsr
        cmp eax, LSTAR
        check 12
        mov rax, cr2
        cmp rax, r15
        check 13
        mov rax, dr3
        cmp rax, r15
        check 14
        jmp main

# The next byte of 0 to 250.
send:   mov byte ptr may_send, 0
        mov edx, 0x3f8
        mov al, next_byte
        out dx, al
        inc al
        cmp al, SERIAL_BYTES
        jne 1f
        xor eax, eax
1:      mov next_byte, al
        inc qword ptr bytes
        ret

# The timer of the local APIC, for once.
arm:    cmp byte ptr deadline, 0
        je 1f
        rdtsc
        shl rdx, 32
        or rax, rdx
        add rax, DEADLINE_TICKS
        mov rdx, rax
        shr rdx, 32
        mov ecx, 0x6e0
        wrmsr
        ret
1:      mov eax, LOCAL_APIC
        mov dword ptr [rax + 0x380], COUNT_TICKS
        ret

start_disk:
        mov ebx, DISK
        mov dword ptr [rbx + 0x70], 1
        mov dword ptr [rbx + 0x70], 3
        mov dword ptr [rbx + 0x24], 0
        mov dword ptr [rbx + 0x20], 0
        mov dword ptr [rbx + 0x24], 1
        mov dword ptr [rbx + 0x20], 1           # VIRTIO_F_VERSION_1
        mov dword ptr [rbx + 0x70], 0xb
        mov dword ptr [rbx + 0x38], 8
        mov dword ptr [rbx + 0x80], DESCRIPTORS
        mov dword ptr [rbx + 0x90], AVAILABLE
        mov dword ptr [rbx + 0xa0], USED
        mov dword ptr [rbx + 0x44], 1
        mov dword ptr [rbx + 0x70], 0xf
        mov dword ptr [DESCRIPTORS], HEADER
        mov dword ptr [DESCRIPTORS + 8], 16
        mov dword ptr [DESCRIPTORS + 0xc], 0x10001      # NEXT
        mov dword ptr [DESCRIPTORS + 0x10], BUFFER
        mov dword ptr [DESCRIPTORS + 0x18], 512
        mov dword ptr [DESCRIPTORS + 0x1c], 0x20003     # NEXT, WRITE
        mov dword ptr [DESCRIPTORS + 0x20], STATUS
        mov dword ptr [DESCRIPTORS + 0x28], 1
        mov dword ptr [DESCRIPTORS + 0x2c], 2           # WRITE
        ret

# Each sector has its number in all of its words.
sector_read:
        mov byte ptr disk_rang, 0
        mov ax, [USED + 2]
        cmp ax, submitted
        je 1f
        ret
1:      cmp byte ptr [STATUS], 0
        check 20
        mov edi, BUFFER
        mov ecx, 64
        mov rax, [HEADER + 8]
        repe scasq
        check 21
        inc qword ptr sectors
read_sector:
        mov edi, BUFFER
        mov ecx, 64
        mov rax, -1
        rep stosq
        mov eax, sectors
        and eax, SECTORS - 1
        mov dword ptr [HEADER], 0               # VIRTIO_BLK_T_IN
        mov [HEADER + 8], rax
        mov byte ptr [STATUS], 0xff
        inc word ptr submitted
        mov ax, submitted
        mov [AVAILABLE + 2], ax
        mfence
        mov ebx, DISK
        mov dword ptr [rbx + 0x50], 0
        ret

tick_interrupt:
        push rax
        inc qword ptr ticks
        mov al, 0x20
        out 0x20, al
        pop rax
        iretq
disk_interrupt:
        push rax
        push rcx
        mov eax, DISK
        mov ecx, [rax + 0x60]
        mov [rax + 0x64], ecx
        mov byte ptr disk_rang, 1
        pop rcx
        jmp end_of_interrupt
serial_interrupt:
        push rax
        push rdx
        mov edx, 0x3fa                          # IIR: none is 1, transmitter empty is 2
        in al, dx
        and al, 0xf
        cmp al, 2
        jne 1f
        mov byte ptr may_send, 1
1:      pop rdx
        jmp end_of_interrupt
timer_interrupt:
        push rax
        push rcx
        push rdx
        inc qword ptr expiries
        call arm
        pop rdx
        pop rcx
end_of_interrupt:
        mov eax, LOCAL_APIC
        mov dword ptr [rax + 0xb0], 0
        pop rax
spurious_interrupt:
        iretq

        .code16
trampoline:
        cli
        mov ax, cs
        mov ds, ax
        lgdt [gdtr - trampoline]
        mov eax, cr0
        or al, 1
        mov cr0, eax
        .byte 0x66, 0xea
        .long second
        .word 8
gdtr:   .word gdt_end - gdt - 1
        .long gdt
trampoline_end:

# The second processor, in protected mode: it counts to a thousand, and sleeps until its timer wakes it.
        .code32
second: mov eax, 0x10
        mov ds, eax
        mov es, eax
        mov ss, eax
        mov esp, SECOND_STACK_TOP
        lidt second_idtr
        mov ebx, LOCAL_APIC
        mov dword ptr [ebx + 0xf0], 0x1ff
        mov dword ptr [ebx + 0x3e0], 0xb
        mov dword ptr [ebx + 0x320], 0x20000 + TIMER_VECTOR # periodic
        mov dword ptr [ebx + 0x380], 1000000
        xor edi, edi
        xor esi, esi
        mov ebp, PATTERN
1:      sti
        mov ecx, 1000
2:      inc edi
        inc dword ptr second_count
        cmp second_count, edi
        check 30
        lea esi, [esi + 2 * esi + 1]
        add esi, edi
        mov eax, second_chain
        lea eax, [eax + 2 * eax + 1]
        add eax, edi
        mov second_chain, eax
        cmp eax, esi
        check 31
        cmp ebp, PATTERN
        check 32
        dec ecx
        jnz 2b
        hlt
        jmp 1b

second_timer:
        inc dword ptr second_expiries
        mov dword ptr [LOCAL_APIC + 0xb0], 0
        iretd

        .balign 8
gdt:    .quad 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
gdt_end:
idtr:   .word 0xfff
        .quad idt
second_idtr: .word 0x7ff
        .long second_idt
fcw:    .word FCW
mxcsr:  .long MXCSR
fs_data: .long FS_PATTERN
deadline: .byte 0
may_send: .byte 0
disk_rang: .byte 0
next_byte: .byte 0
submitted: .word 0
        .balign 16
steps:  .quad 1, 3
scratch: .quad 0
chain:  .quad 0
second_chain: .quad 0
counts:
count:  .quad 0
second_count: .quad 0
ticks:  .quad 0
expiries: .quad 0
second_expiries: .quad 0
bytes:  .quad 0
sectors: .quad 0
counts_end:
        .balign 16
idt:    .fill 4096, 1, 0
second_idt: .fill 2048, 1, 0
