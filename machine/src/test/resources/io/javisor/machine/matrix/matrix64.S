# As matrix32.S, in 64-bit mode. All handlers of the harness have a stack of their own by the TSS's IST.

        .intel_syntax noprefix
        .include "harness.S"
        .equ HOME_CR0, 0x80000031
        .equ HOME_CR4, 0x20
        .equ HOME_EFER, 0x500
        .equ USER, 0x4000000                    # where level 3 finds the stubs and its stack

start:  lgdt gdtr
        lidt idtr
        mov esp, offset stack_top
        push 8
        push offset 1f
        retfq
1:      mov eax, DATA0
        mov ds, eax
        mov es, eax
        mov ss, eax
        mov ebx, offset vectors
        mov edi, offset idt
        xor ecx, ecx
2:      mov eax, ebx
        and eax, 0xffff
        or eax, 0x80000
        mov [rdi], eax
        mov eax, ebx
        and eax, 0xffff0000
        or eax, 0x8e01
        cmp ecx, 0x81
        jne 3f
        or eax, 0x6000
3:      mov [rdi + 4], eax
        mov qword ptr [rdi + 8], 0
        add ebx, 16
        add edi, 16
        inc ecx
        cmp ecx, 256
        jb 2b
        fninit
        call home

next:   dec dword ptr left
        js finish
        mov esi, here
        mov edi, offset current
        mov ecx, [rsi + 128]
        add ecx, ecx
        add ecx, UNDO_AT / 8
        rep movsq
        mov esi, offset current
        mov ecx, [rsi + 128]
        lea ebx, [rsi + UNDO_AT]
        mov edi, offset undo
        jecxz 2f
1:      mov rdx, [rbx]
        mov rax, [rdx]
        mov [rdi], rax
        mov rax, [rbx + 8]
        mov [rdx], rax
        add ebx, 16
        add edi, 8
        loop 1b
2:      mov eax, [rsi + 112]
        lldt ax
        and byte ptr gdt[TSS_SELECTOR + 5], 0xfd
        mov eax, [rsi + 120]
        ltr ax
        xor eax, eax
        mov cr2, rax
        mov rax, [rsi + 80]
        test rax, rax
        jz 3f
        mov ecx, 0xc0000080
        mov eax, [rsi + 104]
        xor edx, edx
        wrmsr
        mov rax, [rsi + 96]
        mov cr4, rax
        mov rax, [rsi + 88]
        mov cr3, rax
        mov rax, [rsi + 80]
        mov cr0, rax
3:      mov eax, [rsi + 72]
        mov ds, eax
        mov es, eax
        mov fs, eax
        mov gs, eax
        mov rax, [rsi + 8]
        mov rbx, [rsi + 16]
        mov rcx, [rsi + 24]
        mov rdx, [rsi + 32]
        push qword ptr [rsi + 48]
        push qword ptr [rsi + 56]
        push qword ptr [rsi + 64]
        push qword ptr [rsi + 40]
        push qword ptr [rsi]
        iretq

finish: mov al, 0x55
        out 0x80, al
        hlt

home:   mov ecx, 0xc0000080
        mov eax, HOME_EFER
        xor edx, edx
        wrmsr
        mov eax, offset pml4
        mov cr3, rax
        mov eax, HOME_CR4
        mov cr4, rax
        mov eax, HOME_CR0
        mov cr0, rax
        ret

common: push rdx
        push rcx
        push rbx
        push rax
        cld
        mov rbp, rsp
        mov eax, ds
        mov ecx, es
        mov ebx, DATA0
        mov ds, ebx
        mov es, ebx
        mov rbx, cr2
        lgdt gdtr
        lidt idtr
        mov r8d, eax
        mov r9d, ecx
        cmp qword ptr current[80], 0
        je 1f
        call home
