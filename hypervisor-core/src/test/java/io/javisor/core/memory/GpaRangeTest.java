package io.javisor.core.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GpaRangeTest {
    @ParameterizedTest
    @CsvSource({"-1, 1", "0, 0", "0, -1", "0x7fffffffffffffff, 1", "1, 0x7fffffffffffffff"})
    void refusesRangesThatAreNone(String start, String size) {
        assertThrows(IllegalArgumentException.class, () -> new GpaRange(Long.decode(start), Long.decode(size)));
    }

    @Test
    void rangesKnowTheirNeighbours() {
        GpaRange range = GpaRange.between(0x1000, 0x2000);
        assertTrue(range.overlaps(GpaRange.between(0x1FFF, 0x3000)));
        assertFalse(range.overlaps(GpaRange.between(0x2000, 0x3000)));
        assertFalse(range.overlaps(GpaRange.between(0, 0x1000)));
        assertTrue(range.contains(0x1000));
        assertFalse(range.contains(0x2000));
        assertTrue(range.contains(range));
        assertFalse(range.contains(GpaRange.between(0x1000, 0x2001)));
        assertEquals(0x1FFF, range.lastGpa());
        assertEquals("0x1000-0x1fff", range.toString());
    }

    @Test
    void whatHolesLeaveAscends() {
        assertEquals(
                List.of(GpaRange.between(0, 1), GpaRange.between(2, 4), GpaRange.between(8, 9)),
                GpaRange.subtract(
                        List.of(GpaRange.between(6, 9), GpaRange.between(0, 6)),
                        List.of(GpaRange.between(4, 8), GpaRange.between(1, 2))));
        assertEquals(List.of(), GpaRange.subtract(List.of(GpaRange.between(1, 2)), List.of(GpaRange.between(0, 3))));
    }
}
