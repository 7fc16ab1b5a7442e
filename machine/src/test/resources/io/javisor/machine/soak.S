# A guest of three processors. The first echoes on the console and uses a disk, by interrupts, and asleep between them; what it says is in
# SoakGuest.java. The others storm on two devices of their own, or are merely busy.
#
# The devices of the storms read and write the upper half of the 32 MiB alone, whatever they are told.

        .intel_syntax noprefix
        .equ VIRTIO, 0xd0000000                 # slot 0: a disk to storm on, 1: an entropy device to, 2: the disk to use
        .equ DISK, 0xd0002000
        .equ LOCAL_APIC, 0xfee00000
        .equ IO_APIC, 0xfec00000
        .equ SERIAL_VECTOR, 0x40
        .equ DISK_VECTOR, 0x41
        .equ SERIAL_PIN, 4
        .equ DISK_PIN, 11
        .equ TRAMPOLINE, 0x90000
        .equ STACK_TOP, 0x3f0000
        .equ DESCRIPTORS, 0x300000
        .equ AVAILABLE, 0x301000
        .equ USED, 0x302000
        .equ HEADER, 0x303000
        .equ STATUS, 0x303010
        .equ WRITTEN, 0x304000
        .equ READ, 0x305000
        .equ CHUNKS, 256
        .equ CHUNK_SIZE, 4096

        .code64
start:  mov esp, STACK_TOP
        .macro gate vector handler
        mov eax, offset \handler
        mov word ptr idt[16 * \vector], ax
        mov word ptr idt[16 * \vector + 2], cs
        mov word ptr idt[16 * \vector + 4], 0x8e00
        shr eax, 16
        mov word ptr idt[16 * \vector + 6], ax
        .endm
        gate SERIAL_VECTOR, serial_interrupt
        gate DISK_VECTOR, disk_interrupt
        gate 0xff, spurious_interrupt
        lidt idtr
        mov ebx, LOCAL_APIC
        mov dword ptr [rbx + 0xf0], 0x1ff
        mov dword ptr [rbx + 0x350], 0x10000    # LINT0 is masked: the others storm on the 8259A
        mov esi, offset trampoline
        mov edi, TRAMPOLINE
        mov ecx, offset trampoline_end
        sub ecx, esi
        rep movsb
        mov dword ptr [rbx + 0x300], 0xc4500    # INIT to all others
        mov dword ptr [rbx + 0x300], 0xc4600 + TRAMPOLINE / 4096
        mov ebx, IO_APIC
        .macro route pin vector
        mov dword ptr [rbx], 0x11 + 2 * \pin
        mov dword ptr [rbx + 0x10], 0
        mov dword ptr [rbx], 0x10 + 2 * \pin
        mov dword ptr [rbx + 0x10], \vector
        .endm
        route SERIAL_PIN, SERIAL_VECTOR
        route DISK_PIN, DISK_VECTOR
        mov edx, 0x3f9                          # IER: data received
        mov al, 1
        out dx, al
        mov edx, 0x3fc                          # MCR: DTR, RTS, OUT2
        mov al, 0xb
        out dx, al
        call start_disk
        call begin_write

main:   cli
        xor r15d, r15d                          # whether there was something to do
        mov edx, 0x3fd
        in al, dx
        test al, 1
        jz 1f
        inc r15d
        call receive
1:      call disk
        test r15d, r15d
        jnz main
        sti
        hlt
        jmp main

receive:
        mov edx, 0x3f8
        in al, dx
        cmp al, 1
        je report
        cmp al, 2
        jne 1f
        mov byte ptr stopping, 1
        ret
1:      inc al
send:   mov ah, al
        mov edx, 0x3fd
1:      pause
        in al, dx
        test al, 0x20                           # THRE
        jz 1b
        mov edx, 0x3f8
        mov al, ah
        out dx, al
        ret

report: mov esi, offset counts
        mov ebx, offset counts_end
1:      lodsb
        call send
        cmp esi, ebx
        jb 1b
        ret

start_disk:
        mov ebx, DISK
        mov dword ptr [rbx + 0x70], 1
        mov dword ptr [rbx + 0x70], 3
        mov dword ptr [rbx + 0x24], 0
        mov dword ptr [rbx + 0x20], 0x200       # VIRTIO_BLK_F_FLUSH
        mov dword ptr [rbx + 0x24], 1
        mov dword ptr [rbx + 0x20], 1           # VIRTIO_F_VERSION_1
        mov dword ptr [rbx + 0x70], 0xb
        mov dword ptr [rbx + 0x38], 8
        mov dword ptr [rbx + 0x80], DESCRIPTORS
        mov dword ptr [rbx + 0x90], AVAILABLE
        mov dword ptr [rbx + 0xa0], USED
        mov dword ptr [rbx + 0x44], 1
        mov dword ptr [rbx + 0x70], 0xf
        mov dword ptr [DESCRIPTORS], HEADER
        mov dword ptr [DESCRIPTORS + 8], 16
        mov dword ptr [DESCRIPTORS + 0x18], CHUNK_SIZE
        mov dword ptr [DESCRIPTORS + 0x20], STATUS
        mov dword ptr [DESCRIPTORS + 0x28], 1
        mov dword ptr [DESCRIPTORS + 0x2c], 2      # WRITE
        ret