1:      mov edi, result
        movzx eax, r8w
        mov [rdi + 96], rax
        movzx ecx, r9w
        mov [rdi + 104], rcx
        mov [rdi + 56], rbx
        mov rax, [rbp + 32]
        mov [rdi], rax
        mov rax, [rbp + 40]
        mov [rdi + 8], rax
        mov rax, [rbp + 48]
        mov [rdi + 16], rax
        movzx eax, word ptr [rbp + 56]
        mov [rdi + 24], rax
        mov rax, [rbp + 64]
        mov [rdi + 32], rax
        mov rax, [rbp + 72]
        mov [rdi + 40], rax
        movzx eax, word ptr [rbp + 80]
        mov [rdi + 48], rax
        mov rax, [rbp]
        mov [rdi + 64], rax
        mov rax, [rbp + 8]
        mov [rdi + 72], rax
        mov rax, [rbp + 16]
        mov [rdi + 80], rax
        mov rax, [rbp + 24]
        mov [rdi + 88], rax
        mov eax, fs
        mov [rdi + 112], ax
        mov eax, DATA0
        mov ss, eax
        mov esp, offset stack_top
        mov ecx, current[128]
        jecxz 4f
3:      mov ebx, ecx
        shl ebx, 4
        mov rdx, current[rbx + UNDO_AT - 16]
        mov rax, [rdx]
        mov [rdi + rcx * 8 + PEEKS_AT - 8], rax
        dec ecx
        jnz 3b
        mov ecx, current[128]
5:      mov ebx, ecx                            # backwards: two may name one place
        shl ebx, 4
        mov rdx, current[rbx + UNDO_AT - 16]
        mov rax, undo[rcx * 8 - 8]
        mov [rdx], rax
        dec ecx
        jnz 5b
4:      mov dword ptr [rdi + 120], 1
        add dword ptr result, RECORD
        add dword ptr here, RECORD
        jmp next

        .balign 16
vectors:
        handlers

        .balign 8
gdtr:   .word gdt_end - gdt - 1
        .quad gdt
idtr:   .word 0xc0 * 16 - 1                     # vectors from 0xc0 on lie beyond it
        .quad idt

        .org 0x5000
        .include "stubs64.S"

        .org 0x6000
gdt:    .quad 0
        descriptor 0 0xfffff 0x9b 0xa           # 08 10: level 0
        descriptor 0 0xfffff 0x93 0xc
        descriptor 0 0xfffff 0xbb 0xa           # 18 20: level 1
        descriptor 0 0xfffff 0xb3 0xc
        descriptor 0 0xfffff 0xdb 0xa           # 28 30: level 2
        descriptor 0 0xfffff 0xd3 0xc
        descriptor 0 0xfffff 0xfb 0xa           # 38 40: level 3
        descriptor 0 0xfffff 0xf3 0xc
        descriptor USER 0xfffff 0xfb 0xc        # 48 32-bit code, level 3
        descriptor USER 0xffff 0xfb 0x0         # 50 16-bit code, level 3
        descriptor 0 0xfffff 0x9b 0xc           # 58 32-bit code, level 0
        descriptor 0x11000 0x67 0x89 0x0        # 60 the TSS
        .quad 0
        descriptor 0x11800 0x1f 0x82 0x0        # 70 the LDT
        .quad 0
        .fill 32, 8, 0                          # 80
gdt_end:
        .org 0x7000
tss:    .long 0
        .quad inner_stack_top, inner1_stack_top, 0, 0
        .quad stack_top, ist_stack_top, 0, 0, 0, 0, 0, 0
        .word 0, 0x68
        .org 0x7800
ldt:    .fill 4, 8, 0
        .org 0x8000
idt:    .fill 512, 8, 0
        .org 0x9000
current: .fill RECORD, 1, 0
undo:   .fill RECORD, 1, 0
left:   .long 0
here:   .long CASES
result: .long RESULTS
        .org 0xa000
        .fill 0x400, 1, 0
ist_stack_top:
        .fill 0x400, 1, 0
inner1_stack_top:
        .fill 0x400, 1, 0
inner_stack_top:
        .fill 0x400, 1, 0
stack_top:

        .org 0xb000
pml4:   .quad pdpt + 7
        .fill 511, 8, 0
pdpt:   .quad pd + 7
        .fill 511, 8, 0
pd:     .set i, 0
        .rept 32
        .quad i * 0x200000 + 0x83
        .set i, i + 1
        .endr
        .quad alias + 7
        .fill 479, 8, 0
alias:  .fill 15, 8, 0
        .quad 0xf000 + 7
        .fill 9, 8, 0
        .quad 0x19000 + 7
        .fill 486, 8, 0
        .fill 0x1000, 1, 0
case_stack_top:
