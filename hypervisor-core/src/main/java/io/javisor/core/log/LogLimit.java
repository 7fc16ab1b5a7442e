package io.javisor.core.log;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Lets through one line an interval, the first at once, and has the next one tell how many were left out: what a guest or a client can have logged
 * again and again goes through one, which lives at least as long as the machine, so that no reset starts it anew. Any thread.
 */
public final class LogLimit {
    /** Of {@link #next}: no line now. */
    public static final long LEFT_OUT = -1;

    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final long intervalNanos;
    private final LongSupplier clock;
    private boolean used; // all guarded by this
    private long lastNanos;
    private long leftOut;

    /** One line in ten seconds. */
    public LogLimit() {
        this(INTERVAL_NANOS);
    }

    /** One line in {@code intervalNanos}, of 1 or more. */
    public LogLimit(long intervalNanos) {
        this(intervalNanos, System::nanoTime);
    }

    /** @param clock as {@link System#nanoTime} */
    LogLimit(long intervalNanos, LongSupplier clock) {
        if (intervalNanos < 1) {
            throw new IllegalArgumentException("an interval of " + intervalNanos + " ns");
        }
        this.intervalNanos = intervalNanos;
        this.clock = clock;
    }

    /**
     * Whether there may be a line now; it counts as written then. Allocates nothing.
     *
     * @return how many were left out since the last one, for {@link #more}; {@link #LEFT_OUT} if this one is to be left out too
     */
    public synchronized long next() {
        long now = clock.getAsLong();
        if (used && now - lastNanos < intervalNanos) {
            leftOut++;
            return LEFT_OUT;
        }
        long before = leftOut;
        used = true;
        lastNanos = now;
        leftOut = 0;
        return before;
    }

    /** The end of a line that tells what was left out before it; empty if nothing was. */
    public static String more(long leftOutBefore) {
        return leftOutBefore == 0 ? "" : "; " + leftOutBefore + " more such lines left out";
    }

    /** Logs a warning, of a format and arguments as {@link Logger#warn(String, Object...)} takes them, or leaves it out. */
    public void warn(Logger log, String format, @Nullable Object... arguments) {
        long before = next();
        if (before != LEFT_OUT) {
            log.warn(format + more(before), arguments);
        }
    }

    /** As {@link #warn}, an error. */
    public void error(Logger log, String format, @Nullable Object... arguments) {
        long before = next();
        if (before != LEFT_OUT) {
            log.error(format + more(before), arguments);
        }
    }

    /** As {@link #warn}, for who wants to know more. Where nobody does, it is not counted. */
    public void info(Logger log, String format, @Nullable Object... arguments) {
        if (!log.isInfoEnabled()) {
            return;
        }
        long before = next();
        if (before != LEFT_OUT) {
            log.info(format + more(before), arguments);
        }
    }
}
