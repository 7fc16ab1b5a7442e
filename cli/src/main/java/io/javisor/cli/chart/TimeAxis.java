package io.javisor.cli.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A stretch of time laid out from left to right.
 *
 * @param endNanos its end; it starts at 0
 * @param left where it starts on the picture
 * @param width how wide it is there
 */
record TimeAxis(long endNanos, double left, double width) {
    private static final int MAX_TICKS = 8;

    TimeAxis {
        endNanos = Math.max(1, endNanos);
    }

    double x(long nanos) {
        return left + width * nanos / endNanos;
    }

    /** From 0, at most {@link #MAX_TICKS} apart by 1, 2 or 5 times a power of ten. */
    List<Long> ticks() {
        List<Long> ticks = new ArrayList<>();
        long step = step();
        for (long i = 0; i <= endNanos / step; i++) {
            ticks.add(i * step);
        }
        return ticks;
    }

    private long step() {
        long power = 1;
        while (true) {
            for (int factor : new int[] {1, 2, 5}) {
                if (endNanos / (factor * power) < MAX_TICKS) {
                    return factor * power;
                }
            }
            power *= 10;
        }
    }

    /** A tick's label: seconds, with as many decimals as the ticks need. */
    String label(long tick) {
        int decimals = 0;
        for (long unit = 1_000_000_000; unit > 1 && step() % unit != 0; unit /= 10) {
            decimals++;
        }
        return String.format(Locale.ROOT, "%." + decimals + "f s", tick / 1e9);
    }

    /** A duration in three digits or so. */
    static String duration(long nanos) {
        if (nanos >= 100_000_000_000L) {
            return String.format(Locale.ROOT, "%.0f s", nanos / 1e9);
        }
        if (nanos >= 1_000_000_000) {
            return String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
        }
        return String.format(Locale.ROOT, nanos >= 10_000_000 ? "%.0f ms" : "%.1f ms", nanos / 1e6);
    }
}
