package io.javisor.core.testing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A 64-bit ELF file with one segment, for tests that boot a few instructions. */
public final class TinyElf {
    private static final int HEADER_SIZE = 64;
    private static final int PROGRAM_HEADER_SIZE = 56;

    private TinyElf() {}

    /**
     * Makes the file.
     *
     * @param loadGpa where the code goes, and its first instruction is
     */
    public static byte[] of(long loadGpa, byte[] code) {
        int codeOffset = HEADER_SIZE + PROGRAM_HEADER_SIZE;
        ByteBuffer file = ByteBuffer.allocate(codeOffset + code.length).order(ByteOrder.LITTLE_ENDIAN);
        // System V gABI, chapter 4: ELFCLASS64, ELFDATA2LSB, EV_CURRENT; ET_EXEC, EM_X86_64.
        file.put(new byte[] {0x7F, 'E', 'L', 'F', 2, 1, 1}).position(16);
        file.putShort((short) 2).putShort((short) 62).putInt(1);
        file.putLong(loadGpa).putLong(HEADER_SIZE).putLong(0).putInt(0);
        file.putShort((short) HEADER_SIZE)
                .putShort((short) PROGRAM_HEADER_SIZE)
                .putShort((short) 1)
                .position(HEADER_SIZE);
        // PT_LOAD, readable, writable and executable.
        file.putInt(1).putInt(7).putLong(codeOffset).putLong(loadGpa).putLong(loadGpa);
        file.putLong(code.length).putLong(code.length).putLong(1).put(code);
        return file.array();
    }
}
