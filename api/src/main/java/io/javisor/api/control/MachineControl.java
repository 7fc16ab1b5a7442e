package io.javisor.api.control;

import io.javisor.machine.Machine;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One machine of this process, as its control socket sees it. Any thread. */
public interface MachineControl {
    /** The machine's name, also while there is none. */
    String name();

    /** The machine; null until it is built. */
    @Nullable
    Machine machine();

    /** When the guest was let run for the first time; null before. */
    @Nullable
    Instant startedAt();

    /** Ends {@code machine} as its user wants it, as if its plug were pulled. Returns at once. */
    default void stop(Machine machine) {
        machine.powerOff();
    }

    /** Asks the guest of {@code machine} to shut itself down. Returns whether it listens. */
    default boolean pressPowerButton(Machine machine) {
        return machine.pressPowerButton();
    }
}
