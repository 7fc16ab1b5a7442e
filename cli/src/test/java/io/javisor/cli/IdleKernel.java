package io.javisor.cli;

import io.javisor.core.testing.TinyElf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * A kernel that takes no processor: it prints {@code up} on the serial port and halts. Tests that need many machines use it.
 */
final class IdleKernel {
    private static final long LOAD_GPA = 0x20_0000;

    // mov $0x3f8,%dx; mov $'u',%al; out %al,(%dx); mov $'p',%al; out %al,(%dx); mov $'\n',%al; out %al,(%dx)
    // halt: hlt; jmp halt
    private static final String CODE = "66baf803b075eeb070eeb00aeef4ebfd";

    private IdleKernel() {}

    /** Writes the kernel, as a 64-bit ELF file with one segment. */
    static Path writeTo(Path directory) throws IOException {
        return Files.write(
                directory.resolve("idle-kernel"),
                TinyElf.of(LOAD_GPA, HexFormat.of().parseHex(CODE)));
    }
}
