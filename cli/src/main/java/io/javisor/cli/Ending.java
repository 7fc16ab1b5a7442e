package io.javisor.cli;

import io.javisor.machine.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * How a machine has ended, for its user.
 *
 * @param status the exit status, as documented in {@code docs/cli.md}
 * @param reason in some words
 * @param message what its user has to be told; null if nothing
 */
record Ending(int status, String reason, @Nullable String message) {
    static Ending of(Outcome outcome) {
        return switch (outcome) {
            case Outcome.PowerOff() -> new Ending(ExitStatus.POWER_OFF, "powered off", null);
            case Outcome.Stopped() -> new Ending(ExitStatus.POWER_OFF, "stopped", null);
            case Outcome.Reset(String cause) ->
                new Ending(
                        ExitStatus.POWER_OFF,
                        "reset",
                        "the guest resets (" + cause + "); it is not started again because of --no-reboot");
            case Outcome.DebugExit(int code) -> new Ending(code, "the guest exited", null);
            case Outcome.Panic() -> new Ending(ExitStatus.GUEST_PANIC, "kernel panic", "the guest's kernel panicked");
            case Outcome.EmulationFailure(String report) ->
                new Ending(ExitStatus.EMULATION_FAILURE, "the engine could not go on", report.strip());
            case Outcome.Failure(Throwable cause) ->
                new Ending(ExitStatus.OWN_ERROR, "javisor failed: " + cause.getMessage(), null);
        };
    }

    /** As {@link #of}; a failure of javisor's own is thrown. */
    static Ending orThrow(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Failure(RuntimeException cause) -> throw cause;
            case Outcome.Failure(Throwable cause) -> throw new IllegalStateException(cause);
            default -> of(outcome);
        };
    }
}
