package io.javisor.core.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AtomicAccessTest {
    private static final long PATTERN = 0x8877_6655_4433_2211L;
    private static final int SIZE = 0x1000;
    private static final int ROUNDS = 10_000;

    private final GuestMemory memory = new GuestMemory(List.of(
            new GuestMemory.Region(0x1000, MemorySegment.ofArray(new long[SIZE / Long.BYTES])),
            new GuestMemory.Region(0x8000, MemorySegment.ofArray(new long[SIZE / Long.BYTES]))));
    private final AtomicAccess atomic = memory.atomic();

    @Test
    void anExchangeStoresWhatItWasToldIfTheExpectedIsThere() {
        memory.putLong(0x1008, PATTERN);
        assertEquals(PATTERN, atomic.compareAndExchangeLong(0x1008, PATTERN, -2));
        assertEquals(-2, memory.getLong(0x1008));
        memory.putLong(0x1008, PATTERN);
        assertEquals(0x8877_6655, atomic.compareAndExchangeInt(0x100C, 0x8877_6655, 1));
        assertEquals((short) 0x4433, atomic.compareAndExchangeShort(0x100A, (short) 0x4433, (short) 0xABCD));
        assertEquals((byte) 0x22, atomic.compareAndExchangeByte(0x1009, (byte) 0x22, (byte) 0x99));
        assertEquals(0x0000_0001_ABCD_9911L, memory.getLong(0x1008));
    }

    @Test
    void anExchangeThatMeetsAnotherValueLeavesItAndTellsIt() {
        memory.putLong(0x8000, PATTERN);
        assertEquals(PATTERN, atomic.compareAndExchangeLong(0x8000, 0, 1));
        assertEquals(0x4433_2211, atomic.compareAndExchangeInt(0x8000, 0, 1));
        assertEquals((short) 0x8877, atomic.compareAndExchangeShort(0x8006, (short) 0, (short) 1));
        assertEquals((byte) 0x88, atomic.compareAndExchangeByte(0x8007, (byte) 0, (byte) 1));
        assertEquals(PATTERN, memory.getLong(0x8000));
    }

    @Test
    void anAdditionWrapsAroundAndCarriesIntoNothing() {
        memory.putLong(0x1000, -1);
        assertEquals((byte) -1, atomic.getAndAddByte(0x1001, (byte) 3));
        assertEquals((short) -1, atomic.getAndAddShort(0x1002, (short) 1));
        assertEquals(0xFFFF_FFFF_0000_02FFL, memory.getLong(0x1000));
        assertEquals(-1, atomic.getAndAddInt(0x1004, 2));
        assertEquals(0x0000_0001_0000_02FFL, memory.getLong(0x1000));
        assertEquals(0x0000_0001_0000_02FFL, atomic.getAndAddLong(0x1000, -1));
        assertEquals(0x0000_0001_0000_02FEL, memory.getLong(0x1000));
    }

    @Test
    void whatLiesAcrossOrOutsideIsRefused() {
        assertThrows(GuestMemoryException.class, () -> atomic.compareAndExchangeShort(0x1001, (short) 0, (short) 1));
        assertThrows(GuestMemoryException.class, () -> atomic.compareAndExchangeInt(0x1002, 0, 1));
        assertThrows(GuestMemoryException.class, () -> atomic.getAndAddLong(0x1004, 1));
        assertThrows(GuestMemoryException.class, () -> atomic.getAndAddShort(0x1003, (short) 1));
        assertThrows(GuestMemoryException.class, () -> atomic.getAndAddByte(0x2000, (byte) 1));
        assertThrows(GuestMemoryException.class, () -> atomic.compareAndExchangeLong(0x7FF8, 0, 1));
    }

    @Test
    void nothingIsLostBetweenThreads() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            long gpa = 0x1000L + i; // bytes of one word, and a long
            threads.add(Thread.ofPlatform().start(() -> {
                for (int turn = 0; turn < 10_001; turn++) {
                    byte _ = atomic.getAndAddByte(gpa, (byte) 1);
                    long _ = atomic.getAndAddLong(0x1010, 1);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(0x1111_1111, memory.getInt(0x1000)); // 10,001 is 0x11 modulo 256
        assertEquals(4 * 10_001, memory.getLong(0x1010));
    }

    /** Of two threads that each store, exchange in vain and look at the other's store, one sees it (Intel SDM vol. 3 §9.2.3.9). */
    @Test
    void anExchangeInVainOrdersWhatWasStoredBeforeIt() throws InterruptedException {
        AtomicInteger arrived = new AtomicInteger();
        int[][] seen = new int[2][ROUNDS];
        Thread other = Thread.ofPlatform().start(() -> storeAndLook(1, seen[1], arrived));
        storeAndLook(0, seen[0], arrived);
        other.join();
        for (int round = 0; round < ROUNDS; round++) {
            assertTrue(seen[0][round] + seen[1][round] > 0, "neither saw the other's store in round " + round);
        }
    }

    private void storeAndLook(int self, int[] seen, AtomicInteger arrived) {
        for (int round = 0; round < ROUNDS; round++) {
            long slotGpa = 0x1000L + round % 16 * 0x80L;
            long ownGpa = slotGpa + self * 0x40L;
            long othersGpa = slotGpa + (1 - self) * 0x40L;
            arrived.incrementAndGet();
            while (arrived.get() < 2 * (round + 1)) {
                Thread.onSpinWait();
            }
            memory.putInt(ownGpa, round + 1);
            byte _ = atomic.compareAndExchangeByte(0x8000 + self * 0x40L, (byte) 1, (byte) 2);
            seen[round] = memory.getInt(othersGpa) == round + 1 ? 1 : 0;
        }
    }
}
