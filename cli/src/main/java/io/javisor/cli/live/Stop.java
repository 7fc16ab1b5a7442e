package io.javisor.cli.live;

import io.javisor.cli.registry.MachineEntry;
import io.javisor.cli.registry.MachineHold;
import io.javisor.cli.registry.MachinePhase;
import io.javisor.cli.registry.MachineStatus;
import io.javisor.machine.ConfigException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** How a machine is brought to its end from outside, and its end waited for. */
public final class Stop {
    private static final long POLL_MILLIS = 20;

    /** How long a process that was told by a signal, or whose control socket said yes, has to write down its end. */
    private static final Duration CONCLUSION = Duration.ofSeconds(15);

    /** Readers of the console are waited for 5 s: a process that takes longer does not answer. */
    private static final Duration LAST_OUTPUT = Duration.ofSeconds(10);

    private Stop() {}

    /**
     * Presses the power button, and pulls the plug if the guest has not ended by then; at once where it has none that could be
     * pressed.
     *
     * @throws ConfigException if it does not run
     */
    public static void stop(MachineEntry machine, Duration timeout) throws InterruptedException {
        MachineStatus status = Control.requireLive(machine);
        switch (status.phase()) {
            case RUNNING, PAUSED -> {
                if (status.phase() == MachinePhase.PAUSED) {
                    Control.ask(machine, "PUT", "state", Map.of("state", "running"));
                }
                if (!pressButton(machine) || !awaitEnd(machine, timeout)) {
                    pullPlug(machine);
                }
            }
            default -> terminate(machine, status);
        }
    }

    /** False where there is none. A guest may be quicker to end than its machine is to answer. */
    private static boolean pressButton(MachineEntry machine) throws InterruptedException {
        try {
            boolean listening = Control.ask(machine, "POST", "power-button", null)
                    .path("listening")
                    .asBoolean();
            return listening || hasButton(machine);
        } catch (ConfigException e) {
            if (!awaitEnd(machine, LAST_OUTPUT)) {
                throw e;
            }
            return true;
        }
    }

    private static boolean hasButton(MachineEntry machine) throws InterruptedException {
        return Control.ask(machine, "GET", "machine", null).path("acpi").asBoolean();
    }

    /**
     * Pulls the plug; ends the process where that does not answer.
     *
     * @throws ConfigException if it does not run
     */
    public static void kill(MachineEntry machine) throws InterruptedException {
        MachineStatus status = Control.requireLive(machine);
        if (status.phase().hasGuest()) {
            pullPlug(machine);
        } else {
            terminate(machine, status);
        }
    }

    private static void pullPlug(MachineEntry machine) throws InterruptedException {
        try {
            Control.ask(machine, "PUT", "state", Map.of("state", "stopped"), LAST_OUTPUT);
        } catch (ConfigException e) {
            MachineStatus status = machine.isGone() ? null : machine.status();
            if (status == null || !status.phase().isLive()) {
                return; // it ended by itself
            }
            // Its supervisor first, which would start it again by its policy.
            process(status.supervisorPid()).ifPresent(ProcessHandle::destroyForcibly);
            process(status.pid()).ifPresent(ProcessHandle::destroyForcibly);
        }
        requireEnd(machine);
    }

    /** For a process that has no guest at this moment. */
    private static void terminate(MachineEntry machine, MachineStatus status) throws InterruptedException {
        process(status.pid()).ifPresent(ProcessHandle::destroy);
        requireEnd(machine);
    }

    private static Optional<ProcessHandle> process(long pid) {
        return pid == 0 ? Optional.empty() : ProcessHandle.of(pid);
    }

    private static void requireEnd(MachineEntry machine) throws InterruptedException {
        if (!awaitEnd(machine, CONCLUSION)) {
            throw new ConfigException("machine '" + machine.name() + "' has not ended after " + CONCLUSION.toSeconds()
                    + " s; see " + machine.processLog());
        }
    }

    /**
     * Waits until no process runs the machine, or will by its restart policy, and the last one has let go of it.
     *
     * @return false if that took longer
     */
    public static boolean awaitEnd(MachineEntry machine, Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (!hasEnded(machine)) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            Thread.sleep(POLL_MILLIS);
        }
        return true;
    }

    /** Its process has written down the end, and let go of it. */
    private static boolean hasEnded(MachineEntry machine) {
        try {
            if (machine.isGone()) {
                return true;
            }
            if (machine.status().phase().isLive()) {
                return false;
            }
            try (MachineHold hold = machine.tryHold()) {
                return hold != null;
            }
        } catch (ConfigException e) {
            return machine.isGone();
        }
    }
}
