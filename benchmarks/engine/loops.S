# Six loops of 64-bit code, the same bytes for the host's processor (native.c) and for a guest (guest.S). Each is a function that takes nothing.
# `loops` lists them, a null ends it; benchmarks/engine-guests names them in this order.
        .data
        .balign 8
        .globl loops
loops:  .quad sieve, xor, crc, fib, sse2, x87, 0
ones:   .double 1, 1
halves: .double 0.5, 0.5

        .bss
        .balign 4096
        .globl bytes
bytes:  .skip 2 << 20
# No page of bytes that crc reads is this far or a multiple of 256 pages more or less from table: in a small direct-mapped TLB they would fight.
        .skip 248 * 4096
table:  .skip 1 << 10

        .text
# Marks the multiples of 2 to 999 below 2,000,000, 20 times: 1 store in 4.
sieve:  movl $20, %r9d
1:      movl $2, %eax
2:      leal (%rax,%rax), %ecx
3:      movb $1, bytes(%rcx)
        addl %eax, %ecx
        cmpl $2000000, %ecx
        jb 3b
        incl %eax
        cmpl $1000, %eax
        jb 2b
        decl %r9d
        jnz 1b
        ret

# Mixes 32,768 longs, 2,000 times: 1 load in 6.
xor:    movl $2000, %r9d
1:      movl $bytes, %esi
        movl $32768, %ecx
2:      movq (%rsi), %rax
        xorq %rax, %rdx
        rolq $7, %rdx
        addq $8, %rsi
        decl %ecx
        jnz 2b
        decl %r9d
        jnz 1b
        ret

# The CRC-32 of 1,000,000 bytes, 60 times, after its table (polynomial 0xedb88320): 2 loads in 8.
crc:    xorl %ecx, %ecx
1:      movl %ecx, %eax
        movl $8, %edx
2:      shrl $1, %eax
        jnc 3f
        xorl $0xedb88320, %eax
3:      decl %edx
        jnz 2b
        movl %eax, table(,%rcx,4)
        incl %ecx
        cmpl $256, %ecx
        jb 1b
        movl $60, %r9d
        movl $-1, %eax
1:      movl $bytes, %esi
        movl $table, %edi
        movl $1000000, %r8d
2:      movzbl (%rsi), %edx
        xorl %eax, %edx
        movzbl %dl, %edx
        shrl $8, %eax
        xorl (%rdi,%rdx,4), %eax
        incq %rsi
        decl %r8d
        jnz 2b
        decl %r9d
        jnz 1b
        ret

# The 32nd Fibonacci number by recursion: call, ret, push and pop.
fib:    movl $32, %edi
1:      pushq %rbx
        pushq %rbp
        movl %edi, %ebx
        cmpl $2, %edi
        jb 2f
        leal -1(%rdi), %edi
        call 1b
        movl %eax, %ebp
        leal -2(%rbx), %edi
        call 1b
        addl %ebp, %eax
        popq %rbp
        popq %rbx
        ret
2:      movl %edi, %eax
        popq %rbp
        popq %rbx
        ret

# x = x / 2 + 1 for two doubles at once, 20,000,000 times.
sse2:   movl $20000000, %ecx
        movupd ones, %xmm0
        movupd ones, %xmm1
        movupd halves, %xmm2
1:      mulpd %xmm2, %xmm0
        addpd %xmm1, %xmm0
        decl %ecx
        jnz 1b
        ret

# The same on the x87 stack, 1,000,000 times.
x87:    movl $1000000, %ecx
        fld1
        fldl halves
        fld1
1:      fmul %st(1), %st
        fadd %st(2), %st
        decl %ecx
        jnz 1b
        fstp %st(0)
        fstp %st(0)
        fstp %st(0)
        ret

        .section .note.GNU-stack, "", @progbits
