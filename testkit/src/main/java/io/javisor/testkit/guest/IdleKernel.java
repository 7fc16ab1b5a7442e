package io.javisor.testkit.guest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * A kernel that takes no processor: it prints {@code up} on the serial port and halts. Tests that need many machines use it.
 */
public final class IdleKernel {
    // mov $0x3f8,%dx; mov $'u',%al; out %al,(%dx); mov $'p',%al; out %al,(%dx); mov $'\n',%al; out %al,(%dx)
    // halt: hlt; jmp halt
    private static final String CODE = "66baf803b075eeb070eeb00aeef4ebfd";

    private IdleKernel() {}

    /** Writes the kernel, as a 64-bit ELF file with one segment. */
    public static Path writeTo(Path directory) throws IOException {
        return KernelFile.write(directory, "idle-kernel", HexFormat.of().parseHex(CODE));
    }
}
