package io.javisor.cli;

import io.javisor.machine.config.ConfigException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A moment, as {@code --since} takes it. */
final class TimeOption {
    static final String SYNTAX =
            "a time (2026-11-25T14:00, with Z or +01:00 for another zone than the host's), or how long ago (90s, 10m,"
                    + " 3h, 2d)";

    private static final Pattern AGO = Pattern.compile("([0-9]{1,9})(s|m|h|d)");

    private TimeOption() {}

    /** @throws ConfigException if it is none of {@link #SYNTAX} */
    static Instant parse(String text, Instant now) {
        Matcher ago = AGO.matcher(text);
        if (ago.matches()) {
            long amount = Long.parseLong(ago.group(1));
            return now.minus(
                    switch (ago.group(2)) {
                        case "s" -> Duration.ofSeconds(amount);
                        case "m" -> Duration.ofMinutes(amount);
                        case "h" -> Duration.ofHours(amount);
                        default -> Duration.ofDays(amount);
                    });
        }
        ZoneId here = ZoneId.systemDefault();
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            // Without a zone, then.
        }
        try {
            return LocalDateTime.parse(text).atZone(here).toInstant();
        } catch (DateTimeException e) {
            // Without a time of the day.
        }
        try {
            return LocalDate.parse(text).atStartOfDay(here).toInstant();
        } catch (DateTimeException e) {
            throw new ConfigException("--since: '" + text + "' is neither " + SYNTAX.replaceFirst(", or ", " nor "), e);
        }
    }
}