# The request in flight has ended: the next. Each chunk is written, read back and compared; a flush ends a pass.
disk:   mov ax, word ptr [USED + 2]
        cmp ax, submitted
        jne 9f
        inc r15d
        inc dword ptr requests
        cmp byte ptr [STATUS], 0
        je 1f
        inc dword ptr errors
1:      mov eax, phase
        cmp eax, 1
        je compare
        ja 2f
        mov dword ptr phase, 1
        mov edi, READ
        mov ecx, CHUNK_SIZE / 8
        mov rax, -1
        rep stosq
        mov dword ptr [DESCRIPTORS + 0x10], READ
        mov dword ptr [DESCRIPTORS + 0x1c], 0x20003 # NEXT, WRITE
        mov dword ptr [DESCRIPTORS + 0xc], 0x10001
        xor edx, edx                            # VIRTIO_BLK_T_IN
        jmp submit
2:      inc dword ptr pass
        mov dword ptr chunk, 0
        jmp begin_write
compare:
        mov esi, WRITTEN
        mov edi, READ
        mov ecx, CHUNK_SIZE / 8
        repe cmpsq
        je 1f
        inc dword ptr errors
1:      inc dword ptr chunk
        cmp dword ptr chunk, CHUNKS
        jb begin_write
        mov dword ptr phase, 2
        mov dword ptr [DESCRIPTORS + 0xc], 0x20001
        mov edx, 4                              # VIRTIO_BLK_T_FLUSH
        jmp submit
9:      ret

begin_write:
        cmp byte ptr stopping, 0
        jne stop
        mov dword ptr phase, 0
        mov r8d, pass
        shl r8, 32
        mov ecx, chunk
        shl ecx, 16
        or r8, rcx
        xor ecx, ecx
1:      lea rax, [r8 + rcx]
        mov [WRITTEN + rcx * 8], rax
        inc ecx
        cmp ecx, CHUNK_SIZE / 8
        jb 1b
        mov dword ptr [DESCRIPTORS + 0x10], WRITTEN
        mov dword ptr [DESCRIPTORS + 0x1c], 0x20001 # NEXT
        mov dword ptr [DESCRIPTORS + 0xc], 0x10001
        mov edx, 1                              # VIRTIO_BLK_T_OUT
submit: mov [HEADER], edx
        mov eax, chunk
        shl eax, 3
        cmp edx, 4
        jne 1f
        xor eax, eax
1:      mov [HEADER + 8], rax
        mov byte ptr [STATUS], 0xff
        inc word ptr submitted
        mov ax, submitted
        mov [AVAILABLE + 2], ax
        mfence
        test byte ptr [USED], 1                   # NO_NOTIFY
        jnz 9b
        mov ebx, DISK
        mov dword ptr [rbx + 0x50], 0
        ret

stop:   call report
        mov edx, 0x604
        mov ax, 0x3400
        out dx, ax
        cli
        hlt

disk_interrupt:
        push rax
        push rcx
        mov eax, DISK
        mov ecx, [rax + 0x60]
        mov [rax + 0x64], ecx
        pop rcx
        jmp 1f
serial_interrupt:
        push rax
1:      mov eax, LOCAL_APIC
        mov dword ptr [rax + 0xb0], 0
        pop rax
spurious_interrupt:
        iretq

        .include "soak-neighbours.S"

        .balign 8
gdt:    .quad 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
gdt_end:
idtr:   .word 0xfff
        .quad idt
ports:  .word 0x40, 0x41, 0x42, 0x43, 0x61, 0x70, 0x71, 0x20, 0x21, 0xa0, 0xa1, 0x4d0, 0x4d1, 0x43, 0x71, 0x40
seed:   .long 1
merely_busy: .byte 0
stopping: .byte 0
submitted: .word 0
phase:  .long 0
neighbours: .long 0
counts:
requests: .long 0
errors: .long 0
pass:   .long 0
chunk:  .long 0
actions: .long 0, 0
counts_end:
        .balign 16
idt:    .fill 4096, 1, 0
