package io.javisor.core.event;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Waiting that an interrupt does not end, as a close must be complete; the interrupt is kept. */
public final class Waits {
    /** How long a close waits for what should take no time. */
    public static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private Waits() {}

    /** Waits until {@code thread} has ended. Returns false if the time ran out first. */
    static boolean join(Thread thread, long timeoutNanos) {
        long end = System.nanoTime() + timeoutNanos;
        boolean interrupted = false;
        try {
            while (true) {
                long left = Math.max(0, end - System.nanoTime());
                try {
                    // At least 1 ms: 0 would wait for ever.
                    thread.join(left / 1_000_000 + 1);
                    return !thread.isAlive();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Waits for {@code latch}. Returns false if the time ran out first. */
    public static boolean await(CountDownLatch latch, long timeoutNanos) {
        long end = System.nanoTime() + timeoutNanos;
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return latch.await(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Where {@code thread} is, for a message. */
    static String position(Thread thread) {
        StackTraceElement[] stack = thread.getStackTrace();
        return stack.length == 0 ? "an unknown place" : stack[0].toString();
    }
}
