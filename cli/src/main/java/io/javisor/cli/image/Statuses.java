package io.javisor.cli.image;

/** Exit statuses of the commands for images, which are docker's, and what their help says of them. */
final class Statuses {
    static final int DONE = 0;

    /** What was asked for could not be done. */
    static final int FAILED = 1;

    static final String HEADING = "%nExit status:%n";
    static final String DONE_TEXT = "0:it was done";
    static final String FAILED_TEXT = "1:it could not be done, or not all of it";
    static final String WRONG_TEXT = "125:the arguments are wrong, or javisor itself failed";

    private Statuses() {}
}
