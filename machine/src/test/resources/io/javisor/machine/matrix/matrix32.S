# Runs cases in protected mode, a case after another, and writes down what became of each. MatrixGuest.java has the layout of both.
#
# Between cases paging is off. A case ends by INT 0x81 or by a fault. What it poked is read then, and put back.

        .intel_syntax noprefix
        .code32
        .include "harness.S"

start:  lgdt gdtr
        lidt idtr
        mov esp, offset stack_top
        .byte 0xea
        .long 1f
        .word 8
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
        mov [edi], eax
        mov eax, ebx
        and eax, 0xffff0000
        or eax, 0x8e00
        cmp ecx, 0x81
        jne 3f
        or eax, 0x6000
3:      mov [edi + 4], eax
        add ebx, 16
        add edi, 8
        inc ecx
        cmp ecx, 256
        jb 2b
        fninit
        mov eax, cr0
        mov home_cr0, eax

next:   dec dword ptr left
        js finish
        mov esi, here
        mov edi, offset current
        mov ecx, [esi + 128]
        shl ecx, 2
        add ecx, UNDO_AT / 4
        rep movsd
        mov esi, offset current
        mov ecx, [esi + 128]
        lea ebx, [esi + UNDO_AT]
        mov edi, offset undo
        jecxz 2f
1:      mov edx, [ebx]
        mov eax, [edx]
        mov [edi], eax
        mov eax, [edx + 4]
        mov [edi + 4], eax
        mov eax, [ebx + 8]
        mov [edx], eax
        mov eax, [ebx + 12]
        mov [edx + 4], eax
        add ebx, 16
        add edi, 8
        loop 1b
2:      mov eax, [esi + 112]
        lldt ax
        and byte ptr gdt[TSS_SELECTOR + 5], 0xfd
        mov eax, [esi + 120]
        ltr ax
        xor eax, eax
        mov cr2, eax
        mov eax, [esi + 80]
        test eax, eax
        jns 3f
        mov ecx, 0xc0000080
        mov eax, [esi + 104]
        xor edx, edx
        wrmsr
        mov eax, [esi + 96]
        mov cr4, eax
        mov eax, [esi + 88]
        mov cr3, eax
        mov eax, [esi + 80]
        mov cr0, eax
3:      mov fs, [esi + 72]
        mov gs, [esi + 72]
        mov eax, [esi + 40]
        test al, 3
        jnz 4f
        mov ss, [esi + 48]
        mov esp, [esi + 56]
        jmp 5f
4:      push [esi + 48]
        push [esi + 56]
5:      push [esi + 64]
        push [esi + 40]
        push [esi]
        mov eax, [esi + 8]
        mov ebx, [esi + 16]
        mov ecx, [esi + 24]
        mov edx, [esi + 32]
        mov es, [esi + 72]
        mov ds, [esi + 72]
        iretd

finish: mov al, 0x55
        out 0x80, al
        hlt

common: push edx
        push ecx
        push ebx
        push eax
        cld
        mov ebp, esp
        mov eax, ds
        mov ecx, es
        mov edx, DATA0
        mov ds, edx
        mov es, edx
        mov ebx, cr2
        mov edx, cr0
        mov esi, cr3
        mov edi, home_cr0
        mov cr0, edi
        xor edi, edi
        mov cr4, edi
        mov cr3, edi
        mov edi, result
        mov [edi + 100], esi
        mov [edi + 108], edx
        movzx eax, ax
        mov [edi + 96], eax
        movzx ecx, cx
        mov [edi + 104], ecx
        mov [edi + 56], ebx
        mov eax, [ebp + 16]
        mov [edi], eax
        mov eax, [ebp + 20]
        mov [edi + 8], eax
        mov eax, [ebp + 24]
        mov [edi + 16], eax
        movzx eax, word ptr [ebp + 28]
        mov [edi + 24], eax
        mov eax, [ebp + 32]
        mov [edi + 32], eax
        lea edx, [ebp + 36]
        mov ecx, ss
        test byte ptr [ebp + 28], 3
        jz 2f
        mov edx, [ebp + 36]
        mov ecx, [ebp + 40]
