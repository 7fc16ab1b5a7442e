package io.javisor.testkit.guest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A kernel that floods its console so that what is missing shows: for each byte that comes in it prints {@link #FLOOD_SIZE} bytes of lines, {@code 000}
 * to {@code FFF} again and again, and then {@link #END}; {@code q} powers off.
 */
public final class CountingKernel {
    public static final int NUMBERS = 0x1000;
    public static final int FLOOD_SIZE = 16 * 4 * NUMBERS;
    public static final String END = "f";

    private static final String CODE = """
        66 ba f8 03          ;         mov  $0x3f8,%dx
        66 ba fd 03          ; next:   mov  $0x3fd,%dx
        ec                   ;         in   (%dx),%al
        a8 01                ;         test $1,%al          # LSR: data ready
        74 f7                ;         je   next
        66 ba f8 03          ;         mov  $0x3f8,%dx
        ec                   ;         in   (%dx),%al
        3c 71                ;         cmp  $'q',%al
        74 1f                ;         je   quit
        bb 10 00 00 00       ;         mov  $16,%ebx
        48 8d 35 20 00 00 00 ; block:  lea  text(%rip),%rsi
        b9 00 40 00 00       ;         mov  $0x4000,%ecx
        f3 6e                ;         rep outsb
        ff cb                ;         dec  %ebx
        75 ee                ;         jne  block
        b0 66                ;         mov  $'f',%al
        ee                   ;         out  %al,(%dx)
        b0 0a                ;         mov  $'\\n',%al
        ee                   ;         out  %al,(%dx)
        eb cf                ;         jmp  next
        66 b8 00 34          ; quit:   mov  $0x3400,%ax     # SLP_TYP 5, SLP_EN
        66 ba 04 06          ;         mov  $0x604,%dx
        66 ef                ;         out  %ax,(%dx)
        f4                   ; halt:   hlt
        eb fd                ;         jmp  halt
        """;

    private CountingKernel() {}

    /** Writes the kernel, as a 64-bit ELF file with one segment. */
    public static Path writeTo(Path directory) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(KernelFile.code(CODE));
        for (int i = 0; i < NUMBERS; i++) {
            bytes.writeBytes("%03X\n".formatted(i).getBytes(StandardCharsets.US_ASCII));
        }
        return KernelFile.write(directory, "counting-kernel", bytes.toByteArray());
    }
}
