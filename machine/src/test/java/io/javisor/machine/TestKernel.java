package io.javisor.machine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** An ELF file of a few instructions, entered in 64-bit mode by the Linux boot protocol. */
final class TestKernel {
    private static final int HEADERS_SIZE = 64 + 56;
    private static final long LOAD_GPA = 0x20_0000;

    private TestKernel() {}

    /** Writes one to {@code directory}. */
    static Path write(Path directory, int... code) throws IOException {
        int size = HEADERS_SIZE + code.length;
        ByteBuffer elf = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        elf.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0}).putLong(0);
        elf.putShort((short) 2).putShort((short) 62).putInt(1);
        elf.putLong(LOAD_GPA + HEADERS_SIZE).putLong(64).putLong(0);
        elf.putInt(0).putShort((short) 64).putShort((short) 56).putShort((short) 1);
        elf.putShort((short) 0).putShort((short) 0).putShort((short) 0);
        elf.putInt(1).putInt(5).putLong(0).putLong(LOAD_GPA).putLong(LOAD_GPA);
        elf.putLong(size).putLong(size).putLong(0x1000);
        for (int b : code) {
            elf.put((byte) b);
        }
        return Files.write(directory.resolve("kernel.elf"), elf.array());
    }
}
