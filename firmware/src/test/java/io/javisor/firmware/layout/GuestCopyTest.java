package io.javisor.firmware.layout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.memory.GuestMemory;
import io.javisor.firmware.testing.TestMachine;
import io.javisor.images.ByteSource;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class GuestCopyTest {
    /** A file of zeros but for one byte. */
    private record Hole(String name, long sizeBytes, long at) implements ByteSource {
        @Override
        public void read(long offset, MemorySegment target) {
            require(offset, target.byteSize());
            target.fill((byte) 0);
            if (at >= offset && at < offset + target.byteSize()) {
                target.set(ValueLayout.JAVA_BYTE, at - offset, (byte) 7);
            }
        }
    }

    @Test
    void doesNotTouchHoles() {
        GuestMemory memory = TestMachine.memory(8L << 20);
        long ram = 8L << 20;
        memory.fill(0, ram, (byte) 0x55); // where nothing is written, this stays
        long size = (6L << 20) - 5;
        long at = 3 * GuestCopy.PIECE_SIZE + 17;
        GuestCopy.copy(new Hole("hole", size, at), memory, 0x10_0000);
        byte[] all = new byte[(int) ram];
        memory.copyOut(0, all, 0, all.length);
        byte[] expected = new byte[(int) ram];
        Arrays.fill(expected, (byte) 0x55);
        int piece = 0x10_0000 + 3 * GuestCopy.PIECE_SIZE;
        Arrays.fill(expected, piece, piece + GuestCopy.PIECE_SIZE, (byte) 0);
        expected[piece + 17] = 7;
        assertArrayEquals(expected, all);
        GuestCopy.copy(new Hole("hole", 1, 0), memory, 5);
        assertEquals(7, memory.getByte(5));
        assertEquals(0x55, memory.getByte(6));
    }

    @Test
    void copiesWhatIsInMemoryWhole() {
        GuestMemory memory = TestMachine.memory(1 << 20);
        memory.fill(0, 16, (byte) 0x55);
        GuestCopy.copy(ByteSource.of("f", MemorySegment.ofArray(new byte[] {1, 0, 3})), memory, 4);
        byte[] all = new byte[5];
        memory.copyOut(3, all, 0, all.length);
        assertArrayEquals(new byte[] {0x55, 1, 0, 3, 0x55}, all);
    }
}
