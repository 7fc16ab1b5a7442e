package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DetachFilterTest {
    /** {@code ^} stands for Ctrl-A; what was asked for comes out in brackets. */
    @ParameterizedTest
    @CsvSource({
        "abc, abc",
        "^d, [detach]",
        "a^ad, a^d",
        "^^d, ^d",
        "^h, [help]",
        "^?x, [help]x",
        "^x, ^x",
        "^b^q, ^b^q",
        "x^hy^dz, x[help]y[detach]z",
        "d^, d",
    })
    void keys(String typed, String expected) {
        StringBuilder seen = new StringBuilder();
        DetachFilter filter = new DetachFilter(() -> seen.append("[detach]"), () -> seen.append("[help]"));
        typed.chars()
                .forEach(
                        key -> filter.filter(key == '^' ? 1 : key, unit -> seen.append(unit == 1 ? '^' : (char) unit)));
        assertEquals(expected, seen.toString());
    }
}
