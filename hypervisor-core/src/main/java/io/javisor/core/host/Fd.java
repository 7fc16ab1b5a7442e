package io.javisor.core.host;

import java.util.concurrent.atomic.AtomicInteger;

/** An owned file descriptor: closed once, refused after. Safe for use by any thread. */
public final class Fd implements AutoCloseable {
    private static final int CLOSED = -1;

    private final AtomicInteger value;
    private final String name;

    private Fd(int value, String name) {
        this.value = new AtomicInteger(value);
        this.name = name;
    }

    /**
     * Takes ownership of the result of a call that opens a descriptor.
     *
     * @param result a descriptor, or a negated errno
     * @param name what it is, for messages
     * @throws HostException if {@code result} is an errno
     */
    public static Fd own(String name, int result) {
        return new Fd(Libc.check(name, result), name);
    }

    /**
     * Opens what a descriptor refers to once more, in non-blocking mode. The mode of a terminal or pipe belongs to the open file,
     * which other programs share: this one is our own. Not for regular files (the position starts anew) and sockets (ENXIO).
     *
     * @param fd any open descriptor of this process
     * @param accessMode O_RDONLY, O_WRONLY or O_RDWR
     * @throws HostException if it may not be opened, such as another user's terminal (EACCES)
     */
    public static Fd reopenNonBlocking(String name, int fd, int accessMode) {
        int flags = accessMode | HostConstants.O_NONBLOCK | HostConstants.O_NOCTTY;
        return own(name, Libc.open("/proc/self/fd/" + fd, flags, 0));
    }

    /**
     * The descriptor's number.
     *
     * @throws IllegalStateException if it was closed
     */
    public int value() {
        int fd = value.get();
        if (fd == CLOSED) {
            throw new IllegalStateException(name + " is closed");
        }
        return fd;
    }

    public String name() {
        return name;
    }

    /** Closes the descriptor; does nothing the second time. */
    @Override
    public void close() {
        int fd = value.getAndSet(CLOSED);
        if (fd != CLOSED) {
            // Linux releases the descriptor even when close reports an error: trying again could close someone else's.
            int _ = Libc.close(fd);
        }
    }

    @Override
    public String toString() {
        int fd = value.get();
        return fd == CLOSED ? name + " (closed)" : name + " (fd " + fd + ")";
    }
}
