# The harness's handlers of interrupts and exceptions, and the end of a case.

timer:  push rax
        movabs rax, APIC
        mov dword ptr [rax + 0xb0], 0
        mov dword ptr fired[rip], 1             # set again here, it could fire before the case goes on, for ever
        pop rax
spurious:
        iretq

        .balign 16
stubs:  .set i, 0
        .rept 256
        .balign 16
        .if !(i == 8 || (i >= 10 && i <= 14) || i == 17)
        push 0
        .endif
        push i
        jmp common
        .set i, i + 1
        .endr

system_call:
        mov user_rsp[rip], rsp
        lea rsp, stack_top[rip]
        push 0x23
        push user_rsp[rip]
        push r11
        push 0x2b
        push rcx
        push 0
        push 0x100
common: push r15
        push r14
        push r13
        push r12
        push r11
        push r10
        push r9
        push r8
        push rdi
        push rsi
        push rbp
        push 0
        push rbx
        push rdx
        push rcx
        push rax
        cld
        mov rbx, rsp
        mov r12, here[rip]
        mov r13, out_page[rip]
        mov rdx, [rbx + VECTOR]
        xor eax, eax
        .set i, 0
        .rept 16
        crc32 rax, qword ptr [rbx + i * 8]
        .set i, i + 1
        .endr
        mov r15, rax
        mov r14, faults[rip]
        inc qword ptr faults[rip]
        cmp r14, RECORD_COUNT
        jae recorded
        mov rdi, r14
        shl rdi, 6
        lea rdi, [rdi + r13 + RECORDS]
        mov eax, edx
        mov [rdi], ax
        mov rax, [rbx + F_CS]
        mov [rdi + 2], ax
        mov rax, [rbx + F_SS]
        mov [rdi + 4], ax
        mov [rdi + 6], ds
        mov rax, [rbx + F_ERROR]
        mov [rdi + 8], rax
        mov rax, [rbx + F_RIP]
        mov [rdi + 16], rax
        mov rax, [rbx + F_RFLAGS]
        and eax, ~RF
        cmp edx, 0x80
        jae 2f
        cmp edx, 3
        je 2f
        cmp edx, 4
        je 2f
        and eax, ~(STATUS | RF)                 # a fault's may be older than the instruction
2:      mov [rdi + 24], rax
        mov rax, [rbx + F_RSP]
        mov [rdi + 32], rax
        xor eax, eax
        cmp edx, 14
        jne 3f
        mov rax, cr2
3:      cmp edx, 1
        jne 4f
        mov rax, dr6
4:      mov [rdi + 40], rax
        mov [rdi + 48], r15
        mov [rdi + 56], es
        mov [rdi + 58], fs
        mov [rdi + 60], gs
recorded:
        cmp dword ptr fired[rip], 0
        je 5f
        mov dword ptr fired[rip], 0
        movabs rdi, APIC
        mov eax, [r12 + C_TIMER]
        mov [rdi + 0x380], eax
5:      cmp edx, 0x80
        je pass_end
        cmp edx, 8
        je finish
        cmp qword ptr faults[rip], FAULTS_MAX
        ja finish
        cmp edx, 0x80
        ja resume
        cmp edx, 3
        je resume
        cmp edx, 4
        je resume
        cmp edx, 1
        je debug
        mov rax, [rbx + F_RIP]
        cmp rax, 0x10000
        jae 1f
        add rax, WINDOW
1:      sub rax, [r12 + C_CODE]
        cmp rax, [r12 + C_CODE_SIZE]
        jae pass_end                            # it went astray
        movzx ecx, word ptr [r12 + rax * 2 + C_NEXT]
        sub rcx, rax
        add [rbx + F_RIP], rcx
        and dword ptr [rbx + F_RFLAGS], ~STATUS
        or dword ptr [rbx + F_RFLAGS], 0x85
resume: pop rax
        pop rcx
        pop rdx
        pop rbx
        add rsp, 8
        pop rbp
        pop rsi
        pop rdi
        pop r8
        pop r9
        pop r10
        pop r11
        pop r12
        pop r13
        pop r14
        pop r15
        cmp dword ptr [rsp], 0x100
        je 1f
        add rsp, 16
        iretq
1:      mov rsp, [rsp + 40]
        sysretq

