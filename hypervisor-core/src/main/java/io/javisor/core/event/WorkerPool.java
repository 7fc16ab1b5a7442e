package io.javisor.core.event;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A few threads for what may block: fsync, a slow file, a name lookup. Results come back to an {@link EventLoop}. Threads are made
 * when they are first needed. Any thread may call anything, and submitting allocates nothing.
 */
public final class WorkerPool implements AutoCloseable {
    /** How long {@link #close} lets work go on before it interrupts it. */
    public static final long CLOSE_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final Logger LOG = LoggerFactory.getLogger(WorkerPool.class);
    private static final long INTERRUPTED_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final String threadNamePrefix;
    private final int maxThreads;
    private final int maxInFlight;
    private final FailureLog failures;
    private final List<Thread> threads = new ArrayList<>();
    private final ArrayDeque<Request> free;
    private final ArrayDeque<Request> queue;
    private int idleThreads;
    private boolean closed;

    /**
     * Makes a pool, without threads yet.
     *
     * @param threadNamePrefix such as {@code NAME/worker}: the threads are {@code NAME/worker-0}, …
     * @param maxThreads at least 1
     * @param maxInFlight how many requests there may be between their submission and their completion, at least 1
     */
    public WorkerPool(String threadNamePrefix, int maxThreads, int maxInFlight) {
        if (maxThreads < 1 || maxInFlight < 1) {
            throw new IllegalArgumentException("a worker pool has at least one thread and one request");
        }
        this.threadNamePrefix = threadNamePrefix;
        this.maxThreads = maxThreads;
        this.maxInFlight = maxInFlight;
        this.failures = new FailureLog(threadNamePrefix);
        this.free = new ArrayDeque<>(maxInFlight);
        this.queue = new ArrayDeque<>(maxInFlight);
        for (int i = 0; i < maxInFlight; i++) {
            free.add(new Request());
        }
    }

    /**
     * Runs {@code work} on a thread of the pool and its completion on {@code loop}. If the loop is closed by then nobody is told.
     *
     * @return false if as many requests as there may be are in flight: try again when one has completed
     * @throws RejectedExecutionException if the pool is closed
     */
    public synchronized boolean submit(BlockingWork work, EventLoop loop) {
        if (closed) {
            throw new RejectedExecutionException(threadNamePrefix + " is closed");
        }
        Request request = free.poll();
        if (request == null) {
            return false;
        }
        request.work = work;
        request.loop = loop;
        queue.add(request);
        if (idleThreads >= queue.size()) {
            notify();
        } else if (threads.size() < maxThreads) {
            String name = threadNamePrefix + "-" + threads.size();
            threads.add(Thread.ofPlatform().name(name).daemon(true).start(this::work));
        }
        return true;
    }

    /** How many threads it may have. */
    public int maxThreads() {
        return maxThreads;
    }

    /** How many requests may be in flight. */
    public int maxInFlight() {
        return maxInFlight;
    }

    /**
     * Refuses new work and waits until all that was submitted has run: what an fsync was promised is kept. After 10 s the work that
     * runs is interrupted, and what did not start is completed with a {@link CancellationException}. Does nothing the second time
     * but wait.
     *
     * @throws IllegalStateException if work does not even end when it is interrupted, or a thread of the pool calls this
     */
    @Override
    public void close() {
        close(CLOSE_TIMEOUT_NANOS, INTERRUPTED_TIMEOUT_NANOS);
    }

    void close(long timeoutNanos, long interruptedTimeoutNanos) {
        List<Thread> running;
        synchronized (this) {
            if (threads.contains(Thread.currentThread())) {
                throw new IllegalStateException(threadNamePrefix + " is closed by one of its own threads");
            }
            closed = true;
            notifyAll();
            running = List.copyOf(threads);
        }
        if (join(running, timeoutNanos) != null) {
            LOG.warn("{}: work is still running and is interrupted", threadNamePrefix);
            cancelQueued();
            running.forEach(Thread::interrupt);
            Thread stuck = join(running, interruptedTimeoutNanos);
            if (stuck != null) {
                throw new IllegalStateException(stuck.getName() + " does not end: it is at " + Waits.position(stuck));
            }
        }
    }

    private static @Nullable Thread join(List<Thread> threads, long timeoutNanos) {
        long end = System.nanoTime() + timeoutNanos;
        for (Thread thread : threads) {
            if (!Waits.join(thread, end - System.nanoTime())) {
                return thread;
            }
        }
        return null;
    }

    private void cancelQueued() {
        while (true) {
            Request request;
            synchronized (this) {
                request = queue.poll();
            }
            if (request == null) {
                return;
            }
            request.finish(new CancellationException(threadNamePrefix + " was closed before it could run"));
        }
    }

    private void work() {
        Request request = take();
        while (request != null) {
            request.perform();
            request = take();
        }
    }

    private synchronized @Nullable Request take() {
        idleThreads++;
        try {
            while (queue.isEmpty()) {
                if (closed) {
                    return null;
                }
                try {
                    wait();
                } catch (InterruptedException e) {
                    // Meant for work that has just ended.
                }
            }
            return queue.poll();
        } finally {
            idleThreads--;
        }
    }

    private synchronized void recycle(Request request) {
        free.add(request);
    }

    /** A place for work in flight, used again and again; as a task it is the completion on the loop. */
    private final class Request implements Runnable {
        private @Nullable BlockingWork work;
        private @Nullable EventLoop loop;
        private @Nullable Throwable failure;

        void perform() {
            Throwable thrown = null;
            try {
                java.util.Objects.requireNonNull(work).run();
            } catch (Throwable e) {
                thrown = e;
            }
            boolean _ = Thread.interrupted(); // not the next one's
            finish(thrown);
        }

        void finish(@Nullable Throwable thrown) {
            failure = thrown;
            if (!java.util.Objects.requireNonNull(loop).executeCompletion(this)) {
                if (thrown != null) {
                    failures.log("work whose loop is closed", thrown);
                }
                clear();
            }
        }

        /** On the loop, which orders it after the work: both go through the lock of its tasks. */
        @Override
        public void run() {
            BlockingWork done = java.util.Objects.requireNonNull(work);
            Throwable thrown = failure;
            clear(); // before the completion, so that it can submit again
            done.completed(thrown);
        }

        private void clear() {
            work = null;
            loop = null;
            failure = null;
            recycle(this);
        }
    }
}
