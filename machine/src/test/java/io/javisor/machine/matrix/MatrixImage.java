package io.javisor.machine.matrix;

import io.javisor.core.memory.GuestMemory;
import io.javisor.testkit.guest.Assembly;
import java.util.EnumMap;
import java.util.Map;

/** A harness as the assembler makes it, and where its labels are. */
final class MatrixImage {
    private static final int LOAD_GPA = 0xA000;
    private static final Map<MatrixGuest.Mode, MatrixImage> MADE = new EnumMap<>(MatrixGuest.Mode.class);

    private final Assembly assembly;
    private final byte[] bytes;

    private MatrixImage(Assembly assembly) {
        this.assembly = assembly;
        this.bytes = assembly.bytes();
    }

    /** Skips the test where there is no assembler. */
    static MatrixImage of(MatrixGuest.Mode mode) {
        synchronized (MADE) {
            return MADE.computeIfAbsent(mode, MatrixImage::assemble);
        }
    }

    private static MatrixImage assemble(MatrixGuest.Mode mode) {
        String bits = mode == MatrixGuest.Mode.LONG ? "64" : "32";
        return new MatrixImage(
                Assembly.of(MatrixImage.class, LOAD_GPA, "matrix" + bits + ".S", "stubs" + bits + ".S", "harness.S"));
    }

    long address(String label) {
        return assembly.address(label);
    }

    void writeTo(GuestMemory memory) {
        memory.copyIn(bytes, 0, LOAD_GPA, bytes.length);
    }
}
