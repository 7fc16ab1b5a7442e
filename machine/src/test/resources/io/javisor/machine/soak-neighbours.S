# The processors beside the one that echoes: a part of soak.S.

        .code16
trampoline:
        cli
        mov ax, cs
        mov ds, ax
        lgdt [gdtr - trampoline]
        mov eax, cr0
        or al, 1
        mov cr0, eax
        .byte 0x66, 0xea
        .long neighbour
        .word 8
gdtr:   .word gdt_end - gdt - 1
        .long gdt
trampoline_end:

# ESI: the registers of a device, EBX: a MiB of memory for it, EDI: this processor's memory, EBP: the random numbers' state
        .code32
neighbour:
        mov eax, 0x10
        mov ds, eax
        mov es, eax
        mov ss, eax
        mov eax, 1
        lock xadd neighbours, eax
        mov esp, eax
        shl esp, 12
        add esp, STACK_TOP + 0x1000
        imul ebp, eax, 0x9e3779b9
        add ebp, seed
        jnz 1f
        inc ebp
1:      mov edi, eax
        shl edi, 22
        add edi, 0x1000000
        cmp byte ptr merely_busy, 0
        jne busy
        push edi                                # all pages are there from the start
        mov ecx, 0x400000 / 4
        xor eax, eax
        rep stosd
        pop edi

storm:  call is_flood_due
        je flood
        call random
        mov esi, eax
        and esi, 0x1000
        mov ebx, esi
        shl ebx, 8
        add ebx, edi
        add esi, VIRTIO
        call random
        and eax, 7
        cmp eax, 3
        jb registers
        cmp eax, 6
        jb rings
        je resets

chips:  mov ecx, 64
1:      call count
        call random
        mov edx, eax
        shr edx, 24
        and edx, 15
        mov dx, word ptr ports[edx * 2]
        test eax, 0x100
        jz 2f
        out dx, al
        jmp 3f
2:      in al, dx
3:      dec ecx
        jnz 1b
        jmp storm

registers:
        mov ecx, 64
1:      push ecx
        call count
        call random
        mov ecx, eax                            # what to do
        mov edx, eax
        and edx, 0x1ff
        call random
        push ecx
        shr ecx, 25
        shr eax, cl
        pop ecx
        test ecx, 0x30000
        jz 5f
        and edx, 0x1fc
        test ecx, 0x40000
        jz 4f
        cmp edx, 0x80
        jb 3f
        cmp edx, 0xb0
        jae 3f
        test dl, 4                              # where a queue lies: here, or beyond all memory
        jnz 2f
        and eax, 0xffff0
        add eax, ebx
        jmp 3f
2:      test ecx, 0x700000
        jnz 6f
        or eax, 1
        jmp 3f
6:      xor eax, eax
3:      mov [esi + edx], eax
        jmp 9f
4:      mov eax, [esi + edx]
        jmp 9f
5:      test ecx, 0x40000
        jz 7f
        mov [esi + edx], ax
        jmp 9f
7:      mov al, [esi + edx]
9:      pop ecx
        dec ecx
        jnz 1b
        jmp storm

rings:  call set_up
        mov ecx, 256
1:      push ecx
        call count
        call random
        mov edx, eax
        and edx, 63 * 16
        add edx, ebx
        call descriptor
        call request_header
        call random
        movzx ecx, word ptr [ebx + 0x1002]
        and ecx, 63
        test eax, 0x3f0000
        jz 2f
        and eax, 63
2:      mov [ebx + 0x1004 + ecx * 2], ax
        call random
        test eax, 0x3f0000
        jz 3f
        and eax, 1
        inc eax
3:      add [ebx + 0x1002], ax
        mov dword ptr [esi + 0x50], 0
        mov eax, [esi + 0x70]
        test al, 0x40                           # NEEDS_RESET
        jz 4f
        call set_up
4:      pop ecx
        dec ecx
        jnz 1b
        jmp storm

resets: mov ecx, 64
1:      push ecx
        call count
        call random
        test al, 3
        jp 2f
        call set_up
        mov dword ptr [ebx + 0x1000], 0x400000  # all of a sudden 64 requests
        mov dword ptr [esi + 0x50], 0
        jmp 4f
2:      test al, 4
        jz 3f
        mov dword ptr [esi + 0x44], 0           # QueueReady
        mov dword ptr [esi + 0xc0], 1           # QueueReset
        jmp 4f
3:      mov dword ptr [esi + 0x70], 1
        mov dword ptr [esi + 0x70], 0xf
4:      mov dword ptr [esi + 0x70], 0
        pop ecx
        dec ecx
        jnz 1b
        jmp storm

# A driver that refills the entropy device's queue as fast as it is emptied, and asks for as much as there can be: both processors, of which
# the first sets it up.
flood:  mov esi, VIRTIO + 0x1000
        mov ebx, 0x1800000
