package io.javisor.manager.live;

import io.javisor.machine.config.ConfigException;
import io.javisor.manager.registry.MachineEntry;
import io.javisor.manager.registry.MachineHold;
import io.javisor.manager.registry.MachinePhase;
import io.javisor.manager.registry.MachineStatus;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** How a machine is brought to its end from outside, and its end waited for. */
public final class Stop {
    private static final Logger LOG = LoggerFactory.getLogger(Stop.class);
    private static final long POLL_MILLIS = 20;

    private static final Duration FOR_EVER = Duration.ofDays(36_500);
    private static final Duration PRESS_AGAIN = Duration.ofSeconds(1);

    /** How long a process that was told by a signal, or whose control socket said yes, has to write down its end. */
    private static final Duration CONCLUSION = Duration.ofSeconds(30);

    /** Readers of the console are waited for 5 s: a process that takes longer does not answer. */
    private static final Duration LAST_OUTPUT = Duration.ofSeconds(10);

    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(500);

    private Stop() {}

    /**
     * Presses the power button, again and again, and pulls the plug if the guest has not ended by then; at once where it has none that could
     * be pressed. A guest that boots loses presses: Linux forgets those of before its driver, and nobody may listen to the driver yet.
     *
     * @param timeout zero to pull the plug at once
     * @return why the plug was pulled, in one line; empty if the guest ended by itself, or was to be given no time
     * @throws ConfigException if it does not run
     */
    public static Optional<String> stop(MachineEntry machine, Duration timeout) throws InterruptedException {
        MachineStatus status = Control.requireLive(machine);
        if (status.phase() != MachinePhase.RUNNING && status.phase() != MachinePhase.PAUSED) {
            terminate(machine, status);
            return Optional.empty();
        }
        if (status.phase() == MachinePhase.PAUSED) {
            Control.ask(machine, "PUT", "state", Map.of("state", "running"));
        }
        long deadline = System.nanoTime() + timeout.toNanos();
        if (!pressButton(machine)) {
            pullPlug(machine);
            return Optional.of("has no power button; its plug was pulled");
        }
        while (!awaitEnd(machine, least(PRESS_AGAIN, Duration.ofNanos(deadline - System.nanoTime())))) {
            if (System.nanoTime() - deadline >= 0) {
                pullPlug(machine);
                if (timeout.isZero()) {
                    return Optional.empty(); // as its user wants it
                }
                return Optional.of("did not shut itself down within " + timeout.toSeconds()
                        + " s of its power button; its plug was pulled");
            }
            pressAgain(machine);
        }
        return Optional.empty();
    }

    private static Duration least(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /**
     * Sends a container the signal that it is to end by, once, and kills it if it has not ended by then.
     *
     * @param timeout zero to kill it soon after; null for what it was made with
     * @throws ConfigException if it does not run
     */
    public static void stopContainer(MachineEntry container, @Nullable Duration timeout) throws InterruptedException {
        MachineStatus status = Control.requireLive(container);
        long deadline = System.nanoTime() + LAST_OUTPUT.toNanos();
        while (status.phase().hasGuest()) {
            try {
                long seconds = askToEnd(container, status);
                Duration limit = timeout != null ? timeout : seconds < 0 ? FOR_EVER : Duration.ofSeconds(seconds);
                if (!awaitEnd(container, limit)) {
                    pullPlug(container);
                }
                return;
            } catch (ConfigException e) {
                if (awaitEnd(container, BETWEEN_ATTEMPTS)) {
                    return; // it was quicker than the answer
                }
                if (System.nanoTime() - deadline >= 0) {
                    throw e;
                }
            }
            status = container.status(); // it may be started again at this moment
        }
        if (status.phase().isLive()) {
            terminate(container, status);
        }
    }

    /** Returns the time that it was made with, in seconds; -1 for ever. */
    private static long askToEnd(MachineEntry container, MachineStatus status) throws InterruptedException {
        if (status.phase() == MachinePhase.PAUSED) {
            Control.ask(container, "PUT", "state", Map.of("state", "running"));
        }
        return Control.ask(container, "POST", "end", null)
                .path("timeoutSeconds")
                .asLong();
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

    /** One that does not answer any more is about to end, or its plug will be pulled. */
    private static void pressAgain(MachineEntry machine) throws InterruptedException {
        try {
            JsonNode _ = Control.ask(machine, "POST", "power-button", null, PRESS_AGAIN);
        } catch (ConfigException e) {
            LOG.debug("{}: {}", machine.name(), e.getMessage());
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
            throw new ConfigException(machine.kind() + " '" + machine.name() + "' has not ended after "
                    + CONCLUSION.toSeconds() + " s; see " + machine.processLog());
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
