package io.javisor.core.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GuestMemoryCopyTest {
    private static final long START = 0x10_0000;
    private static final int FIRST_SIZE = 0x30_0000 + 0x1000;
    private static final int SECOND_SIZE = 0x20_0000;
    private static final int SIZE = FIRST_SIZE + SECOND_SIZE;

    private final GuestMemory memory = new GuestMemory(List.of(
            new GuestMemory.Region(START, Arena.ofAuto().allocate(FIRST_SIZE, 4096)),
            new GuestMemory.Region(START + FIRST_SIZE, Arena.ofAuto().allocate(SECOND_SIZE, 4096)),
            new GuestMemory.Region(0x4000_0000, Arena.ofAuto().allocate(4096, 4096))));

    @ParameterizedTest
    @CsvSource({
        "0, 0", // nothing
        "0, 1",
        "17, 4096",
        "0, 0x501000", // all, in several slices
        "3, 0x200001", // two slices and a byte
        "0x300fff, 2", // one byte on each side of the seam
        "0x300000, 0x100000",
        "0x500fff, 1", // the last
    })
    void copiesBytesBothWays(String offsetText, String lengthText) {
        long gpa = START + Long.decode(offsetText);
        int length = Integer.decode(lengthText);
        byte[] data = random(length + 5);
        memory.copyIn(data, 5, gpa, length);
        byte[] back = new byte[length + 7];
        memory.copyOut(gpa, back, 7, length);
        assertArrayEquals(
                java.util.Arrays.copyOfRange(data, 5, 5 + length), java.util.Arrays.copyOfRange(back, 7, 7 + length));

        MemorySegment source = Arena.ofAuto().allocate(length + 3L);
        MemorySegment.copy(data, 0, source, ValueLayout.JAVA_BYTE, 3, length);
        memory.copyIn(source, 3, gpa, length);
        MemorySegment target = MemorySegment.ofArray(new byte[length + 1]);
        memory.copyOut(gpa, target, 1, length);
        assertEquals(-1, source.asSlice(3).mismatch(target.asSlice(1)));
    }

    @Test
    void writesOnlyWhatItShould() {
        memory.fill(START, SIZE, (byte) 0x55);
        memory.fill(START + 100, SIZE - 200, (byte) 0xaa);
        assertEquals(0x55, memory.getByte(START + 99));
        assertEquals((byte) 0xaa, memory.getByte(START + 100));
        assertEquals((byte) 0xaa, memory.getByte(START + FIRST_SIZE - 1));
        assertEquals((byte) 0xaa, memory.getByte(START + FIRST_SIZE));
        assertEquals((byte) 0xaa, memory.getByte(START + SIZE - 101));
        assertEquals(0x55, memory.getByte(START + SIZE - 100));
        memory.fill(START + 100, SIZE - 200, (byte) 0);
        assertEquals(0x55, memory.getByte(START + 99));
        for (int i = 100; i < SIZE - 100; i++) {
            assertEquals(0, memory.getByte(START + i));
        }
        assertEquals(0x55, memory.getByte(START + SIZE - 100));
    }

    @ParameterizedTest
    @CsvSource({
        "0xfffff, 1",
        "0xfffff, 2",
        "0x100000, 0x501001",
        "0x600fff, 2",
        "0x601000, 1",
        "0x40000fff, 2",
        "0x100000, -1",
        "-1, 1",
        "-4, 16",
        "0x7fffffffffffffff, 4",
        "-0x8000000000000000, 1",
    })
    void refusesBeforeItWrites(String gpaText, String lengthText) {
        long gpa = Long.decode(gpaText);
        int length = Integer.decode(lengthText);
        byte[] array = new byte[SIZE + 16];
        java.util.Arrays.fill(array, (byte) 1);
        MemorySegment segment = MemorySegment.ofArray(array);
        assertThrows(GuestMemoryException.class, () -> memory.copyIn(array, 0, gpa, length));
        assertThrows(GuestMemoryException.class, () -> memory.copyIn(segment, 0, gpa, length));
        assertThrows(GuestMemoryException.class, () -> memory.fill(gpa, length, (byte) 1));
        for (long at = START; at < START + SIZE; at += 4096) {
            assertEquals(0, memory.getLong(at));
        }
        assertThrows(GuestMemoryException.class, () -> memory.copyOut(gpa, array, 0, length));
        assertThrows(GuestMemoryException.class, () -> memory.copyOut(gpa, segment, 0, length));
        assertEquals(1, array[0]);
    }

    @Test
    void refusesABufferThatIsTooSmallBeforeItWrites() {
        byte[] array = random(16);
        MemorySegment segment = MemorySegment.ofArray(array);
        assertThrows(IndexOutOfBoundsException.class, () -> memory.copyIn(array, 1, START, 16));
        assertThrows(IndexOutOfBoundsException.class, () -> memory.copyIn(array, -1, START, 4));
        assertThrows(IndexOutOfBoundsException.class, () -> memory.copyIn(segment, 1, START, 16));
        assertThrows(IndexOutOfBoundsException.class, () -> memory.copyIn(segment, Long.MAX_VALUE, START, 16));
        assertThrows(IndexOutOfBoundsException.class, () -> memory.copyOut(START, array, 16, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> memory.copyOut(START, segment, -1, 1));
        assertEquals(0, memory.getLong(START));
    }

    private static byte[] random(int length) {
        byte[] data = new byte[length];
        new Random(length).nextBytes(data);
        return data;
    }
}
