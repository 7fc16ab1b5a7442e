package io.javisor.devices.backend;

import io.javisor.core.event.Timer;
import io.javisor.core.event.Timers;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Limits how much passes in a time: tokens (bytes, requests) come at a steady rate and gather up to a burst. Who does not get what it asks
 * for is called once there is enough. A larger amount than the burst is given for a full bucket, which then owes the rest. Starts full,
 * but for one that goes on where another of its name was left.
 *
 * <p>For one thread, the event loop of its timer. Allocates nothing after it was made.
 */
public final class TokenBucket implements AutoCloseable {
    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final double tokensPerNano;
    private final long burst;
    private final LongSupplier clock;
    private final Timer timer;
    private final TokenLevels.Level level;

    /**
     * Makes a bucket.
     *
     * @param name for messages
     * @param tokensPerSecond at least 1
     * @param burst the most that gathers, at least 1
     * @param clock nanoseconds, monotonic
     * @param levels what it holds from the start, and keeps what it holds at its end
     * @param refilled runs on the loop after a {@link #tryTake} that failed, when it would not any more
     */
    public TokenBucket(
            String name,
            long tokensPerSecond,
            long burst,
            TokenLevels levels,
            LongSupplier clock,
            Timers timers,
            Runnable refilled) {
        if (tokensPerSecond < 1 || burst < 1) {
            throw new IllegalArgumentException(name + ": a rate of " + tokensPerSecond + ", a burst of " + burst);
        }
        this.tokensPerNano = tokensPerSecond / NANOS_PER_SECOND;
        this.burst = burst;
        this.clock = clock;
        this.level = levels.of(name);
        if (!level.known) {
            level.known = true;
            level.balance = (double) burst;
            level.lastNanos = clock.getAsLong();
        }
        this.timer = timers.newTimer(name, refilled);
    }

    /** The most that gathers. */
    public long burst() {
        return burst;
    }

    /**
     * Takes tokens.
     *
     * @param amount 0 or more
     * @return false if there are not enough; then nothing is taken, and {@code refilled} is called in time
     */
    public boolean tryTake(long amount) {
        refill();
        double missing = (double) Math.min(amount, burst) - level.balance;
        if (missing <= 0) {
            level.balance -= amount;
            return true;
        }
        // At least 1 ns, as a timer wants it; rounded up, so that it does not come in vain.
        timer.schedule((long) Math.ceil(missing / tokensPerNano) + 1);
        return false;
    }

    /** Gives back tokens that were taken and not used. */
    public void giveBack(long amount) {
        level.balance = Math.min((double) burst, level.balance + amount);
    }

    /** Whole tokens that there are; below 0 what is owed. */
    public long balance() {
        refill();
        return (long) Math.floor(level.balance);
    }

    /** Sets what there is: for a restore. More than the burst is the burst. */
    public void setBalance(long tokens) {
        level.lastNanos = clock.getAsLong();
        level.balance = (double) Math.min(burst, tokens);
    }

    /** Nobody is called any more, until the next {@link #tryTake} that fails. */
    public void cancel() {
        timer.cancel();
    }

    /** Gives the timer back. */
    @Override
    public void close() {
        timer.close();
    }

    private void refill() {
        long now = clock.getAsLong();
        level.balance = Math.min((double) burst, level.balance + (now - level.lastNanos) * tokensPerNano);
        level.lastNanos = now;
    }
}
