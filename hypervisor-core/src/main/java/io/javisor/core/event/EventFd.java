package io.javisor.core.event;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;

/**
 * An eventfd (eventfd(2)): a counter in the kernel that one side raises and the other takes. The kernel's side may be KVM: an
 * ioeventfd raises it, an irqfd takes it. Neither call blocks or allocates.
 */
public final class EventFd implements AutoCloseable {
    // Never written again, so that all threads and all eventfds share it.
    private static final MemorySegment ONE = Arena.global().allocateFrom(ValueLayout.JAVA_LONG, 1L);

    private final Fd fd;
    private final MemorySegment counter = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG);

    private EventFd(Fd fd) {
        this.fd = fd;
    }

    /**
     * Makes one with counter 0.
     *
     * @param name what it is for, for messages
     * @throws HostException if the process has no descriptor left
     */
    public static EventFd create(String name) {
        int flags = HostConstants.EFD_NONBLOCK | HostConstants.EFD_CLOEXEC;
        return new EventFd(Fd.own(name, Libc.eventfd(0, flags)));
    }

    /** The descriptor, still owned by this object: readable while the counter is above 0. */
    public Fd fd() {
        return fd;
    }

    /** Adds one to the counter. Any thread may call it, but none while another closes it. */
    public void signal() {
        long result = Libc.write(fd.value(), ONE.address(), Long.BYTES);
        // EAGAIN: the counter is at its highest, which is a signal that nobody has taken yet.
        if (result != Long.BYTES && result != -Errno.EAGAIN) {
            throw new HostException("write(" + fd + ")", (int) -result);
        }
    }

    /** Takes the counter: returns how often it was signalled since the last time, 0 for not at all. For one thread at a time. */
    public long drain() {
        try {
            long result = Libc.read(fd.value(), counter.address(), Long.BYTES);
            if (result == -Errno.EAGAIN) {
                return 0;
            }
            if (result != Long.BYTES) {
                throw new HostException("read(" + fd + ")", (int) -result);
            }
            return counter.get(ValueLayout.JAVA_LONG, 0);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void close() {
        fd.close();
    }

    @Override
    public String toString() {
        return fd.toString();
    }
}
