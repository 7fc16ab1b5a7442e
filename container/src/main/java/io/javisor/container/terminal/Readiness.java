package io.javisor.container.terminal;

import io.javisor.core.event.EventFd;
import io.javisor.core.host.Errno;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.host.PollfdLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Waits for a descriptor, or for the word to stop. For one thread. */
final class Readiness implements AutoCloseable {
    private static final int COUNT = 2;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment pollfds = PollfdLayout.allocate(arena, COUNT);
    private final EventFd stop;

    /** Stops when {@code stop} is signalled, which is never drained. */
    Readiness(EventFd stop) {
        this.stop = stop;
    }

    /** Whether the descriptor is ready, or has come to its end; false if it is time to stop. */
    boolean await(int fd, int events) {
        PollfdLayout.set(pollfds, 0, fd, events);
        PollfdLayout.set(pollfds, 1, stop.fd().value(), HostConstants.POLLIN);
        int ready;
        do {
            ready = Libc.poll(pollfds.address(), COUNT, -1);
        } while (ready == -Errno.EINTR);
        int _ = Libc.check("poll", ready);
        return PollfdLayout.revents(pollfds, 1) == 0;
    }

    /** Whether a call is to be made again. */
    static boolean isPassing(long result) {
        return result == -Errno.EINTR || result == -Errno.EAGAIN;
    }

    @Override
    public void close() {
        arena.close();
    }
}
