package io.javisor.machine;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How soon a guest that resets may start again: at once, but for one that does so again and again, whose VM would be made and unmade as fast as the host can.
 * Not thread-safe: the machine's lock guards it.
 */
final class ResetPace {
    private static final Logger LOG = LoggerFactory.getLogger(ResetPace.class);

    private static final int FREE_RESETS = 5;
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long DELAY_MILLIS = 1000;

    /** Stops the guest. */
    interface Pause {
        void run() throws InterruptedException;
    }

    private final long[] last = new long[FREE_RESETS];
    private int count;

    /** Counts a reset. Returns how long to wait before the next life, in milliseconds. */
    long delayMillis(long nowNanos) {
        int slot = count % FREE_RESETS;
        boolean again = count >= FREE_RESETS && nowNanos - last[slot] < WINDOW_NANOS;
        last[slot] = nowNanos;
        count = count == 2 * FREE_RESETS - 1 ? FREE_RESETS : count + 1;
        return again ? DELAY_MILLIS : 0;
    }

    /**
     * Counts a reset, and lets a guest that does so too often stand still for its time, or until it is not {@code present} any more.
     *
     * @param lock the machine's, which the caller holds; others have it meanwhile, to end the machine for one, and notify
     */
    void awaitTurn(Object lock, BooleanSupplier present, Pause pause) {
        long left = TimeUnit.MILLISECONDS.toNanos(delayMillis(System.nanoTime()));
        if (left == 0) {
            return;
        }
        long end = System.nanoTime() + left;
        try {
            pause.run();
            while (left > 0 && present.getAsBoolean()) {
                TimeUnit.NANOSECONDS.timedWait(lock, left);
                left = end - System.nanoTime();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.debug("the guest can't be paused: {}", e.toString()); // to end its life tells what it is
        }
    }
}
