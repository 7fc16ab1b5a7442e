package io.javisor.core.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Memory that can be read and not written: every way to write it is refused, and none is undefined. */
class ReadOnlyRegionTest {
    private static final long START = 0x10_0000;
    private static final int SIZE = 0x2000;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment ram = arena.allocate(0x1_0000, 4096);
    private final MemorySegment content = arena.allocate(SIZE, 4096);
    private final GuestMemory memory = new GuestMemory(
            List.of(new GuestMemory.Region(0, ram)), List.of(new GuestMemory.Region(START, content.asReadOnly())));

    @BeforeEach
    void fill() {
        for (int i = 0; i < SIZE; i++) {
            content.set(java.lang.foreign.ValueLayout.JAVA_BYTE, i, (byte) i);
        }
    }

    @AfterEach
    void close() {
        memory.close();
        arena.close();
    }

    @Test
    void isReadInEveryWay() {
        assertEquals(5, memory.getByte(START + 5));
        assertEquals(0x0605, memory.getShort(START + 5));
        assertEquals(0x0807_0605, memory.getInt(START + 5));
        assertEquals(0x0C0B_0A09_0807_0605L, memory.getLong(START + 5));
        assertEquals(0x0706, memory.getShortAcquire(START + 6));
        assertEquals(0x0B0A_0908, memory.getIntAcquire(START + 8));
        assertEquals(0x0F0E_0D0C_0B0A_0908L, memory.getLongAcquire(START + 8));
        byte[] bytes = new byte[3];
        memory.copyOut(START + 1, bytes, 0, 3);
        assertArrayEquals(new byte[] {1, 2, 3}, bytes);
        MemorySegment target = arena.allocate(SIZE);
        memory.copyOut(START, target, 0, SIZE);
        assertEquals(-1, target.mismatch(content));
    }

    @Test
    void isNotWrittenInAnyWay() {
        AtomicAccess atomic = memory.atomic();
        MemoryLease lease = memory.newLease(2);
        List<Runnable> writes = List.of(
                () -> memory.putByte(START, (byte) 1),
                () -> memory.putShort(START, (short) 1),
                () -> memory.putInt(START, 1),
                () -> memory.putLong(START, 1),
                () -> memory.putShortRelease(START, (short) 1),
                () -> memory.putIntRelease(START, 1),
                () -> memory.putLongRelease(START, 1),
                () -> memory.copyIn(new byte[4], 0, START, 4),
                () -> memory.copyIn(ram, 0, START, 4),
                () -> memory.fill(START, 4, (byte) 0),
                () -> memory.discard(START, 4096),
                () -> atomic.compareAndExchangeByte(START, (byte) 0, (byte) 1),
                () -> atomic.compareAndExchangeLong(START, 0, 1),
                () -> atomic.getAndAddInt(START, 1),
                () -> lease.addDeviceWritable(START, 4));
        for (Runnable write : writes) {
            assertThrows(GuestMemoryException.class, write::run);
        }
        lease.release();
        fillAgainAndCompare();
    }

    private void fillAgainAndCompare() {
        for (int i = 0; i < SIZE; i++) {
            assertEquals((byte) i, memory.getByte(START + i));
        }
    }

    @Test
    void isReadableAndNoRam() {
        assertFalse(memory.isRam(START, 1));
        assertTrue(memory.isReadable(START, SIZE));
        assertTrue(memory.isReadable(0, 0x1_0000));
        assertFalse(memory.isReadable(START, SIZE + 1));
        assertFalse(memory.isReadable(START - 1, 2));
        assertFalse(memory.isReadable(START, -1));
        assertFalse(memory.isReadable(START, Long.MAX_VALUE));
        assertFalse(memory.isReadable(-1, 1));
        assertEquals(0x1_0000, memory.sizeBytes());
        assertEquals(1, memory.regions().size());
        assertEquals(1, memory.readOnlyRegions().size());
        assertThrows(GuestMemoryException.class, () -> memory.getLong(START + SIZE - 4));
        assertThrows(GuestMemoryException.class, () -> memory.getIntAcquire(START + 2));
    }

    @Test
    void itsPagesAreFoundApart() {
        assertEquals(0, memory.pageHva(START));
        assertEquals(content.address() + 0x1000, memory.readOnlyPageHva(START + 0x1234));
        assertEquals(0, memory.readOnlyPageHva(START + SIZE));
        assertEquals(0, memory.readOnlyPageHva(0));
        assertEquals(ram.address(), memory.pageHva(0));
    }

    @Test
    void isLentForReading() {
        MemoryLease lease = memory.newLease(2);
        lease.addDeviceReadable(START + 16, 32);
        lease.addDeviceReadable(0x100, 8);
        assertEquals(content.address() + 16, lease.pieceHva(0));
        assertEquals(ram.address() + 0x100, lease.pieceHva(1));
        lease.release();
    }

    @Test
    void liesBehindAllRam() {
        GuestMemory.Region low = new GuestMemory.Region(0, content);
        GuestMemory.Region high = new GuestMemory.Region(0x10_0000, ram);
        assertThrows(IllegalArgumentException.class, () -> new GuestMemory(List.of(high), List.of(low)));
        assertThrows(
                IllegalArgumentException.class,
                () -> new GuestMemory(List.of(low), List.of(new GuestMemory.Region(0x1000, ram))));
    }
}
