package io.javisor.cli;

/** Exit statuses, as documented in {@code docs/cli.md}. */
final class ExitStatus {
    /** The guest switched itself off. */
    static final int POWER_OFF = 0;

    /** {@code doctor}: something that javisor needs is missing on this host. */
    static final int HOST_UNFIT = 1;

    /** The guest's kernel panicked. */
    static final int GUEST_PANIC = 124;

    /** javisor itself failed, or could not do what it was asked. */
    static final int OWN_ERROR = 125;

    /** The engine could not go on with the guest. */
    static final int EMULATION_FAILURE = 126;

    /** Ended by a signal, whose number is added. */
    static final int SIGNAL = 128;

    private ExitStatus() {}
}
