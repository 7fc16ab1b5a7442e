# A kernel that javisor and QEMU both take: entered in 32-bit mode by the PVH protocol, it writes a character to the serial port and
# halts.
        .section .note.Xen, "a", @note
        .long 4, 4, 18          # XEN_ELFNOTE_PHYS32_ENTRY (xen/include/public/elfnote.h)
        .asciz "Xen"
        .long _start

        .text
        .code32
        .globl _start
_start: movw $0x3f8, %dx
        movb $'x', %al
        outb %al, %dx
1:      hlt
        jmp 1b
