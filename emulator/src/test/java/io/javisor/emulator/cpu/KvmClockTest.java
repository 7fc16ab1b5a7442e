package io.javisor.emulator.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.memory.MemoryBackingConfig;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KvmClockTest {
    private static final long GPA = 0x1000;

    private final GuestMemory memory =
            GuestMemory.allocate(List.of(new GpaRange(0, 0x10000)), MemoryBackingConfig.DEFAULT);
    private final GuestClock time = new GuestClock();
    private final KvmClock clock = new KvmClock(memory, time, () -> 500);

    @AfterEach
    void free() {
        memory.close();
    }

    /** As Linux computes it: arch/x86/include/asm/pvclock.h. */
    @Test
    void aGuestReadsTheTimeByItsTimeStampCounter() {
        time.set(123_456_789_000L);
        clock.write(KvmClock.MSR_SYSTEM_TIME, GPA | 1);
        assertEquals(0, memory.getInt(GPA) & 1, "nobody is writing");
        long tsc = 123_456_789_000L + 500 + 1000;
        long delta = (tsc - memory.getLong(GPA + 8)) << memory.getByte(GPA + 28);
        long scaled = Math.unsignedMultiplyHigh(delta, Integer.toUnsignedLong(memory.getInt(GPA + 24)) << 32);
        assertEquals(123_456_790_000L, memory.getLong(GPA + 16) + scaled);
    }

    @Test
    void theWallClockIsThatOfTheStart() {
        time.set(10_000_000_000L);
        long before = Clock.systemUTC().instant().getEpochSecond() - 10;
        clock.write(KvmClock.MSR_WALL_CLOCK, GPA);
        long seconds = Integer.toUnsignedLong(memory.getInt(GPA + 4));
        assertTrue(seconds >= before && seconds <= before + 60, () -> seconds + " after " + before);
    }

    @Test
    void aPauseIsTold() {
        clock.write(KvmClock.MSR_SYSTEM_TIME, GPA | 1);
        assertEquals(1, memory.getByte(GPA + 29));
        clock.pausedMeanwhile();
        assertEquals(3, memory.getByte(GPA + 29));
    }

    /** The page of the wall clock may be the guest's for something else by then. */
    @Test
    void puttingItBackTellsNothing() {
        clock.restore(KvmClock.MSR_WALL_CLOCK, GPA);
        clock.restore(KvmClock.MSR_SYSTEM_TIME, GPA | 1);
        assertEquals(0, memory.getInt(GPA));
        assertEquals(GPA, clock.read(KvmClock.MSR_WALL_CLOCK));
        assertEquals(GPA | 1, clock.read(KvmClock.MSR_SYSTEM_TIME));
        clock.pausedMeanwhile();
        assertEquals(3, memory.getByte(GPA + 29), "it is where it goes on");
    }

    @Test
    void aPlaceThatIsNoneIsNotWrittenTo() {
        for (long place : new long[] {GPA + 2, 0x10000, -4, 0xFFFC}) {
            clock.write(KvmClock.MSR_WALL_CLOCK, place);
            clock.write(KvmClock.MSR_SYSTEM_TIME, place | 1);
            clock.pausedMeanwhile();
        }
        assertEquals(0, memory.getInt(GPA));
        assertEquals(0, memory.getInt(0xFFFC));
    }
}