2:      mov [edi + 40], edx
        movzx ecx, cx
        mov [edi + 48], ecx
        mov eax, [ebp]
        mov [edi + 64], eax
        mov eax, [ebp + 4]
        mov [edi + 72], eax
        mov eax, [ebp + 8]
        mov [edi + 80], eax
        mov eax, [ebp + 12]
        mov [edi + 88], eax
        mov [edi + 112], fs
        mov [edi + 114], gs
        str word ptr [edi + 116]
        sldt word ptr [edi + 118]
        mov eax, DATA0
        mov ss, eax
        mov esp, offset stack_top
        mov ecx, current[128]
        jecxz 4f
3:      mov ebx, ecx
        shl ebx, 4
        mov edx, current[ebx + UNDO_AT - 16]
        mov eax, [edx]
        mov [edi + ecx * 8 + PEEKS_AT - 8], eax
        mov eax, [edx + 4]
        mov [edi + ecx * 8 + PEEKS_AT - 4], eax
        dec ecx
        jnz 3b
        mov ecx, current[128]
5:      mov ebx, ecx                            # backwards: two may name one place
        shl ebx, 4
        mov edx, current[ebx + UNDO_AT - 16]
        mov eax, undo[ecx * 8 - 8]
        mov [edx], eax
        mov eax, undo[ecx * 8 - 4]
        mov [edx + 4], eax
        dec ecx
        jnz 5b
4:      mov dword ptr [edi + 120], 1
        add dword ptr result, RECORD
        add dword ptr here, RECORD
        jmp next

        .balign 16
vectors:
        handlers

        .balign 8
gdtr:   .word gdt_end - gdt - 1
        .long gdt
idtr:   .word 0xc0 * 8 - 1                      # vectors from 0xc0 on lie beyond it
        .long idt

        .org 0x5000                             # a page of its own, for level 3 has it at another address too
        .include "stubs32.S"

        .org 0x6000
gdt:    .quad 0
        descriptor 0 0xfffff 0x9b 0xc           # 08 10: level 0
        descriptor 0 0xfffff 0x93 0xc
        descriptor 0 0xfffff 0xbb 0xc           # 18 20: level 1
        descriptor 0 0xfffff 0xb3 0xc
        descriptor 0 0xfffff 0xdb 0xc           # 28 30: level 2
        descriptor 0 0xfffff 0xd3 0xc
        descriptor 0 0xfffff 0xfb 0xc           # 38 40: level 3
        descriptor 0 0xfffff 0xf3 0xc
        descriptor 0 0xffff 0x9b 0x0            # 48 16-bit code, level 0
        descriptor 0 0xffff 0xfb 0x0            # 50 16-bit code, level 3
        .quad 0
        descriptor 0x11000 0x67 0x89 0x0        # 60 the TSS
        descriptor 0x11800 0x1f 0x82 0x0        # 68 the LDT
        .fill 34, 8, 0                          # 70
gdt_end:
        .org 0x7000
tss:    .long 0, stack_top, 0x10, stack1_top, 0x21, stack2_top, 0x32
        .fill 18, 4, 0
        .word 0, 0x68
        .org 0x7800
ldt:    .fill 4, 8, 0
        .org 0x8000
idt:    .fill 256, 8, 0
        .org 0x9000
current: .fill RECORD, 1, 0
undo:   .fill RECORD, 1, 0
left:   .long 0
here:   .long CASES
result: .long RESULTS
home_cr0: .long 0
        .org 0xa000
        .fill 0x800, 1, 0
stack2_top:
        .fill 0x400, 1, 0
stack1_top:
        .fill 0x400, 1, 0
stack_top:
        .fill 0x1000, 1, 0
case_stack_top:

# Two sets of tables: memory to 4 MiB as it is, for level 0, and the page of the stubs 4 MiB higher for level 3.
        .balign 0x1000
directory: .long low + 3, alias + 7
        .fill 1022, 4, 0
low:    .set i, 0
        .rept 1024
        .long i * 0x1000 + 3
        .set i, i + 1
        .endr
alias:  .fill 15, 4, 0
        .long 0xf000 + 7
        .fill 1008, 4, 0
pae_directory: .quad 0x83, 0x200083, pae_alias + 7
        .fill 509, 8, 0
pae_alias: .fill 15, 8, 0
        .quad 0xf000 + 7
        .fill 496, 8, 0
pointers: .quad pae_directory + 1, 0x21001, 0, 0 # the second GiB is the cases'
