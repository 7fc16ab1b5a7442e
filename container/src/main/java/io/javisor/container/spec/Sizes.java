package io.javisor.container.spec;

import io.javisor.machine.config.ConfigException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers with units, as docker writes them. */
final class Sizes {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,18}(?:\\.\\d{1,18})?) ?(?:([kKmMgGtTpP])?(?:i?[bB])?)");
    private static final String UNITS = "kmgtp";
    private static final int UNIT_BITS = 10;
    private static final Pattern TIME_PART = Pattern.compile("(\\d{1,12}(?:\\.\\d{1,9})?)(ns|us|µs|ms|s|m|h)");
    private static final BigDecimal LONG_MAX = BigDecimal.valueOf(Long.MAX_VALUE);

    private Sizes() {}

    /** Bytes: {@code 256M}, {@code 1.5g}, {@code 4096}; units are powers of 1024. */
    static long bytes(ContainerOption option, String text) {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            throw ContainerOptions.invalid(option, text, "invalid size: '" + ContainerOptions.plain(text) + "'");
        }
        int unit = matcher.group(2) == null
                ? 0
                : 1 + UNITS.indexOf(matcher.group(2).toLowerCase(Locale.ROOT));
        BigDecimal bytes = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(1L << (unit * UNIT_BITS)));
        if (bytes.compareTo(LONG_MAX) > 0) {
            throw ContainerOptions.invalid(option, text, "invalid size: '" + ContainerOptions.plain(text) + "'");
        }
        return bytes.longValue();
    }

    /** A whole number from {@code min} to {@code max}. */
    static long number(ContainerOption option, String text, long min, long max) {
        if (!text.matches("-?[0-9]{1,18}")) {
            throw ContainerOptions.invalid(option, text, "it is no whole number");
        }
        long number = Long.parseLong(text);
        if (number < min || number > max) {
            throw ContainerOptions.invalid(option, text, "it must be " + min + " to " + max);
        }
        return number;
    }

    /** Nanoseconds of {@code 1m30s}, as Go writes times. */
    static long nanos(ContainerOption option, String text) {
        Matcher part = TIME_PART.matcher(text);
        BigDecimal nanos = BigDecimal.ZERO;
        int at = 0;
        while (part.find() && part.start() == at) {
            at = part.end();
            nanos = nanos.add(new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(unitNanos(part.group(2)))));
        }
        if (at != text.length() || (at == 0 && !text.equals("0")) || nanos.compareTo(LONG_MAX) > 0) {
            throw ContainerOptions.invalid(option, text, "it is no time, such as 30s or 1m30s");
        }
        return nanos.longValue();
    }

    private static long unitNanos(String unit) {
        return switch (unit) {
            case "ns" -> 1;
            case "us", "µs" -> Duration.ofNanos(1_000).toNanos();
            case "ms" -> Duration.ofMillis(1).toNanos();
            case "s" -> Duration.ofSeconds(1).toNanos();
            case "m" -> Duration.ofMinutes(1).toNanos();
            default -> Duration.ofHours(1).toNanos();
        };
    }

    /** @throws ConfigException with these words if it is not so */
    static void require(boolean condition, String words) {
        if (!condition) {
            throw new ConfigException(words);
        }
    }
}
