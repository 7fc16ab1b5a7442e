package io.javisor.emulator.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class LazyMemoryTest {
    private static final long SIZE = 16 << 20;

    @Test
    void takesPagesWhereItIsWrittenAndGivesThemBack() throws IOException {
        try (LazyMemory memory = new LazyMemory(SIZE)) {
            assertEquals(0, ResidentPages.count(memory.hva(), SIZE));
            memory.putLong(SIZE - 8, -2);
            memory.putInt(SIZE / 2, -3);
            memory.putByte(1, (byte) -4);
            assertEquals(-2, memory.getLong(SIZE - 8));
            assertEquals(-3, memory.getInt(SIZE / 2));
            assertEquals(-4, memory.getByte(1));
            assertEquals(0, memory.getLong(8));
            assertEquals(3, ResidentPages.count(memory.hva(), SIZE));
            memory.clear();
            assertEquals(0, ResidentPages.count(memory.hva(), SIZE));
            assertEquals(0, memory.getLong(SIZE - 8));
        }
    }

    @Test
    void refusesWhatLiesOutside() {
        try (LazyMemory memory = new LazyMemory(4096)) {
            assertThrows(IndexOutOfBoundsException.class, () -> memory.getInt(4096));
            assertThrows(IndexOutOfBoundsException.class, () -> memory.putLong(-8, 1));
        }
    }
}
