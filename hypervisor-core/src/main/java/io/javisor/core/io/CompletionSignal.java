package io.javisor.core.io;

import io.javisor.core.event.EventFd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.host.PollfdLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.concurrent.TimeUnit;

/** Says by an eventfd that requests are finished. An event loop watches it, and at its end waits for it alone. */
final class CompletionSignal implements AutoCloseable {
    private final EventFd eventFd;
    private final MemorySegment pollfd = PollfdLayout.allocate(Arena.ofAuto(), 1);

    CompletionSignal(String name) {
        eventFd = EventFd.create("completions of " + name);
        PollfdLayout.set(pollfd, 0, eventFd.fd().value(), HostConstants.POLLIN);
    }

    EventFd eventFd() {
        return eventFd;
    }

    void signal() {
        eventFd.signal();
    }

    /** Blocks until it is signalled, the time is over, or a signal interrupts. */
    void await(long timeoutNanos) {
        try {
            int _ = Libc.poll(pollfd.address(), 1, (int) TimeUnit.NANOSECONDS.toMillis(timeoutNanos) + 1);
        } finally {
            Reference.reachabilityFence(pollfd);
        }
        long _ = eventFd.drain();
    }

    @Override
    public void close() {
        eventFd.close();
    }
}
