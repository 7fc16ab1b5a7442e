package io.javisor.core.host;

/** A call to the host failed. The message names the operation, its operands and the errno; {@link #errno()} is the number. */
public class HostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    /**
     * @param operation what was tried with which operands, such as {@code mmap(length=4096)}
     * @param errno the positive error number of the C library
     */
    public HostException(String operation, int errno) {
        super(operation + ": " + Errno.describe(errno));
        this.errno = errno;
    }

    /** The C library's error number, positive. */
    public final int errno() {
        return errno;
    }
}
