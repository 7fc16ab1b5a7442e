package io.javisor.machine;

import io.javisor.core.testing.TinyElf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A kernel of a few instructions, entered in 64-bit mode by the Linux boot protocol. */
final class TestKernel {
    private static final long LOAD_GPA = 0x20_0000;

    private TestKernel() {}

    /** Writes one to {@code directory}. */
    static Path write(Path directory, int... code) throws IOException {
        byte[] bytes = new byte[code.length];
        for (int i = 0; i < code.length; i++) {
            bytes[i] = (byte) code[i];
        }
        return Files.write(directory.resolve("kernel.elf"), TinyElf.of(LOAD_GPA, bytes));
    }
}
