package io.javisor.kvm;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** An eventfd between a line and KVM. Signalling allocates nothing and never blocks. */
final class IrqEventFd implements AutoCloseable {
    private static final MemorySegment ONE = Arena.global().allocateFrom(ValueLayout.JAVA_LONG, 1L);
    /** Where counts are drained to; nobody looks at them, so any number of threads may. */
    private static final MemorySegment SINK = Arena.global().allocate(ValueLayout.JAVA_LONG);

    private final Fd fd;

    IrqEventFd(String name) {
        this.fd = Fd.own(name, Libc.eventfd(0, HostConstants.EFD_CLOEXEC | HostConstants.EFD_NONBLOCK));
    }

    int value() {
        return fd.value();
    }

    void signal() {
        long result = Libc.write(fd.value(), ONE.address(), Long.BYTES);
        // EAGAIN: the counter is full, so the signal is already pending
        if (result < 0 && result != -Errno.EAGAIN) {
            throw new HostException("write(" + fd.name() + ")", (int) -result);
        }
    }

    /** Takes what was signalled. Returns whether there was anything. */
    boolean drain() {
        long result = Libc.read(fd.value(), SINK.address(), Long.BYTES);
        if (result < 0 && result != -Errno.EAGAIN) {
            throw new HostException("read(" + fd.name() + ")", (int) -result);
        }
        return result > 0;
    }

    @Override
    public void close() {
        fd.close();
    }
}
