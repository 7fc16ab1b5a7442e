# What matrix32.S and matrix64.S share: the layout of cases and results, and their tables' entries.

        .equ CASES, 0x800000
        .equ RESULTS, 0xc00000
        .equ RECORD, 512
        .equ UNDO_AT, 136                       # of pokes in a case
        .equ PEEKS_AT, 128                      # in a result
        .equ TSS_SELECTOR, 0x60
        .equ DATA0, 0x10

# 16 bytes a vector: an error code if the processor has none, the vector, and on to common.
        .macro handlers
        .set i, 0
        .rept 256
        .balign 16
        .if !(i == 8 || (i >= 10 && i <= 14) || i == 17)
        push 0
        .endif
        push i
        jmp common
        .set i, i + 1
        .endr
        .endm

        .macro descriptor base limit type flags # type: the byte with P, DPL, S; flags: G, D, L, AVL
        .word \limit & 0xffff, \base & 0xffff
        .byte (\base >> 16) & 0xff, \type, (\flags << 4) | (\limit >> 16), \base >> 24
        .endm
