package io.javisor.core.memory;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts who still uses host addresses, and says when the last one is gone. The owner counts as one until {@link #leave} is
 * called for it.
 */
final class LeaseGate {
    private static final int CLOSED = 1 << 31;

    private final AtomicInteger state = new AtomicInteger(1);
    private final Object drained = new Object();

    /** Enters, or returns false if the gate is closed. */
    boolean enter() {
        while (true) {
            int seen = state.get();
            if (seen < 0) {
                return false;
            }
            if (state.weakCompareAndSetVolatile(seen, seen + 1)) {
                return true;
            }
        }
    }

    /** Leaves. True for exactly one caller: the last one out of a closed gate. */
    boolean leave() {
        int now = state.decrementAndGet();
        if (now < 0) {
            synchronized (drained) {
                drained.notifyAll();
            }
        }
        return now == CLOSED;
    }

    /** Closes it. True for the first caller only. */
    boolean close() {
        return state.getAndUpdate(seen -> seen | CLOSED) >= 0;
    }

    boolean isClosed() {
        return state.get() < 0;
    }

    /** Those who are in, without the owner. */
    int guests() {
        return Math.max(0, (state.get() & ~CLOSED) - 1);
    }

    /** Waits until only the owner is in. Returns false if the time ran out first; an interrupt is kept and does not end the wait. */
    boolean awaitGuests(long timeoutNanos) {
        long end = System.nanoTime() + timeoutNanos;
        boolean interrupted = false;
        try {
            synchronized (drained) {
                while (guests() > 0) {
                    long left = end - System.nanoTime();
                    if (left <= 0) {
                        return false;
                    }
                    try {
                        drained.wait(left / 1_000_000, (int) (left % 1_000_000));
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
}
