package io.javisor.cli.container;

import io.javisor.manager.registry.MachineEntry;
import io.javisor.manager.registry.MachineHold;
import io.javisor.manager.registry.Registry;

/** A container that has never run, and is of no use to anybody. */
final class Unused {
    private Unused() {}

    /** Removes it. */
    static void discard(Registry registry, MachineEntry entry) {
        if (!entry.isGone()) {
            try (MachineHold hold = entry.tryHold()) {
                if (hold != null) {
                    registry.remove(hold);
                }
            }
        }
    }
}
