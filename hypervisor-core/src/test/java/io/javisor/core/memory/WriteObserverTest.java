package io.javisor.core.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WriteObserverTest {
    private static final long HIGH = 0x1_0000_0000L;

    private record Write(long gpa, long length) {}

    private final GuestMemory memory = GuestMemory.allocate(
            List.of(new GpaRange(0, 0x2000), new GpaRange(HIGH, 0x1000)), MemoryBackingConfig.DEFAULT);
    private final List<Write> writes = new ArrayList<>();

    @AfterEach
    void close() {
        memory.close();
    }

    private void observe() {
        memory.observeWrites((gpa, length) -> writes.add(new Write(gpa, length)));
    }

    @Test
    void everyKindOfWriteIsTold() {
        observe();
        memory.putByte(1, (byte) 1);
        memory.putShort(2, (short) 1);
        memory.putInt(4, 1);
        memory.putLong(HIGH, 1);
        memory.putShortRelease(0x10, (short) 1);
        memory.putIntRelease(0x14, 1);
        memory.putLongRelease(0x18, 1);
        memory.copyIn(new byte[100], 0, 0x20, 100);
        memory.copyIn(MemorySegment.ofArray(new byte[3]), 0, 0x90, 3);
        memory.fill(0x1000, 0x1000, (byte) 7);
        assertEquals(
                List.of(
                        new Write(1, 1),
                        new Write(2, 2),
                        new Write(4, 4),
                        new Write(HIGH, 8),
                        new Write(0x10, 2),
                        new Write(0x14, 4),
                        new Write(0x18, 8),
                        new Write(0x20, 100),
                        new Write(0x90, 3),
                        new Write(0x1000, 0x1000)),
                writes);
    }

    @Test
    void everyAtomicAccessIsTold() {
        observe();
        AtomicAccess atomic = memory.atomic();
        byte _ = atomic.compareAndExchangeByte(0x41, (byte) 0, (byte) 1);
        short _ = atomic.compareAndExchangeShort(0x42, (short) 0, (short) 1);
        int _ = atomic.compareAndExchangeInt(0x44, 0, 1);
        long _ = atomic.compareAndExchangeLong(0x48, 0, 1);
        byte _ = atomic.getAndAddByte(0x51, (byte) 1);
        short _ = atomic.getAndAddShort(0x52, (short) 1);
        int _ = atomic.getAndAddInt(0x54, 1);
        long _ = atomic.getAndAddLong(HIGH, 1);
        assertEquals(
                List.of(
                        new Write(0x41, 1),
                        new Write(0x42, 2),
                        new Write(0x44, 4),
                        new Write(0x48, 8),
                        new Write(0x51, 1),
                        new Write(0x52, 2),
                        new Write(0x54, 4),
                        new Write(HIGH, 8)),
                writes);
    }

    @Test
    void aLeaseTellsWhatTheDeviceCouldWriteWhenItEnds() {
        observe();
        MemoryLease lease = memory.newLease(4);
        lease.addDeviceReadable(0x100, 8);
        lease.addDeviceWritable(0x200, 16);
        assertEquals(List.of(), writes);
        lease.release();
        assertEquals(List.of(new Write(0x200, 16)), writes);
    }

    @Test
    void readsAreNotTold() {
        observe();
        long _ = memory.getLong(0);
        int _ = memory.getIntAcquire(4);
        memory.copyOut(0, new byte[8], 0, 8);
        assertEquals(List.of(), writes);
    }

    @Test
    void theDirtyLogAndTheObserverDoNotDisturbEachOther() {
        MemorySegment bitmap = MemorySegment.ofArray(new long[1]);
        observe();
        memory.enableDirtyLog();
        memory.putByte(0x1000, (byte) 1);
        assertEquals(1, memory.snapshotAndClearDirty(0, bitmap));
        memory.disableDirtyLog();
        memory.putByte(0x1001, (byte) 1);
        assertEquals(List.of(new Write(0x1000, 1), new Write(0x1001, 1)), writes);
        memory.enableDirtyLog();
        memory.observeWrites(null);
        memory.putByte(0x1002, (byte) 1);
        assertEquals(2, writes.size());
        assertEquals(1, memory.snapshotAndClearDirty(0, bitmap));
    }

    @Test
    void aPageIsFoundWhereTheRegionHasIt() {
        long firstHva = memory.regions().getFirst().segment().address();
        assertEquals(firstHva, memory.pageHva(0));
        assertEquals(firstHva, memory.pageHva(0xFFF));
        assertEquals(firstHva + 0x1000, memory.pageHva(0x1234));
        assertEquals(memory.regions().get(1).segment().address(), memory.pageHva(HIGH + 8));
        assertEquals(0, memory.pageHva(0x2000));
        assertEquals(0, memory.pageHva(-1));
        GuestMemory heap = new GuestMemory(List.of(new GuestMemory.Region(0, MemorySegment.ofArray(new long[512]))));
        assertThrows(IllegalStateException.class, () -> heap.pageHva(0));
    }

    @Test
    void aPageOfClosedMemoryHasNoAddress() {
        memory.close();
        assertThrows(IllegalStateException.class, () -> memory.pageHva(0));
        assertThrows(IllegalStateException.class, () -> memory.pageHva(0x2000));
    }
}
