package io.javisor.oci.registry.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RetryAfterTest {
    private static final Instant NOW = Instant.parse("1994-11-06T08:49:30Z");

    private static Optional<Duration> parse(String text) {
        return RetryAfter.parse(text, NOW);
    }

    @Test
    void readsSecondsAndDates() {
        assertEquals(Optional.of(Duration.ofSeconds(121)), parse(" 121 "));
        assertEquals(Optional.of(Duration.ZERO), parse("0"));
        assertEquals(Optional.of(Duration.ofSeconds(7)), parse("Sun, 06 Nov 1994 08:49:37 GMT"));
        assertEquals(Optional.of(Duration.ZERO), parse("Sun, 06 Nov 1994 08:49:29 GMT"));
    }

    @Test
    void makesNothingOfTheRest() {
        for (String text :
                new String[] {"", "-1", "1.5", "12345678901234567890", "tomorrow", "Sun, 31 Feb 1994 08:49:37 GMT"}) {
            assertEquals(Optional.empty(), parse(text), text);
        }
    }
}
