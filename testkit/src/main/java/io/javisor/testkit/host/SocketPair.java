package io.javisor.testkit.host;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Two connected Unix sockets in non-blocking mode. A pair of datagram sockets keeps messages apart, as a tap does frames. */
public record SocketPair(Fd left, Fd right) implements AutoCloseable {
    private static final HostFunction SOCKETPAIR = new HostFunction("socketpair", 4);

    public static SocketPair datagram() {
        return of(HostConstants.SOCK_DGRAM);
    }

    public static SocketPair stream() {
        return of(HostConstants.SOCK_STREAM);
    }

    private static SocketPair of(int type) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment fds = arena.allocate(2L * Integer.BYTES, Integer.BYTES);
            int flags = type | HostConstants.SOCK_NONBLOCK | HostConstants.SOCK_CLOEXEC;
            int _ = Libc.check("socketpair", SOCKETPAIR.call(HostConstants.AF_UNIX, flags, 0, fds.address()));
            return new SocketPair(
                    Fd.own("left socket", fds.get(ValueLayout.JAVA_INT, 0)),
                    Fd.own("right socket", fds.get(ValueLayout.JAVA_INT, Integer.BYTES)));
        }
    }

    @Override
    public void close() {
        left.close();
        right.close();
    }
}
