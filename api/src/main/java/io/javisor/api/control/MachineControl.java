package io.javisor.api.control;

import io.javisor.api.Fault;
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

    /**
     * Sends the first process of a container a signal.
     *
     * @param number Linux's
     * @throws Fault if it has none, or that has ended
     */
    default void signal(int number) throws InterruptedException {
        throw Fault.badRequest("machine " + name() + " is no container, whose process could be sent a signal");
    }

    /**
     * Asks a container to end, by the signal that it was made with.
     *
     * @return how many seconds it is to be given; negative for no limit
     * @throws Fault if it has no process, or that has ended
     */
    default int askToEnd() throws InterruptedException {
        throw Fault.badRequest("machine " + name() + " is no container; its power button asks it to end");
    }
}
