package io.javisor.devices.rtc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.LocalDate;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CivilDateTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "1970-01-01", "1969-12-31", "2000-02-29", "2000-03-01", "1900-02-28", "1900-03-01", "2024-02-29",
                        "2025-02-28",
                "2038-01-19", "2099-12-31", "2100-03-01", "9999-12-31", "0000-01-01", "0000-02-29", "0000-03-01",
                        "0001-01-01"
            })
    void edges(String date) {
        assertAgrees(LocalDate.parse(date));
    }

    @Test
    void everyDayOfFourCenturies() {
        LocalDate end = LocalDate.of(2201, 1, 1);
        for (LocalDate date = LocalDate.of(1799, 12, 31); date.isBefore(end); date = date.plusDays(1)) {
            assertAgrees(date);
        }
    }

    @Test
    void anyDay() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            assertAgrees(LocalDate.ofEpochDay(random.nextInt(-1_000_000, 10_000_000)));
        }
    }

    @Test
    void daysPastTheMonthAreTheNextOnes() {
        assertEquals(LocalDate.of(2025, 3, 3).toEpochDay(), CivilDate.epochDay(2025, 2, 31));
        assertEquals(LocalDate.of(2024, 3, 2).toEpochDay(), CivilDate.epochDay(2024, 2, 31));
        assertEquals(LocalDate.of(2024, 5, 1).toEpochDay(), CivilDate.epochDay(2024, 4, 31));
    }

    private static void assertAgrees(LocalDate date) {
        long day = date.toEpochDay();
        assertEquals(
                day, CivilDate.epochDay(date.getYear(), date.getMonthValue(), date.getDayOfMonth()), date::toString);
        assertEquals(date.getYear(), CivilDate.year(day), date::toString);
        assertEquals(date.getMonthValue(), CivilDate.month(day), date::toString);
        assertEquals(date.getDayOfMonth(), CivilDate.dayOfMonth(day), date::toString);
        assertEquals(date.getDayOfWeek().getValue() % 7, CivilDate.dayOfWeek(day), date::toString);
    }
}
