package io.javisor.cli.container;

/** Exit statuses of the commands that run something, which are docker's, and what their help says of them. */
final class Statuses {
    /** javisor itself failed, or could not do what it was asked. */
    static final int FAILED = 125;

    /** Ended by a signal, whose number is added. */
    static final int SIGNAL = 128;

    /** Number of the signal that a process gets which writes what nobody reads. */
    static final int SIGPIPE = 13;

    static final String HEADING = "%nExit status:%n";
    static final String OWN_TEXT = "N:what the process ended with";
    static final String FAILED_TEXT = "125:javisor failed, or could not do what was asked";
    static final String CANT_TEXT = "126:the program can't be run";
    static final String NOT_FOUND_TEXT = "127:there is no such program";
    static final String SIGNAL_TEXT = "128+n:the process was ended by signal n";

    private Statuses() {}
}
