package io.javisor.kvm.tiny;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Waiting for a file descriptor on the test's own thread, where an event loop would be too quick. */
final class Wait {
    /** {@code struct epoll_event} on x86-64: packed. */
    private static final long EPOLL_EVENT_SIZE = 12;

    private Wait() {}

    /** Whether {@code fd} becomes readable within {@link TinyGuest#TIMEOUT_MILLIS}. */
    static boolean readable(int fd) {
        return readable(fd, (int) TinyGuest.TIMEOUT_MILLIS);
    }

    /** Whether {@code fd} is readable. */
    static boolean readableNow(int fd) {
        return readable(fd, 0);
    }

    private static boolean readable(int fd, int timeoutMillis) {
        try (Fd epoll = Fd.own("epoll", Libc.epollCreate1(HostConstants.EPOLL_CLOEXEC));
                Arena arena = Arena.ofConfined()) {
            MemorySegment event = arena.allocate(EPOLL_EVENT_SIZE, 8);
            event.set(ValueLayout.JAVA_INT, 0, HostConstants.EPOLLIN);
            Libc.check("epoll_ctl", Libc.epollCtl(epoll.value(), HostConstants.EPOLL_CTL_ADD, fd, event.address()));
            int count;
            do {
                count = Libc.epollWait(epoll.value(), event.address(), 1, timeoutMillis);
            } while (count == -Errno.EINTR);
            return Libc.check("epoll_wait", count) == 1;
        }
    }
}
