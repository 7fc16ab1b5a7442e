# What a case may do in 16- and 32-bit code. Its operands are in EAX, EBX, ECX and EDX.

        .macro done
        int 0x81
        .endm

landing: done
read:   mov eax, [ebx]
        done
write:  mov [ebx], ax
        done
fetch:  jmp ebx

        .irp register, ds, es, fs, gs, ss
mov_\register: mov \register, ax
        done
        .endr
pop_ss: push eax
        pop ss
        done
lds_:   lds ecx, [ebx]
        done
jmp_far: jmp fword ptr [ebx]
call_far: call fword ptr [ebx]
        done
ret_far: push edx
        push ecx
        push eax
        push ebx
        retf
ret_interrupt: push edx
        push ecx
        pushfd
        push eax
        push ebx
        iretd
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
lgdt_:  sgdt [ebx + 16]
        lgdt [ebx]
        sgdt [ebx + 32]
        lgdt [ebx + 16]
        done
lgdt16_: sgdt [ebx + 16]
        data16 lgdt [ebx]
        sgdt [ebx + 32]
        lgdt [ebx + 16]
        done
int_90: int 0x90
after_int: done
int_f0: int 0xf0
breakpoint: int3
        done
undefined: ud2
divide: xor ecx, ecx
        div ecx
popped: mov eax, [esp]                          # a call gate's target: its frame
        mov ebx, [esp + 4]
        mov ecx, [esp + 8]
        mov edx, [esp + 12]
        done
gate_back: retf 8                               # two parameters of 4 bytes
task_return: iretd
after_task_return: done
read_and_jump: mov eax, [ecx]
        jmp fword ptr [ebx]

# Control registers, and what a PDPTE that is written meanwhile comes to.
set_paging: mov cr4, ecx
        mov cr3, ebx
set_cr0: mov cr0, eax
        done
set_cr3: mov cr3, eax
        done
set_cr4: mov cr4, eax
        done
        .macro meanwhile name, instruction:vararg
meanwhile_\name: mov [ecx], eax
        \instruction
        mov eax, [ebx]
        done
        .endm
        meanwhile nothing, nop
        meanwhile invlpg, invlpg [ebx]
        meanwhile cr0, mov cr0, edx
        meanwhile cr3, mov cr3, edx
        meanwhile cr4, mov cr4, edx

# Accesses through a register that was loaded with AX: segment, what, size.
        .macro accesses prefix, register, address
\prefix\()_\register\()_read1: mov \register, ax
        mov al, \register:[\address]
        done
\prefix\()_\register\()_read2: mov \register, ax
        mov ax, \register:[\address]
        done
\prefix\()_\register\()_read4: mov \register, ax
        mov eax, \register:[\address]
        done
\prefix\()_\register\()_read8: mov \register, ax
        fild qword ptr \register:[\address]
        fstp st(0)
        done
\prefix\()_\register\()_write1: mov \register, ax
        mov byte ptr \register:[\address], 0
        done
\prefix\()_\register\()_write2: mov \register, ax
        mov word ptr \register:[\address], 0
        done
\prefix\()_\register\()_write4: mov \register, ax
        mov dword ptr \register:[\address], 0
        done
\prefix\()_\register\()_write8: mov \register, ax
        fldz
        fistp qword ptr \register:[\address]
        done
        .endm
        accesses wide, ds, ebx
        accesses wide, ss, ebx
        .code16
        accesses narrow, ds, bx
        accesses narrow, ss, bx
        .code32
