package io.javisor.cli.image;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** Times as docker shows them. */
final class HumanTime {
    private static final long HOURS_A_DAY = 24;
    private static final long HOURS_A_WEEK = 7 * HOURS_A_DAY;
    private static final long HOURS_A_MONTH = 30 * HOURS_A_DAY;
    private static final long HOURS_A_YEAR = 365 * HOURS_A_DAY;

    private static final DateTimeFormatter DATE_AND_TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss xx zzz", Locale.ENGLISH);

    private HumanTime() {}

    /** How long something took or is ago, in its largest unit: {@code 3 days}. Less than nothing is less than a second. */
    static String of(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds < 1) {
            return "Less than a second";
        }
        if (seconds < 60) {
            return seconds == 1 ? "1 second" : seconds + " seconds";
        }
        long minutes = seconds / 60;
        if (minutes < 60) {
            return minutes == 1 ? "About a minute" : minutes + " minutes";
        }
        long hours = (seconds + 1800) / 3600; // the nearest
        if (hours == 1) {
            return "About an hour";
        }
        if (hours < 2 * HOURS_A_DAY) {
            return hours + " hours";
        }
        if (hours < 2 * HOURS_A_WEEK) {
            return hours / HOURS_A_DAY + " days";
        }
        if (hours < 2 * HOURS_A_MONTH) {
            return hours / HOURS_A_WEEK + " weeks";
        }
        if (hours < 2 * HOURS_A_YEAR) {
            return hours / HOURS_A_MONTH + " months";
        }
        return hours / HOURS_A_YEAR + " years";
    }

    /** {@code 3 days ago}, in whatever time zone. */
    static String ago(Instant time, Instant now) {
        return of(Duration.between(time, now)) + " ago";
    }

    /** Date and time in a zone, with both of its names: {@code 2026-11-29 14:03:11 +0100 CET}. */
    static String at(Instant time, ZoneId zone) {
        return DATE_AND_TIME.format(time.atZone(zone));
    }

    /** Date and time in a zone: {@code 2026-11-29T14:03:11+01:00} (RFC 3339). */
    static String rfc3339(Instant time, ZoneId zone) {
        return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
                time.truncatedTo(ChronoUnit.SECONDS).atZone(zone));
    }
}
