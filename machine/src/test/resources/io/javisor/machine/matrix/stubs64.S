# What a case may do in 64-bit code; much of it means the same in 32-bit code. Operands are in RAX, RBX, RCX and RDX.

        .macro done
        int 0x81
        .endm

landing: done
read:   mov eax, [rbx]
        done
write:  mov [rbx], ax
        done
fetch:  jmp rbx

        .irp register, ds, es, fs, gs, ss
mov_\register: mov \register, eax
        done
        .endr
jmp_far: jmp fword ptr [rbx]
jmp_far64: .byte 0x48, 0xff, 0x2b
call_far: call fword ptr [rbx]
        done
call_far64: .byte 0x48, 0xff, 0x1b
        done
ret_far: push rdx
        push rcx
        push rax
        push rbx
        retfq
ret_far32: sub rsp, 16
        mov [rsp], ebx
        mov [rsp + 4], eax
        mov [rsp + 8], ecx
        mov [rsp + 12], edx
        .byte 0xcb
ret_interrupt: push rdx
        push rcx
        pushfq
        push rax
        push rbx
        iretq
lar_:   lar ecx, eax
        done
lsl_:   lsl ecx, eax
        done
verr_:  verr ax
        done
verw_:  verw ax
        done
lldt_:  lldt ax
        done
ltr_:   ltr ax
        done
lgdt_:  sgdt [rbx + 16]
        lgdt [rbx]
        sgdt [rbx + 32]
        lgdt [rbx + 16]
        done
lidt_:  sidt [rbx + 16]
        lidt [rbx]
        sidt [rbx + 32]
        lidt [rbx + 16]
        done
int_90: int 0x90
after_int: done
int_f0: int 0xf0
breakpoint: int3
        done
undefined: ud2
divide: xor ecx, ecx
        div ecx
wrmsr_: wrmsr
        done
fs_read: mov eax, fs:[rbx]
        done
gs_write: mov gs:[rbx], eax
        done
with_fs: wrmsr                                  # ECX names FS's base; then a read at RBX
        mov eax, fs:[rbx]
        xor eax, eax
        xor edx, edx
        wrmsr
        done
stack_read: mov rsp, rbx
        mov eax, [rsp]
        done
frame_read: mov rbp, rbx
        mov eax, [rbp]
        done
stack_push: mov rsp, rbx
        push rax
        done
stack_pop: mov rsp, rbx
        pop rax
        done
stack_call: mov rsp, rbx
        call landing
stack_ret: mov rsp, rbx
        ret
read8:  mov rax, [rbx]
        done
write8: mov [rbx], rax
        done
jump:   jmp rbx
popped: mov rax, [rsp]                          # a gate's target: its frame
        mov rbx, [rsp + 8]
        mov rcx, [rsp + 16]
        mov rdx, [rsp + 24]
        done
