# A kernel that javisor and QEMU both take: entered in 32-bit mode by the PVH protocol, it goes to 64-bit mode and runs the loops of loops.S. It
# writes a dot to the serial port before the first one and after each, and then halts. 64 MiB of memory will do.
        .section .note.Xen, "a", @note
        .long 4, 4, 18          # XEN_ELFNOTE_PHYS32_ENTRY (xen/include/public/elfnote.h)
        .asciz "Xen"
        .long _start

        .bss
        .balign 4096
pml4:   .skip 4096
pdpt:   .skip 4096
pd:     .skip 4096
        .skip 4096
stack:

        .data
        .balign 8
gdt:    .quad 0, 0x00af9b000000ffff, 0x00cf93000000ffff
gdtr:   .word . - gdt - 1
        .long gdt

        .text
        .code32
        .globl _start
# The first GiB, where it is, by pages of 2 MiB: present, writable, and large in the last table.
_start: movl $pdpt + 3, pml4
        movl $pd + 3, pdpt
        xorl %ecx, %ecx
        movl $0x83, %eax
1:      movl %eax, pd(,%ecx,8)
        addl $0x200000, %eax
        incl %ecx
        cmpl $512, %ecx
        jb 1b
        movl $pml4, %eax
        movl %eax, %cr3
        movl $0x620, %eax       # PAE, OSFXSR, OSXMMEXCPT
        movl %eax, %cr4
        movl $0xc0000080, %ecx  # EFER: LME
        movl $0x100, %eax
        xorl %edx, %edx
        wrmsr
        movl $0x80000023, %eax  # PG, NE, MP, PE
        movl %eax, %cr0
        lgdt gdtr
        ljmp $8, $2f
        .code64
2:      movl $16, %eax
        movl %eax, %ss
        movl %eax, %ds
        movl %eax, %es
        movl $stack, %esp
        fninit
# QEMU's TLB has 256 entries until a flush finds it full, as an operating system's soon does: without any the sieve would measure misses.
        movl $8, %edx
5:      movl $bytes, %ebx
        movl $512, %ecx
6:      movb (%rbx), %al
        movb %al, (%rbx)
        addl $4096, %ebx
        decl %ecx
        jnz 6b
        movq %cr3, %rax
        movq %rax, %cr3
        decl %edx
        jnz 5b
        call dot
        movl $loops, %ebx
3:      movq (%rbx), %rax
        testq %rax, %rax
        jz 4f
        pushq %rbx
        call *%rax
        popq %rbx
        call dot
        addl $8, %ebx
        jmp 3b
4:      hlt
        jmp 4b
dot:    movw $0x3f8, %dx
        movb $'.', %al
        outb %al, %dx
        ret

        .section .note.GNU-stack, "", @progbits
