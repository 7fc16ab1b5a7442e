package io.javisor.core.engine;

import io.javisor.core.cpu.Bytes;
import java.util.List;

/**
 * What a VM keeps beside memory and vCPUs, as a snapshot stores it: the guest's clock and the engine's chips.
 *
 * @param version {@link #VERSION} when it was made
 * @param engine the name of the engine, which alone understands the chips
 * @param chips the chips in the order in which they are put back; empty if the engine has none
 */
public record VmState(int version, String engine, ClockState clock, List<ChipState> chips) {
    /** The version of what this code makes. */
    public static final int VERSION = 1;

    public VmState {
        chips = List.copyOf(chips);
    }

    /**
     * The guest's paravirtual clock. The time stamp counters are in the states of the vCPUs.
     *
     * @param nanos since the guest's start
     */
    public record ClockState(long nanos) {}

    /**
     * A chip of the engine's.
     *
     * @param id its name
     * @param registers its registers in the engine's layout
     */
    public record ChipState(String id, Bytes registers) {}

    /**
     * Checks that {@code engineName} can take it.
     *
     * @throws IllegalArgumentException if another engine or another version made it
     */
    public void requireFor(String engineName) {
        if (version != VERSION || !engine.equals(engineName)) {
            throw new IllegalArgumentException("a VM's state of version " + version + " from engine " + engine
                    + " is not for version " + VERSION + " of engine " + engineName);
        }
    }
}
