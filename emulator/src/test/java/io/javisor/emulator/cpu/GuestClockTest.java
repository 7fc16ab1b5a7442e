package io.javisor.emulator.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class GuestClockTest {
    private final GuestClock clock = new GuestClock();

    private void awaitProgress() {
        long before = clock.nanos();
        while (clock.nanos() == before) {
            Thread.onSpinWait();
        }
    }

    @Test
    void itStandsWhileNoProcessorIsInTheGuest() {
        assertEquals(0, clock.nanos());
        clock.enter();
        awaitProgress();
        clock.leave();
        long stopped = clock.nanos();
        assertTrue(stopped > 0);
        assertEquals(stopped, clock.nanos());
        clock.enter();
        assertTrue(clock.nanos() >= stopped);
        awaitProgress();
    }

    @Test
    void oneProcessorKeepsItGoing() {
        clock.enter();
        clock.enter();
        clock.leave();
        awaitProgress();
        clock.leave();
        assertEquals(clock.nanos(), clock.nanos());
    }

    @Test
    void itGoesOnFromWhereItIsSet() {
        clock.set(1_000_000_000_000L);
        assertEquals(1_000_000_000_000L, clock.nanos());
        clock.enter();
        awaitProgress();
        assertTrue(clock.nanos() > 1_000_000_000_000L);
    }
}
