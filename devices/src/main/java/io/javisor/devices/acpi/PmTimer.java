package io.javisor.devices.acpi;

/**
 * The power-management timer: a counter at 3.579545 MHz that never stops (ACPI 6.5 §4.8.2.1), as a function of a clock in nanoseconds. The
 * clock's origin is of no matter; it must not run backwards.
 */
final class PmTimer {
    /** Ticks a second. */
    static final long FREQUENCY = 3_579_545;

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final int bitCount;
    private long originNanos;
    private long originTicks;

    /**
     * At 0 now.
     *
     * @param bitCount 24 or 32
     */
    PmTimer(int bitCount, long nowNanos) {
        if (bitCount != 24 && bitCount != 32) {
            throw new IllegalArgumentException("a PM timer of " + bitCount + " bits");
        }
        this.bitCount = bitCount;
        set(0, nowNanos);
    }

    /** Lets it go on from {@code ticks}. */
    void set(long ticks, long nowNanos) {
        originTicks = ticks;
        originNanos = nowNanos;
    }

    /** The register. */
    long count(long nowNanos) {
        return ticks(nowNanos) & mask();
    }

    /** The register's bits. */
    long mask() {
        return (1L << bitCount) - 1;
    }

    /** How often the register's highest bit has changed: each time sets TMR_STS (§4.8.3.1.1). */
    long highBitChanges(long nowNanos) {
        return ticks(nowNanos) >>> (bitCount - 1);
    }

    /** The time until the highest bit changes again, at least 1. */
    long nanosToHighBitChange(long nowNanos) {
        long targetTicks = ((highBitChanges(nowNanos) + 1) << (bitCount - 1)) - originTicks;
        long seconds = targetTicks / FREQUENCY;
        long rest = targetTicks % FREQUENCY;
        long targetNanos = seconds * NANOS_PER_SECOND + (rest * NANOS_PER_SECOND + FREQUENCY - 1) / FREQUENCY;
        return targetNanos - (nowNanos - originNanos);
    }

    /** All ticks since it was 0; the seconds apart, for the product with the whole would overflow. */
    private long ticks(long nowNanos) {
        long elapsedNanos = nowNanos - originNanos;
        long seconds = elapsedNanos / NANOS_PER_SECOND;
        long rest = elapsedNanos % NANOS_PER_SECOND;
        return originTicks + seconds * FREQUENCY + rest * FREQUENCY / NANOS_PER_SECOND;
    }
}
