package io.javisor.testkit.guest;

import java.io.IOException;
import java.nio.file.Path;

/** A kernel of whatever instructions a test needs, entered in 64-bit mode. */
public final class CodeKernel {
    /** Where its first instruction lies. */
    public static final long ENTRY_GPA = KernelFile.LOAD_GPA;

    private CodeKernel() {}

    /** Writes one to {@code directory}. */
    public static Path writeTo(Path directory, int... code) throws IOException {
        byte[] bytes = new byte[code.length];
        for (int i = 0; i < code.length; i++) {
            bytes[i] = (byte) code[i];
        }
        return writeTo(directory, bytes);
    }

    /** As the other. */
    public static Path writeTo(Path directory, byte[] code) throws IOException {
        return KernelFile.write(directory, "kernel.elf", code);
    }
}
