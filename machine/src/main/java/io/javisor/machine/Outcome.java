package io.javisor.machine;

/** Why a machine stopped running. */
public sealed interface Outcome {
    /** The guest switched itself off, or its user did. */
    record PowerOff() implements Outcome {}

    /** The guest asked for a reset and the machine was told not to start again. */
    record Reset(String cause) implements Outcome {}

    /** The guest wrote {@code code}, 0 to 255, to the debug-exit port. */
    record DebugExit(int code) implements Outcome {}

    /** The guest's kernel reported a panic. */
    record Panic() implements Outcome {}

    /** KVM cannot go on with the guest; {@code report} is a readable block of several lines. */
    record EmulationFailure(String report) implements Outcome {}

    /** javisor itself failed: a bug, or a host resource that went away. */
    record Failure(Throwable cause) implements Outcome {}

    /** The machine was stopped from outside. */
    record Stopped() implements Outcome {}
}
