package io.javisor.devices.pit;

import static io.javisor.devices.pit.PitRegisters.FREQUENCY;

/** The 1.193182 MHz of the timer's CLK pins, as a function of a clock in nanoseconds, which must not run backwards. */
final class PitClock {
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private long originNanos;
    private long originTicks;

    PitClock(long nowNanos) {
        set(0, nowNanos);
    }

    /** Lets it go on from {@code ticks}, which begins now. */
    void set(long ticks, long nowNanos) {
        originTicks = ticks;
        originNanos = nowNanos;
    }

    /** Falling edges of CLK so far. The seconds apart, for the product with the whole would overflow. */
    long ticks(long nowNanos) {
        long elapsed = nowNanos - originNanos;
        long rest = elapsed % NANOS_PER_SECOND;
        return originTicks + elapsed / NANOS_PER_SECOND * FREQUENCY + rest * FREQUENCY / NANOS_PER_SECOND;
    }

    /** When a tick comes: the first nanosecond at which {@link #ticks} gives it. */
    long nanosOf(long ticks) {
        long elapsed = ticks - originTicks;
        long rest = elapsed % FREQUENCY;
        return originNanos
                + elapsed / FREQUENCY * NANOS_PER_SECOND
                + (rest * NANOS_PER_SECOND + FREQUENCY - 1) / FREQUENCY;
    }
}
