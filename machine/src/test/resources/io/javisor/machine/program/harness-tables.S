# The harness's tables and stacks.

        .balign 16
        .macro descriptor base limit type flags # type: the byte with P, DPL, S; flags: G, D, L, AVL
        .word \limit & 0xffff, \base & 0xffff
        .byte (\base >> 16) & 0xff, \type, (\flags << 4) | (\limit >> 16), \base >> 24
        .endm
gdt:    .quad 0
        descriptor 0 0xfffff 0x9b 0xa           # 08 64-bit code
        descriptor 0 0xfffff 0x93 0xc           # 10 data
        descriptor 0 0xfffff 0xfb 0xc           # 18 32-bit code, level 3
        descriptor 0 0xfffff 0xf3 0xc           # 20 data, level 3
        descriptor 0 0xfffff 0xfb 0xa           # 28 64-bit code, level 3
        descriptor WINDOW 0xfffff 0xfb 0x8       # 30 16-bit code, level 3
        descriptor WINDOW 0xfffff 0xf3 0x8       # 38 16-bit data, level 3
        descriptor WINDOW 0xfffff 0xfb 0xc       # 40 32-bit code, level 3
        descriptor WINDOW 0x3fff 0xf7 0x4       # 48 data that expands down, level 3
        descriptor WINDOW 0x3fff 0xf7 0x0       # 50 16-bit data that expands down, level 3
        descriptor 0 0xfffff 0x9f 0xa           # 58 conforming 64-bit code
        descriptor 0 0xfffff 0x73 0xc           # 60 data that is not present
        descriptor 0 0xfffff 0xf1 0xc           # 68 read-only data, level 3
        descriptor 0 0xfffff 0xf9 0xc           # 70 execute-only 32-bit code, level 3
        descriptor 0 0xfffff 0x9b 0xc           # 78 32-bit code
        descriptor WINDOW 0xfffff 0x9b 0x8       # 80 16-bit code
        descriptor WINDOW 0xfffff 0x93 0x8       # 88 16-bit data
        .quad 0, 0                              # 90 the TSS
        .quad 0, 0                              # a0 the LDT
        .word (gate_target - HIGH - 0x100000) + 0, 8, 0xec00, 0x8010 # b0 a call gate, level 3
        .long 0xffffffff, 0
        .word (gate_target - HIGH - 0x100000) + 0, 8, 0x8c00, 0x8010 # c0 a call gate, level 0
        .long 0xffffffff, 0
        descriptor WINDOW 0x2fff 0xf3 0x4       # d0 data of 12 KiB, level 3
        descriptor 0 0xfffff 0xff 0xc           # d8 conforming 32-bit code, level 3
        descriptor 0 0xfffff 0x92 0xc           # e0 data not accessed
        descriptor 0 0xfffff 0xf2 0xc           # e8 data not accessed, level 3
        descriptor 0 0xfffff 0xfb 0xa           # f0 more 64-bit code, level 3
        descriptor WINDOW 0xfffff 0xf3 0xc      # f8 data, level 3
        descriptor WINDOW 0xffff 0xf3 0x0       # 100 16-bit data of 64 KiB, level 3
        descriptor WINDOW 0xffff 0xfb 0x0       # 108 16-bit code of 64 KiB, level 3
gdt_end:
ldt:    descriptor 0 0xfffff 0xf2 0xc           # 04 data not accessed, level 3
        descriptor 0 0xfffff 0xfb 0xc           # 0c 32-bit code, level 3
        descriptor WINDOW 0xffff 0xf2 0x4       # 14 data
        descriptor 0 0xfffff 0x7b 0xc           # 1c code that is not present
ldt_end:
        .balign 16
live_gdt: .fill gdt_end - gdt
live_ldt: .fill ldt_end - ldt
        .fill live_gdt + 5 * 64 - .

gate_target:                                    # of the call gate: back at once, with a mark
        mov r15d, 0x6a7e
        retfq

        .balign 16
tss:    .long 0
        .quad gate_stack_top                    # RSP0
        .quad 0, 0, 0
        .quad fault_stack_top, timer_stack_top, 0, 0, 0, 0, 0
        .quad 0
        .word 0, 0x68
        .fill 0x1000, 1, 0xff                   # all ports are closed at level 3
        .balign 64
fx_start: .word 0x37f, 0, 0, 0
        .quad 0, 0
        .long 0x1f80, 0xffff
        .fill 128
        .set i, 1
        .rept 32
        .quad i * 0x9e3779b97f4a7c15
        .set i, i + 1
        .endr
        .balign 64
fx_end: .fill 512

        .balign 4096
pml4:   .quad pdpt_lo - HIGH + 7
        .fill 510, 8, 0
        .quad pdpt_hi - HIGH + 3
pdpt_lo: .quad pd_lo - HIGH + 7
        .fill 511, 8, 0
pd_lo:  .quad 0x83
        .fill 511, 8, 0
pt:     .fill 512, 8, 0
pdpt_hi: .fill 510, 8, 0
        .quad pd_hi - HIGH + 3, 0
pd_hi:  .quad 0x83, 0x200083, 0x400083, 0x600083, 0, 0, 0, 0, 0xfee00093
        .fill 503, 8, 0
idt:    .fill 4096
        .fill 4096
stack_top:
        .fill 2048
fault_stack_top:
        .fill 1024
timer_stack_top:
        .fill 1024
gate_stack_top:
