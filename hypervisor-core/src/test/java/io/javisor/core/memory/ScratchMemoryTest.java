package io.javisor.core.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class ScratchMemoryTest {
    @Test
    void blocksAreZeroAlignedAndApart() {
        try (ScratchMemory scratch = new ScratchMemory()) {
            MemorySegment first = scratch.allocate(5_000_001, 4096);
            MemorySegment second = scratch.allocate(1, 1);
            assertEquals(5_000_001, first.byteSize());
            assertEquals(1, second.byteSize());
            assertEquals(0, first.address() % 4096);
            assertEquals(0, first.get(ValueLayout.JAVA_BYTE, 5_000_000));
            first.fill((byte) 7);
            assertEquals(0, second.get(ValueLayout.JAVA_BYTE, 0));
        }
    }

    @Test
    void nothingIsAccessibleAfterClose() {
        ScratchMemory scratch = new ScratchMemory();
        MemorySegment block = scratch.allocate(4096, 4096);
        scratch.close();
        scratch.close();
        assertThrows(IllegalStateException.class, () -> block.get(ValueLayout.JAVA_BYTE, 0));
        assertThrows(IllegalStateException.class, () -> scratch.allocate(4096, 4096));
    }

    @Test
    void whatTheHostRefusesIsOutOfMemory() {
        try (ScratchMemory scratch = new ScratchMemory()) {
            assertThrows(OutOfMemoryError.class, () -> scratch.allocate(1L << 60, 4096));
            assertThrows(IllegalArgumentException.class, () -> scratch.allocate(0, 4096));
            assertThrows(IllegalArgumentException.class, () -> scratch.allocate(4096, 8192));
        }
    }
}
