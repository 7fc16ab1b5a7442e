package io.javisor.cli;

import io.javisor.machine.Outcome;
import java.util.function.Consumer;

/** What a machine's end comes to for the process. */
final class OutcomeStatus {
    private OutcomeStatus() {}

    /**
     * The exit status.
     *
     * @param say told what a user should know
     */
    static int of(Outcome outcome, Consumer<String> say) {
        return switch (outcome) {
            case Outcome.PowerOff() -> ExitStatus.POWER_OFF;
            case Outcome.Stopped() -> ExitStatus.POWER_OFF;
            case Outcome.Reset _ -> ExitStatus.POWER_OFF;
            case Outcome.DebugExit(int code) -> code;
            case Outcome.Panic() -> {
                say.accept("the guest's kernel panicked");
                yield ExitStatus.GUEST_PANIC;
            }
            case Outcome.EmulationFailure(String report) -> {
                say.accept(report.strip());
                yield ExitStatus.EMULATION_FAILURE;
            }
            case Outcome.Failure(RuntimeException cause) -> throw cause;
            case Outcome.Failure(Throwable cause) -> throw new IllegalStateException(cause);
        };
    }
}