debug:  mov rax, dr6
        mov ecx, 0xffff0ff0
        mov dr6, rcx
        test eax, 0x4000
        jz resume
        inc dword ptr debugs[rip]
        test dword ptr debugs[rip], 3
        jnz resume
        and dword ptr [rbx + F_RFLAGS], ~0x100
        jmp resume

pass_end:
        dec qword ptr passes[rip]
        jz finish
        cmp qword ptr faults[rip], FAULTS_MAX
        ja finish
        call fill_fuel
        mov rax, [r12 + C_RIP]
        mov [rbx + F_RIP], rax
        mov rax, [r12 + C_CS]
        mov [rbx + F_CS], rax
        mov rax, [r12 + C_SS]
        mov [rbx + F_SS], rax
        mov rax, [r12 + C_GPR + 32]
        mov [rbx + F_RSP], rax
        mov rax, [rbx + F_RFLAGS]
        and eax, STATUS
        or rax, [r12 + C_RFLAGS]
        mov [rbx + F_RFLAGS], rax
        mov rax, [r12 + C_GPR + 24]
        mov [rbx + 24], rax
        mov rax, [r12 + C_GPR + 40]
        mov [rbx + 40], rax
        mov rax, [r12 + C_GPR + 48]
        mov [rbx + 48], rax
        mov rax, [r12 + C_GPR + 56]
        mov [rbx + 56], rax
        mov rax, [r12 + C_GPR + 112]
        mov [rbx + 112], rax
        mov ds, word ptr [r12 + C_SEGMENTS]
        mov es, word ptr [r12 + C_SEGMENTS + 2]
        cmp qword ptr [rbx + VECTOR], 0x100
        jne resume
        mov qword ptr [rbx + VECTOR], 0x80      # back by IRETQ
        jmp resume

finish: movabs rdi, APIC
        mov dword ptr [rdi + 0x380], 0
        sti                                     # one that is pending belongs to no other case
        nop
        cli
        mov rdi, r13
        mov rsi, rbx
        mov ecx, 16
        rep movsq
        mov rax, [rbx + F_RSP]
        mov [r13 + 32], rax
        mov rax, [rbx + F_RIP]
        mov [r13 + 128], rax
        mov rax, [rbx + F_RFLAGS]
        and eax, ~RF
        cmp qword ptr [rbx + VECTOR], 0x80
        je 1f
        and eax, ~STATUS
1:      mov [r13 + 136], rax
        mov rax, [rbx + F_CS]
        mov [r13 + 144], ax
        mov rax, [rbx + F_SS]
        mov [r13 + 146], ax
        mov [r13 + 148], ds
        mov [r13 + 150], es
        mov [r13 + 152], fs
        mov [r13 + 154], gs
        mov rax, faults[rip]
        mov [r13 + 160], rax
        movabs rsi, DATA
        mov ecx, DATA_PAGES * 64
        call digest
        mov [r13 + 168], rax
        lea rsi, pt[rip]
        xor eax, eax
        xor ecx, ecx
2:      mov rdx, [rsi + rcx * 8]
        and edx, 0x40
        shl rdx, cl
        or rax, rdx
        inc ecx
        cmp ecx, 16
        jb 2b
        mov [r13 + 176], rax
        mov eax, 0x80010033
        mov cr0, rax
        fxsave64 fx_end[rip]
        lea rsi, fx_end + 160[rip]
        mov ecx, 4
        call digest
        mov [r13 + 184], rax
        mov eax, fx_end + 24[rip]
        mov [r13 + 232], eax
        lea rsi, live_gdt[rip]
        mov ecx, 5                              # 320 bytes
        call digest
        mov [r13 + 192], rax
        mov edi, 200
        mov ecx, 0xc0000100
        call read_base
        mov ecx, 0xc0000101
        call read_base
        mov ecx, 0xc0000102
        call read_base
        mov rax, passes[rip]
        mov [r13 + 224], rax
        add qword ptr here[rip], CASE_SIZE
        add qword ptr out_page[rip], 0x1000
        lea rsp, stack_top[rip]
        jmp next

read_base:
        rdmsr
        mov [r13 + rdi], eax
        mov [r13 + rdi + 4], edx
        add edi, 8
        ret

digest: xor eax, eax                            # of RCX times 64 bytes at RSI
1:      .set i, 0
        .rept 8
        crc32 rax, qword ptr [rsi + i * 8]
        .set i, i + 1
        .endr
        add rsi, 64
        dec ecx
        jnz 1b
        ret
