package io.javisor.core.io;

import static io.javisor.core.io.abi.IoUringConstants.IORING_FSYNC_DATASYNC;
import static io.javisor.core.io.abi.IoUringConstants.IORING_OP_FALLOCATE;
import static io.javisor.core.io.abi.IoUringConstants.IORING_OP_FSYNC;
import static io.javisor.core.io.abi.IoUringConstants.IORING_OP_READV;
import static io.javisor.core.io.abi.IoUringConstants.IORING_OP_WRITEV;
import static io.javisor.core.io.abi.IoUringConstants.IOSQE_ASYNC;

import io.javisor.core.event.EventLoop;
import io.javisor.core.event.Registration;
import io.javisor.core.event.Timer;
import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;

/**
 * Requests through an {@link IoUring}. Those that need not wait, such as short reads of the page cache, are completed within {@link #submit};
 * for the others, what would be a long copy among them, the signal wakes the loop. There is room for every completion, as no more requests are in flight than that.
 */
final class IoUringEngine implements FileEngine {
    /** How often in a row completions may queue new requests before the loop gets its turn. */
    private static final int MAX_ROUNDS = 4;

    /** When the kernel has no memory for a request it may have some by then. */
    private static final long RETRY_NANOS = 1_000_000;

    private final FileRequests requests;
    private final Owner owner;
    private final IoUring ring;
    private final Registration registration;
    private final Timer retry;
    private final boolean direct;
    private boolean pumping;
    private boolean starved;

    /**
     * Makes a ring and watches it.
     *
     * @param file one of those whose requests it runs: they are all opened alike
     *
     * @throws HostException as {@link IoUring}'s
     */
    IoUringEngine(Fd file, EventLoop loop, FileRequests requests, Owner owner) {
        this.requests = requests;
        this.owner = owner;
        // Past the page cache nothing is copied, and a thread of the kernel for each request would only hold it up.
        direct = (Libc.check("fcntl(" + file + ", F_GETFL)", Libc.fcntl(file.value(), HostConstants.F_GETFL, 0))
                        & HostConstants.O_DIRECT)
                != 0;
        ring = new IoUring(
                file.name(),
                requests.depth(),
                requests.depth(),
                IORING_OP_READV,
                IORING_OP_WRITEV,
                IORING_OP_FSYNC,
                IORING_OP_FALLOCATE);
        try {
            // Edge-triggered: nobody needs to take the counter.
            registration = loop.register(
                    ring.completions().eventFd().fd(),
                    HostConstants.EPOLLIN | HostConstants.EPOLLET,
                    events -> submit());
            retry = loop.newTimer(file.name() + "/retry", this::submit);
        } catch (Throwable e) {
            ring.close();
            throw e;
        }
    }

    @Override
    public String name() {
        return "io_uring";
    }

    @Override
    public void queue(int slot) {
        int opcode =
                switch (requests.operation(slot)) {
                    case READV -> IORING_OP_READV;
                    case WRITEV -> IORING_OP_WRITEV;
                    case FDATASYNC -> IORING_OP_FSYNC;
                    case FALLOCATE -> IORING_OP_FALLOCATE;
                };
        int operationFlags = opcode == IORING_OP_FSYNC ? IORING_FSYNC_DATASYNC : requests.flags(slot);
        boolean queued = ring.queue(
                opcode,
                requests.refused(slot) || (requests.isLarge(slot) && !direct) ? IOSQE_ASYNC : 0,
                requests.file(slot).value(),
                requests.offset(slot),
                requests.address(slot),
                requests.length(slot),
                operationFlags,
                slot);
        if (!queued) {
            throw new IllegalStateException("more requests than places in " + ring);
        }
        if (!pumping) {
            startEarly();
        }
    }

    /**
     * A disk that has nothing to do need not wait until all of a batch are queued: starts what is queued when it is as much as the disk has. But where
     * requests are completed at once nobody waits, and one call for all is cheaper.
     */
    private void startEarly() {
        int queued = ring.queuedCount();
        if (queued >= requests.inFlight() - queued && !ring.hasNext()) {
            ring.muteSignal(); // submit, which is to follow, sees what is completed
            check(ring.handOver());
        }
    }

    @Override
    public void submit() {
        if (pumping) {
            return;
        }
        pumping = true;
        ring.muteSignal(); // what completes at once is seen at once
        try {
            int rounds = 0;
            do {
                pump();
                rounds++;
            } while (rounds < MAX_ROUNDS && hasWork());
        } finally {
            pumping = false;
            ring.unmuteSignal();
            if (hasWork()) {
                ring.completions().signal();
            } else if (starved) {
                retry.schedule(RETRY_NANOS);
            }
            owner.settled();
        }
    }

    private boolean hasWork() {
        return ring.hasNext() || ring.needsEnter() || (ring.queuedCount() > 0 && !starved);
    }

    private void pump() {
        if (ring.queuedCount() > 0 || ring.needsEnter()) {
            check(ring.enter());
        }
        while (ring.next()) {
            owner.finished((int) ring.userData(), ring.result());
        }
    }

    private void check(int result) {
        starved = result == -Errno.EAGAIN || result == -Errno.EBUSY;
        if (result < 0 && !starved && result != -Errno.EINTR) {
            throw new HostException("io_uring_enter(" + ring + ")", -result);
        }
    }

    @Override
    public void await(long timeoutNanos) {
        // The loop's timers do not run now.
        ring.completions().await(starved ? Math.min(timeoutNanos, RETRY_NANOS) : timeoutNanos);
        submit();
    }

    @Override
    public void release() {
        registration.close();
        retry.close();
        ring.close();
    }
}
