package io.javisor.core.io;

import io.javisor.core.event.BlockingWork;
import io.javisor.core.event.EventLoop;
import io.javisor.core.event.Registration;
import io.javisor.core.event.Timer;
import io.javisor.core.event.WorkerPool;
import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.log.LogLimit;
import java.util.Arrays;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests as system calls that the threads of a {@link WorkerPool} wait for. A worker takes one request after the other, and hands it
 * back when it is done; neither takes a lock, which would cost as much as a read of the page cache.
 */
final class PoolEngine implements FileEngine {
    private static final Logger LOG = LoggerFactory.getLogger(PoolEngine.class);

    /** How many requests a worker takes in a row before others get the pool's thread. */
    private static final int MAX_CALLS = 16;

    /** When others have filled the pool, some of their requests will be through by then. */
    private static final long RETRY_NANOS = 1_000_000;

    private static final int NONE = -1;

    private final Fd file;
    private final EventLoop loop;
    private final WorkerPool pool;
    private final FileRequests requests;
    private final Owner owner;
    private final LogLimit limit;
    private final CompletionSignal completions;
    private final Registration registration;
    private final Timer retry;
    private final Worker[] workers;

    // A ring of slots: the loop writes at the tail, workers take from the head. In flight are no more than it has room
    // for.
    private final int[] ring;
    private final AtomicInteger head = new AtomicInteger();
    private final AtomicInteger tail = new AtomicInteger();
    private int queuedTail;

    // A stack of slots that are done: workers push, the loop takes all at once.
    private final AtomicInteger done = new AtomicInteger(NONE);
    private final int[] nextDone;
    private final long[] results;
    private int taken = NONE; // the loop's own

    private boolean submitting;
    private boolean poolFull;
    private boolean released;

    PoolEngine(Fd file, EventLoop loop, WorkerPool pool, FileRequests requests, Owner owner, LogLimit limit) {
        this.file = file;
        this.loop = loop;
        this.pool = pool;
        this.requests = requests;
        this.owner = owner;
        this.limit = limit;
        int depth = requests.depth();
        ring = new int[Integer.highestOneBit(2 * depth - 1)];
        nextDone = new int[depth];
        results = new long[depth];
        workers = new Worker[Math.min(depth, pool.maxThreads())];
        Arrays.setAll(workers, i -> new Worker());
        completions = new CompletionSignal(file.name());
        try {
            // Edge-triggered: nobody needs to take the counter.
            registration = loop.register(
                    completions.eventFd().fd(), HostConstants.EPOLLIN | HostConstants.EPOLLET, events -> submit());
            retry = loop.newTimer(file.name() + "/retry", this::submit);
        } catch (Throwable e) {
            completions.close();
            throw e;
        }
    }

    @Override
    public String name() {
        return "worker pool";
    }

    @Override
    public void queue(int slot) {
        ring[queuedTail & (ring.length - 1)] = slot;
        queuedTail++;
    }

    @Override
    public void submit() {
        if (submitting) {
            return;
        }
        submitting = true;
        try {
            finishDone();
            // Volatile: the requests before the tail; and the tail before the look at the workers, see Worker.run.
            tail.set(queuedTail);
            startWorkers();
        } finally {
            submitting = false;
            // A completion threw, or what was cancelled came again. The signal for what is done may have been this
            // one's.
            if (taken != NONE || done.get() != NONE || queuedTail != tail.get()) {
                completions.signal();
            }
            owner.settled();
        }
    }

    private void finishDone() {
        while (taken != NONE || (taken = done.getAndSet(NONE)) != NONE) {
            int slot = taken;
            taken = nextDone[slot];
            owner.finished(slot, results[slot]);
        }
    }

    private void startWorkers() {
        int waiting = tail.get() - head.get();
        poolFull = false;
        for (int i = 0; i < workers.length && waiting > 0; i++) {
            if (!workers[i].running) {
                start(workers[i]);
                waiting--;
            }
        }
        if (poolFull) {
            retry.schedule(RETRY_NANOS);
        }
    }

    private void start(Worker worker) {
        worker.running = true;
        try {
            if (pool.submit(worker, loop)) {
                return;
            }
            poolFull = true;
        } catch (RejectedExecutionException e) {
            int slot = take();
            while (slot != NONE) {
                owner.finished(slot, -Errno.ECANCELED);
                slot = take();
            }
        }
        worker.running = false;
    }

    @Override
    public void await(long timeoutNanos) {
        // The loop's timers do not run now.
        completions.await(poolFull ? Math.min(timeoutNanos, RETRY_NANOS) : timeoutNanos);
        submit();
    }

    @Override
    public void release() {
        released = true;
        registration.close();
        retry.close();
        completions.close();
    }

    /** Takes the next request, or {@link #NONE}. */
    private int take() {
        while (true) {
            int at = head.get();
            if (at == tail.get()) {
                return NONE;
            }
            int slot = ring[at & (ring.length - 1)]; // its place is written anew only after the head has moved
            if (head.compareAndSet(at, at + 1)) {
                return slot;
            }
        }
    }

    private void handBack(int slot, long result) {
        results[slot] = result;
        int top;
        do {
            top = done.get();
            nextDone[slot] = top;
        } while (!done.compareAndSet(top, slot));
        if (top == NONE) {
            completions.signal();
        }
    }

    private long call(int slot) {
        int fd = requests.file(slot).value();
        long offset = requests.offset(slot);
        long address = requests.address(slot);
        int length = requests.length(slot);
        return switch (requests.operation(slot)) {
            case READV -> Libc.preadv(fd, address, length, offset);
            case WRITEV -> Libc.pwritev2(fd, address, length, offset, requests.flags(slot));
            case FDATASYNC -> Libc.fdatasync(fd);
            case FALLOCATE -> Libc.fallocate(fd, length, offset, address);
        };
    }

    /** Makes system calls on a thread of the pool. */
    private final class Worker implements BlockingWork {
        private volatile boolean running;

        @Override
        public void run() {
            int calls = 0;
            int slot = take();
            while (slot != NONE) {
                long result = -Errno.EBADF;
                try {
                    result = call(slot);
                } catch (IllegalStateException e) {
                    limit.error(LOG, "a file was closed before its requests had completed", e);
                }
                handBack(slot, result);
                calls++;
                slot = calls < MAX_CALLS ? take() : NONE;
            }
            // Volatile: that it ends before the look at the tail. Pairs with submit, which sets
            // the tail before it looks whether this runs, so that one of the two sees the other.
            running = false;
            if (head.get() != tail.get()) {
                completions.signal();
            }
        }

        @Override
        public void completed(@Nullable Throwable failure) {
            if (failure == null || released) {
                return;
            }
            running = false;
            if (!(failure instanceof CancellationException)) {
                limit.error(LOG, "{}: {}", file, failure.toString(), failure);
            }
            submit(); // which is refused, and cancels what waits
        }
    }
}
