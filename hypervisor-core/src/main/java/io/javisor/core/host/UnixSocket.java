package io.javisor.core.host;

import static io.javisor.core.host.HostConstants.AF_UNIX;
import static io.javisor.core.host.HostConstants.SOCK_CLOEXEC;
import static io.javisor.core.host.HostConstants.SOCK_DGRAM;
import static io.javisor.core.host.HostConstants.SOCK_NONBLOCK;
import static io.javisor.core.host.HostConstants.SOCK_STREAM;
import static io.javisor.core.host.HostConstants.SOL_SOCKET;
import static io.javisor.core.host.HostConstants.SO_PEERCRED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Stream sockets with a path (unix(7)). All of them are in non-blocking mode. */
public final class UnixSocket {
    /** The longest path, in bytes: {@code sun_path} has 108 with the NUL. */
    public static final int MAX_PATH_BYTES = 107;

    private static final long PATH_OFFSET = 2; // struct sockaddr_un: sun_family, sun_path
    private static final int UCRED_SIZE = 12; // struct ucred: pid, uid, gid
    private static final int UCRED_PID_OFFSET = 0;
    private static final int UCRED_UID_OFFSET = 4;
    private static final int BACKLOG = 64;

    private UnixSocket() {}

    /** The bytes that a path takes in an address. */
    public static int pathBytes(String path) {
        return path.getBytes(StandardCharsets.UTF_8).length;
    }

    /**
     * Makes a listening socket. The path appears with its mode, never with another before.
     *
     * @param path does not exist yet; at most {@link #MAX_PATH_BYTES}
     * @param mode the permissions, less those of the umask
     * @throws HostException with EADDRINUSE if the path exists; or another if it can't be made
     */
    public static Fd listen(String path, int mode) {
        Fd fd = socket(path);
        try {
            // unix(7): bind gives the path the mode that the socket has.
            int _ = Libc.check("fchmod(socket " + path + ")", Libc.fchmod(fd.value(), mode));
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment address = address(path, arena);
                int _ = Libc.check(
                        "bind(" + path + ")", Libc.bind(fd.value(), address.address(), (int) address.byteSize()));
            }
            int _ = Libc.check("listen(" + path + ")", Libc.listen(fd.value(), BACKLOG));
            return fd;
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    /**
     * Connects to a listening socket.
     *
     * @throws HostException with ECONNREFUSED if nobody listens (or it is no socket), EAGAIN if too many wait to be accepted, ENOENT,
     *     EACCES, EPROTOTYPE
     */
    public static Fd connect(String path) {
        Fd fd = socket(path);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = address(path, arena);
            int _ = Libc.check(
                    "connect(" + path + ")", Libc.connect(fd.value(), address.address(), (int) address.byteSize()));
            return fd;
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    /**
     * As {@link #connect(String)}, where it is nothing new that nobody listens.
     *
     * @return a descriptor, or a negated errno
     */
    public static int tryConnect(String path) {
        int fd = Libc.socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0) {
            return fd;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = address(path, arena);
            int result = Libc.connect(fd, address.address(), (int) address.byteSize());
            if (result < 0) {
                int _ = Libc.close(fd);
                return result;
            }
            return fd;
        }
    }

    /**
     * Whether a process has the socket that a path leads to. It does not learn of the question: a datagram socket is never connected to a stream
     * socket, and unix(7) tells that apart from one that nobody has.
     *
     * @throws HostException if it can't be told: ENOENT, EACCES
     */
    public static boolean isInUse(String path) {
        try (Fd fd = Fd.own("socket", Libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
                Arena arena = Arena.ofConfined()) {
            MemorySegment address = address(path, arena);
            int result = Libc.connect(fd.value(), address.address(), (int) address.byteSize());
            if (result == -Errno.ECONNREFUSED) {
                return false;
            }
            if (result != -Errno.EPROTOTYPE) {
                int _ = Libc.check("connect(" + path + ")", result); // to a datagram socket it works
            }
            return true;
        }
    }

    /** The user, by his effective id, of the process that made the listening socket of a connected one; or of that which connected. */
    public static int peerUser(int connectedFd) {
        return peerCredential("socket", connectedFd, UCRED_UID_OFFSET);
    }

    /** The process at the other end: that which made the listening socket of a connected one, and the other way round; 0 for one that is not seen from here. */
    public static int peerPid(Fd connected) {
        return peerCredential(connected.name(), connected.value(), UCRED_PID_OFFSET);
    }

    private static int peerCredential(String name, int connectedFd, int offset) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment credentials = arena.allocate(UCRED_SIZE, Integer.BYTES);
            MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, UCRED_SIZE);
            int _ = Libc.check(
                    "getsockopt(SO_PEERCRED of " + name + ")",
                    Libc.getsockopt(connectedFd, SOL_SOCKET, SO_PEERCRED, credentials.address(), length.address()));
            return credentials.get(ValueLayout.JAVA_INT, offset);
        }
    }

    /** Takes the next connection: a descriptor, or a negated errno; -EAGAIN if there is none. */
    public static int accept(int listeningFd) {
        return Libc.accept4(listeningFd, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC);
    }

    private static Fd socket(String path) {
        return Fd.own("socket " + path, Libc.socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    }

    private static MemorySegment address(String path, Arena arena) {
        byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length > MAX_PATH_BYTES) {
            throw new IllegalArgumentException("a socket's path has 1 to " + MAX_PATH_BYTES + " bytes: " + path);
        }
        MemorySegment address = arena.allocate(PATH_OFFSET + bytes.length + 1, Long.BYTES);
        address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, address, PATH_OFFSET, bytes.length);
        return address;
    }
}
