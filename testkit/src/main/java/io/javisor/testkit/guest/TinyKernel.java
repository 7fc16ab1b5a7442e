package io.javisor.testkit.guest;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A kernel of 30 instructions that listens. It prints {@code ready} on the serial port, and then
 * does what comes in: {@code q} powers off, {@code e} exits with 7, {@code f} prints {@link #FLOOD_SIZE} bytes; of any other byte it
 * prints the byte plus 0x40, so that a control character comes back as its letter.
 */
public final class TinyKernel {
    public static final int FLOOD_SIZE = 256 << 10;
    public static final int EXIT_STATUS = 7;
    public static final int MEMORY_MIB = 4;

    private static final String CODE = """
        66 ba f8 03          ;         mov  $0x3f8,%dx
        48 8d 35 47 00 00 00 ;         lea  ready(%rip),%rsi
        b9 06 00 00 00       ;         mov  $6,%ecx
        f3 6e                ;         rep outsb
        66 ba fd 03          ; next:   mov  $0x3fd,%dx
        ec                   ;         in   (%dx),%al
        a8 01                ;         test $1,%al          # LSR: data ready
        74 f7                ;         je   next
        66 ba f8 03          ;         mov  $0x3f8,%dx
        ec                   ;         in   (%dx),%al
        3c 71                ;         cmp  $'q',%al
        74 21                ;         je   quit
        3c 66                ;         cmp  $'f',%al
        74 09                ;         je   flood
        3c 65                ;         cmp  $'e',%al
        74 13                ;         je   exit
        04 40                ;         add  $0x40,%al
        ee                   ;         out  %al,(%dx)
        eb e1                ;         jmp  next
        be 00 00 10 00       ; flood:  mov  $0x100000,%esi  # memory full of zeros
        b9 00 00 04 00       ;         mov  $0x40000,%ecx
        f3 6e                ;         rep outsb
        eb d3                ;         jmp  next
        b0 07                ; exit:   mov  $7,%al
        e6 f4                ;         out  %al,$0xf4
        eb 0a                ;         jmp  halt
        66 b8 00 34          ; quit:   mov  $0x3400,%ax     # SLP_TYP 5, SLP_EN
        66 ba 04 06          ;         mov  $0x604,%dx
        66 ef                ;         out  %ax,(%dx)
        f4                   ; halt:   hlt
        eb fd                ;         jmp  halt
        72 65 61 64 79 0a    ; ready:  .ascii "ready\\n"
        """;

    private TinyKernel() {}

    /** Writes the kernel, as a 64-bit ELF file with one segment, readable by everybody. */
    public static Path writeTo(Path directory) throws IOException {
        return KernelFile.write(directory, "tiny-kernel", KernelFile.code(CODE));
    }
}
