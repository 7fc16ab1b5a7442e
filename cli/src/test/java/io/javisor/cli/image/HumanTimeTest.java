package io.javisor.cli.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HumanTimeTest {
    /** docker/go-units, duration_test.go. */
    @ParameterizedTest
    @CsvSource({
        "PT-5S, Less than a second",
        "PT0.45S, Less than a second",
        "PT1S, 1 second",
        "PT59S, 59 seconds",
        "PT60S, About a minute",
        "PT1M59S, About a minute",
        "PT3M, 3 minutes",
        "PT35M40S, 35 minutes",
        "PT59M, 59 minutes",
        "PT1H, About an hour",
        "PT1H29M, About an hour",
        "PT1H31M, 2 hours",
        "PT3H29M, 3 hours",
        "PT3H31M, 4 hours",
        "PT24H, 24 hours",
        "P1DT12H, 36 hours",
        "P2D, 2 days",
        "P7D, 7 days",
        "P13DT5H, 13 days",
        "P14D, 2 weeks",
        "P18D, 2 weeks",
        "P30D, 4 weeks",
        "P44D, 6 weeks",
        "P60D, 2 months",
        "P164D, 5 months",
        "P390D, 13 months",
        "P720D, 24 months",
        "P734D, 2 years",
        "P1155D, 3 years"
    })
    void saysTheLargestUnit(Duration duration, String expected) {
        assertEquals(expected, HumanTime.of(duration));
    }

    @Test
    void howLongAgoKnowsNoZoneAndTheTimeDoes() {
        Instant made = Instant.parse("2026-11-28T23:30:00Z");
        assertEquals("3 days ago", HumanTime.ago(made, Instant.parse("2026-12-02T01:00:00Z")));
        assertEquals("2026-11-29 00:30:00 +0100 CET", HumanTime.at(made, ZoneId.of("Europe/Berlin")));
        assertEquals("2026-11-28 23:30:00 +0000 UTC", HumanTime.at(made, ZoneId.of("UTC")));
    }
}
