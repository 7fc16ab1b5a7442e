package io.javisor.agent;

/** The agent refused what it was asked for, or is not there any more. One line, in docker's words where it has them. */
public final class AgentException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Docker's status for what failed before the program was looked for. */
    public static final int FAILED = 125;

    /** The status of what is not there. */
    public static final int NOT_FOUND = 127;

    private final int status;

    /** @param status what docker ends with then: 125, 126 or 127 */
    public AgentException(int status, String message) {
        super(message);
        this.status = status;
    }

    /** The exit status that belongs to it: 125, 126 or 127. */
    public int status() {
        return status;
    }
}
