package io.javisor.api.control;

import io.javisor.machine.Machine;

/** What {@link io.javisor.testkit.guest.DotKernel} has printed. */
public final class Dots {
    private Dots() {}

    /** How many came out of the machine. */
    public static long of(Machine machine) {
        return machine.serialPorts().getFirst().counters().discardedBytes()
                + machine.serialPorts().getFirst().counters().writtenBytes();
    }
}
