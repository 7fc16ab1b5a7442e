package io.javisor.machine.host;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostException;
import io.javisor.core.host.UnixSocket;
import io.javisor.machine.config.ConfigException;
import java.nio.file.Path;

/**
 * A listening Unix socket with a path that only its owner can use. It takes the place of one that a process of ours left behind, and of
 * nothing else. Closing it removes the path, unless something else lies there by then.
 */
public final class ListeningSocket implements AutoCloseable {
    /** What a serial port's socket is, for messages. */
    static final String SERIAL = "serial socket";

    private static final int OWNER_ONLY = 0600;

    private final SocketPath path;
    private final Fd fd;

    private ListeningSocket(SocketPath path, Fd fd) {
        this.path = path;
        this.fd = fd;
    }

    /**
     * Listens at {@code path}.
     *
     * @param what the socket is, for messages
     * @throws ConfigException if the path is too long, in use, something else, or in a directory where others could replace it
     */
    static ListeningSocket open(String what, Path path) {
        SocketPath claimed = SocketPath.claim(what, path);
        try {
            Fd fd = UnixSocket.listen(path.toString(), OWNER_ONLY);
            try {
                claimed.made();
                return new ListeningSocket(claimed, fd);
            } catch (RuntimeException e) {
                fd.close();
                throw e;
            }
        } catch (HostException e) {
            throw claimed.cannotBeMade(e);
        }
    }

    /**
     * Refuses what {@link #open} would, and makes nothing.
     *
     * @throws ConfigException if the socket can't be had
     */
    static void check(String what, Path path) {
        SocketPath.check(what, path);
    }

    public Fd fd() {
        return fd;
    }

    @Override
    public void close() {
        path.close();
        fd.close();
    }
}
