package io.javisor.api;

/** A request that is not carried out. The message is one line that says what is wrong and what to do. */
public final class Fault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    /** @param status of HTTP, 400 to 599 */
    public Fault(int status, String message) {
        super(message);
        this.status = status;
    }

    /** @param status of HTTP, 400 to 599 */
    public Fault(int status, String message, Throwable cause) {
        super(message, cause);
        this.status = status;
    }

    /** The request itself is wrong. */
    public static Fault badRequest(String message) {
        return new Fault(Response.BAD_REQUEST, message);
    }

    public int status() {
        return status;
    }
}
