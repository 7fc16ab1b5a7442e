package io.javisor.cli.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeAxisTest {
    @ParameterizedTest
    @CsvSource({
        "1, 2, 0.000000000 s, 0.000000001 s",
        "7000000, 8, 0.000 s, 0.007 s",
        "400000000, 5, 0.0 s, 0.4 s",
        "1040000000, 6, 0.0 s, 1.0 s",
        "8000000000, 5, 0 s, 8 s",
        "49390000000, 5, 0 s, 40 s",
        "9223372036854775807, 5, 0 s, 8000000000 s",
    })
    void ticksAreRoundAndFew(long end, int count, String first, String last) {
        TimeAxis axis = new TimeAxis(end, 100, 600);
        assertEquals(count, axis.ticks().size(), axis.ticks()::toString);
        assertEquals(first, axis.label(axis.ticks().getFirst()));
        assertEquals(last, axis.label(axis.ticks().getLast()));
        assertEquals(100, axis.x(0));
        assertEquals(700, axis.x(end), 0.001);
        assertTrue(axis.x(axis.ticks().getLast()) <= 700.001);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0.0 ms",
        "1234567, 1.2 ms",
        "12345678, 12 ms",
        "999000000, 999 ms",
        "1234000000, 1.23 s",
        "99900000000, 99.90 s",
        "3600000000000, 3600 s"
    })
    void durations(long nanos, String text) {
        assertEquals(text, TimeAxis.duration(nanos));
    }
}
