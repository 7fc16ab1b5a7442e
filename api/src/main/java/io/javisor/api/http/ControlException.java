package io.javisor.api.http;

/** A machine's control socket gave no answer. The message is one line that says what is wrong and what to do. */
public final class ControlException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What is wrong. */
    public enum Reason {
        /** There is no socket, or no process that listens at it: the machine does not run. */
        NOBODY_LISTENS,
        /** It belongs to somebody else. */
        NO_PERMISSION,
        /** Somebody listens, but gave no answer in time. */
        NO_ANSWER,
        /** The connection ended without an answer: the process ended meanwhile, or is no machine's. */
        CONNECTION_LOST,
        /** No socket can have such a path. */
        BAD_PATH
    }

    private final Reason reason;

    ControlException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    ControlException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
