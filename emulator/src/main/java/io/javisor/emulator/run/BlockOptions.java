package io.javisor.emulator.run;

import io.javisor.emulator.emit.PerfMap;
import org.jspecify.annotations.Nullable;

/**
 * How a vCPU's blocks are made.
 *
 * @param threshold code becomes a block when it is begun for this many times, 1 or more
 * @param codeBytes how much memory there is for them, a multiple of 4096 from {@link #LEAST_CODE} on
 * @param perfMap where each is told of
 */
public record BlockOptions(
        int threshold, int codeBytes, @Nullable PerfMap perfMap) {
    /** The least memory: links and ways in and out take a part of it. */
    public static final int LEAST_CODE = RunCode.SLOTS * Long.BYTES + (288 << 10);

    /** What the engine takes. */
    public static final BlockOptions USUAL = new BlockOptions(Runs.THRESHOLD, 128 << 20, null);

    public BlockOptions {
        if (threshold < 1 || codeBytes < LEAST_CODE || codeBytes % 4096 != 0) {
            throw new IllegalArgumentException("threshold " + threshold + ", " + codeBytes + " bytes of code");
        }
    }

    /** As these, and told of there. */
    public BlockOptions with(PerfMap map) {
        return new BlockOptions(threshold, codeBytes, map);
    }
}
