package io.javisor.testkit.guest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;

/** A kernel of a few instructions that prints dots on COM1 for ever, so that it is seen to run. */
public final class DotKernel {
    public static final int MEMORY_MIB = 4;

    private static final String CODE = "66baf803" // mov $0x3f8,%dx
            + "b02e" // next: mov $'.',%al
            + "ee" // out %al,(%dx)
            + "b900010000" // mov $256,%ecx
            + "ffc9" // wait: dec %ecx
            + "75fc" // jnz wait
            + "ebf2"; // jmp next

    private DotKernel() {}

    public static Path writeTo(Path directory) throws IOException {
        return KernelFile.write(directory, "dot-kernel", HexFormat.of().parseHex(CODE));
    }
}
