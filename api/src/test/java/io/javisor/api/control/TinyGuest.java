package io.javisor.api.control;

import io.javisor.core.testing.TinyElf;
import io.javisor.machine.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/** A kernel of a few instructions that prints dots on COM1 for ever, so that it is seen to run. */
public final class TinyGuest {
    public static final int MEMORY_MIB = 4;
    private static final long LOAD_GPA = 0x20_0000;

    private static final String CODE = "66baf803" // mov $0x3f8,%dx
            + "b02e" // next: mov $'.',%al
            + "ee" // out %al,(%dx)
            + "b900010000" // mov $256,%ecx
            + "ffc9" // wait: dec %ecx
            + "75fc" // jnz wait
            + "ebf2"; // jmp next

    private TinyGuest() {}

    public static Path writeTo(Path directory) throws IOException {
        return Files.write(
                directory.resolve("tiny-kernel"),
                TinyElf.of(LOAD_GPA, HexFormat.of().parseHex(CODE)));
    }

    /** How many dots came out of it. */
    public static long dots(Machine machine) {
        return machine.serialPorts().getFirst().counters().discardedBytes()
                + machine.serialPorts().getFirst().counters().writtenBytes();
    }
}
