package io.javisor.core.event;

import java.util.concurrent.atomic.AtomicInteger;

/** A descriptor that an {@link EventLoop} watches. Any thread may call anything. */
public final class Registration implements AutoCloseable {
    private static final int IDLE = 0;
    private static final int RUNNING = 1;
    /** Closed while its handler runs. */
    private static final int CLOSING = 2;

    private static final int CLOSED = 3;

    private final EventLoop loop;
    private final String name;
    private final int fd;
    private final EventHandler handler;
    private final long token;
    private final AtomicInteger state = new AtomicInteger(IDLE);

    /**
     * @param token what epoll gives back: the slot in its lower half, a number never used before in its upper half, by which an
     *     event of an earlier registration in the same slot is told apart
     */
    Registration(EventLoop loop, String name, int fd, EventHandler handler, long token) {
        this.loop = loop;
        this.name = name;
        this.fd = fd;
        this.handler = handler;
        this.token = token;
    }

    int fd() {
        return fd;
    }

    long token() {
        return token;
    }

    int slot() {
        return (int) token;
    }

    /** On the loop. */
    void run(int events) {
        if (!state.compareAndSet(IDLE, RUNNING)) {
            return; // closed since the event came
        }
        try {
            handler.ready(events);
        } catch (Throwable e) {
            loop.failures().log("the handler of " + name, e);
        } finally {
            if (!state.compareAndSet(RUNNING, IDLE)) {
                synchronized (state) {
                    state.set(CLOSED);
                    state.notifyAll();
                }
            }
        }
    }

    /**
     * Watches for other events from now on.
     *
     * @param events {@code EPOLL…} bits; 0 for none but errors and hang-ups
     * @throws IllegalStateException if this or the loop is closed
     */
    public void modify(int events) {
        if (state.get() >= CLOSING) {
            throw new IllegalStateException(name + " is no longer watched by " + loop.name());
        }
        loop.modify(this, events);
    }

    /**
     * Stops watching. When it returns no handler of this registration runs or will run: another thread waits for one that does. On
     * the loop itself it returns at once. To be called before the descriptor is closed. Does nothing the second time.
     *
     * @throws IllegalStateException if the handler is still running after 10 s
     */
    @Override
    public void close() {
        int seen = state.get();
        while (seen < CLOSING && !state.compareAndSet(seen, seen == IDLE ? CLOSED : CLOSING)) {
            seen = state.get();
        }
        if (seen < CLOSING) {
            loop.remove(this);
        }
        if (!loop.isLoopThread() && !awaitHandler()) {
            throw new IllegalStateException(
                    "the handler of " + name + " on " + loop.name() + " has not returned for 10 s");
        }
    }

    private boolean awaitHandler() {
        long end = System.nanoTime() + Waits.LIMIT_NANOS;
        boolean interrupted = false;
        try {
            synchronized (state) {
                while (state.get() != CLOSED) {
                    long left = end - System.nanoTime();
                    if (left <= 0) {
                        return false;
                    }
                    try {
                        state.wait(left / 1_000_000 + 1);
                    } catch (InterruptedException e) {
                        interrupted = true;
                    }
                }
                return true;
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public String toString() {
        return name + " (fd " + fd + ") on " + loop.name();
    }
}