1:      test edi, 0x400000
        jnz 2f
        mov eax, [esi + 0x70]
        cmp eax, 0xf
        je 2f
        call begin_set_up
        mov ecx, 64                             # each chain goes through all the table's rest: of 7 to 445 MiB
        mov edx, ebx
        mov eax, 0x10003                        # NEXT, WRITE
3:      mov [edx], ebx
        add dword ptr [edx], 0x10000
        mov dword ptr [edx + 4], 0
        mov dword ptr [edx + 8], 0x6f0000
        mov [edx + 12], eax
        add edx, 16
        add eax, 0x10000
        dec ecx
        jnz 3b
        mov dword ptr [edx - 4], 2
4:      mov [ebx + 0x1004 + ecx * 2], cx
        inc ecx
        cmp ecx, 64
        jb 4b
        call end_set_up
2:      call count
        mov dword ptr [esi + 0x50], 0
        mov edx, 4096
5:      mov ax, [ebx + 0x1002]
        mov cx, [ebx + 0x2002]
        add cx, 64
        cmp ax, cx
        je 6f
        lock cmpxchg [ebx + 0x1002], cx
6:      dec edx
        jnz 5b
        call is_flood_due
        je 1b
        jmp storm

busy:   call count
        mov ecx, 4096
1:      call random
        dec ecx
        jnz 1b
        jmp busy

# Of each 37 s the second quarter.
is_flood_due:
        mov edx, 0x608
        in eax, dx
        shr eax, 25
        and eax, 3
        cmp eax, 1
        ret

count:  mov eax, edi
        shr eax, 20
        and eax, 4
        inc dword ptr actions[eax]
        ret

random: mov eax, ebp
        shl eax, 13
        xor ebp, eax
        mov eax, ebp
        shr eax, 17
        xor ebp, eax
        mov eax, ebp
        shl eax, 5
        xor ebp, eax
        mov eax, ebp
        ret

# Brings up queue 0 of the device with random features and descriptors.
set_up: call begin_set_up
        mov edx, ebx                            # the table, then an indirect one
        push ebx
1:      call descriptor
        add edx, 16
        mov eax, edx
        sub eax, [esp]
        cmp eax, 0x400
        jne 2f
        add edx, 0x4000 - 0x400
2:      cmp eax, 0x4400
        jb 1b
        pop ebx
        call request_header
        call end_set_up
        ret

begin_set_up:
        mov dword ptr [esi + 0x70], 0
        mov dword ptr [esi + 0x70], 1
        mov dword ptr [esi + 0x70], 3
        mov dword ptr [esi + 0x14], 0
        mov dword ptr [esi + 0x24], 0
        mov ecx, [esi + 0x10]
        call random
        and eax, ecx
        mov [esi + 0x20], eax
        mov dword ptr [esi + 0x24], 1
        mov dword ptr [esi + 0x20], 1
        mov dword ptr [esi + 0x70], 0xb
        mov dword ptr [esi + 0x30], 0
        mov dword ptr [esi + 0x38], 64
        mov [esi + 0x80], ebx
        mov dword ptr [esi + 0x84], 0
        lea eax, [ebx + 0x1000]
        mov [esi + 0x90], eax
        mov dword ptr [esi + 0x94], 0
        add eax, 0x1000
        mov [esi + 0xa0], eax
        mov dword ptr [esi + 0xa4], 0
        mov dword ptr [ebx + 0x1000], 0
        mov dword ptr [ebx + 0x2000], 0
        ret

end_set_up:
        mov dword ptr [esi + 0x44], 1
        mov dword ptr [esi + 0x70], 0xf
        ret

# Writes a descriptor to EDX; keeps it. Addresses are in this MiB or beyond all memory, indirect tables where no device writes.
descriptor:
        call random
        mov ecx, eax
        and eax, 0x7fff0
        add eax, 0x10000
        test ecx, ecx
        jns 1f
        and eax, 0x10070                        # a request's header
1:      test cl, 4
        jz 2f
        and eax, 0x3f0
        add eax, 0x4000
2:      add eax, ebx
        mov [edx], eax
        xor eax, eax
        test ecx, 0xf000000
        jnz 3f
        mov eax, ecx
        or al, 1
3:      mov [edx + 4], eax
        call random
        test eax, 0x70000000
        jz 4f
        and eax, 0xfff
4:      and eax, 0xffffff
        mov [edx + 8], eax
        mov eax, ecx
        shl eax, 8
        and eax, 0x3f0000
        and ecx, 7
        or eax, ecx
        mov [edx + 12], eax
        ret

# One of eight, of a random request to the disk.
request_header:
        call random
        mov ecx, eax
        and ecx, 0x70
        lea ecx, [ecx + ebx + 0x10000]
        mov edx, eax
        shr edx, 8
        and edx, 15
        mov [ecx], edx
        shr eax, 20
        mov [ecx + 8], eax
        mov dword ptr [ecx + 12], 0
        ret
