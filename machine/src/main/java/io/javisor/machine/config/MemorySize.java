package io.javisor.machine.config;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as people write them: {@code 512M}, {@code 2G}, {@code 1.5GiB}; units are powers of 1024. */
public final class MemorySize {
    private static final Pattern SIZE =
            Pattern.compile("(?<number>[0-9]{1,18}(\\.[0-9]{1,9})?)(?<unit>[kmgt])?(i?b)?", Pattern.CASE_INSENSITIVE);

    /** Behind the point, as {@link #SIZE} has it. */
    private static final int MAX_DECIMALS = 9;

    /** Bytes of a guest page, of which memory has whole ones. */
    public static final long PAGE_SIZE = 4096;

    private static final long LEAST_BYTES = 1 << 20;

    private MemorySize() {}

    /**
     * Parses a size.
     *
     * @return bytes, at least 1
     * @throws ConfigException if it is not a size, or has no unit and so might mean bytes or mebibytes
     */
    public static long parse(String text) {
        Matcher matcher = SIZE.matcher(text.strip());
        if (!matcher.matches()) {
            throw new ConfigException("'" + text + "' is not a memory size; write for example 512M or 2G");
        }
        String number = matcher.group("number");
        String unit = matcher.group("unit");
        if (Double.parseDouble(number) == 0) {
            throw new ConfigException("a memory size of 0 is too little; write for example 512M or 2G");
        }
        if (unit == null) {
            throw new ConfigException("memory size '" + text + "' has no unit; write for example " + withUnit(number));
        }
        int shift =
                switch (unit.toLowerCase(Locale.ROOT)) {
                    case "k" -> 10;
                    case "m" -> 20;
                    case "g" -> 30;
                    default -> 40;
                };
        double bytes = Double.parseDouble(number) * (1L << shift);
        if (bytes >= (double) (1L << 52)) {
            throw new ConfigException("memory size '" + text + "' is more than a PC can address");
        }
        return Math.max(1, (long) bytes);
    }

    /** So large a number will mean bytes; of others nobody knows. */
    private static String withUnit(String number) {
        double value = Double.parseDouble(number);
        double mebibytes = Math.ceil(value / (1 << 20));
        return value < LEAST_BYTES || mebibytes >= 1L << 32
                ? number + "M or " + number + "G"
                : format((long) mebibytes << 20) + " for that many bytes";
    }

    /** The size in the largest unit that gives a whole number: {@code 512M}. */
    public static String format(long bytes) {
        String[] units = {"", "K", "M", "G", "T"};
        int unit = 0;
        long value = bytes;
        while (unit < units.length - 1 && value >= 1024 && value % 1024 == 0) {
            value /= 1024;
            unit++;
        }
        return value + units[unit];
    }

    /** As {@link #parse} reads it back to the same number of bytes: {@code 1.5K}. */
    public static String exact(long bytes) {
        if (bytes % 1024 == 0) {
            return format(bytes);
        }
        // Rounded up in the last of the digits that are read, for the bytes are rounded down.
        return BigDecimal.valueOf(bytes)
                        .divide(BigDecimal.valueOf(1024), MAX_DECIMALS, RoundingMode.CEILING)
                        .stripTrailingZeros()
                        .toPlainString()
                + "K";
    }
}
