package io.javisor.cli.image;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Bytes as docker shows them: in decimal units, with few digits, {@code 124MB}. */
final class HumanSize {
    /** How many digits lists have. */
    static final int LIST_DIGITS = 3;

    /** How many digits sums and progress have. */
    static final int DIGITS = 4;

    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    private static final int STEP_DIGITS = 3;
    private static final BigDecimal STEP = BigDecimal.valueOf(1000);

    private HumanSize() {}

    /**
     * Rounds to {@code digits} digits, and leaves out zeros after the point. What would round to 1000 is 1 of the next unit.
     *
     * @param bytes 0 or more
     * @param digits 3 or more
     */
    static String of(long bytes, int digits) {
        int unit = 0;
        BigDecimal value = BigDecimal.valueOf(bytes);
        while (value.compareTo(STEP) >= 0 && unit < UNITS.length - 1) {
            value = value.movePointLeft(STEP_DIGITS);
            unit++;
        }
        value = value.round(new MathContext(digits, RoundingMode.HALF_EVEN));
        if (value.compareTo(STEP) >= 0 && unit < UNITS.length - 1) {
            value = value.movePointLeft(STEP_DIGITS);
            unit++;
        }
        return value.stripTrailingZeros().toPlainString() + UNITS[unit];
    }

    /** As {@link #of(long, int)}, as precise as in docker's sums. */
    static String of(long bytes) {
        return of(bytes, DIGITS);
    }
}
