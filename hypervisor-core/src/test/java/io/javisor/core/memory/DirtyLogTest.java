package io.javisor.core.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class DirtyLogTest {
    private static final int PAGES = 130;
    private static final long SECOND = PAGES * 4096L;

    private final GuestMemory memory = new GuestMemory(List.of(
            new GuestMemory.Region(0, Arena.ofAuto().allocate(SECOND, 4096)),
            new GuestMemory.Region(SECOND, Arena.ofAuto().allocate(4096 + 1, 4096))));

    @BeforeEach
    void enable() {
        memory.enableDirtyLog();
    }

    static Stream<Arguments> writes() {
        return Stream.of(
                write("putByte", m -> m.putByte(0x1fff, (byte) 0), 1),
                write("putShort", m -> m.putShort(0x1ffe, (short) 0), 1),
                write("putShort across", m -> m.putShort(0x1fff, (short) 0), 1, 2),
                write("putInt", m -> m.putInt(0x3000, 0), 3),
                write("putInt across", m -> m.putInt(0x3ffd, 0), 3, 4),
                write("putLong", m -> m.putLong(0x3ff8, 0), 3),
                write("putLong across", m -> m.putLong(0x3ff9, 0), 3, 4),
                write("putShortRelease", m -> m.putShortRelease(0x5ffe, (short) 0), 5),
                write("putIntRelease", m -> m.putIntRelease(0x6000, 0), 6),
                write("putLongRelease", m -> m.putLongRelease(0x7ff8, 0), 7),
                write("copyIn bytes", m -> m.copyIn(new byte[4098], 0, 0x1fff, 4098), 1, 2, 3),
                write("copyIn segment", m -> m.copyIn(Arena.ofAuto().allocate(4098), 0, 0x1fff, 4098), 1, 2, 3),
                write("copyIn nothing", m -> m.copyIn(new byte[0], 0, 0x1000, 0)),
                write("fill", m -> m.fill(64 * 4096L - 1, 2, (byte) 1), 63, 64),
                write("fill seam", m -> m.fill(SECOND - 1, 2, (byte) 1), 129, 1000),
                write("fill nothing", m -> m.fill(0, 0, (byte) 1)),
                write("lease", m -> lease(m, true), 2, 3, 129, 1000),
                write("lease for reading", m -> lease(m, false)),
                write(
                        "reads",
                        m -> assertEquals(
                                0, m.getByte(0) + m.getShort(0) + m.getInt(0) + m.getLong(0) + m.getLongAcquire(0))),
                write("copyOut", m -> m.copyOut(0, new byte[10], 0, 10)));
    }

    /** Pages of the second region count from 1000. */
    private static Arguments write(String name, Consumer<GuestMemory> operation, long... dirtyPages) {
        return Arguments.of(name, operation, dirtyPages);
    }

    private static void lease(GuestMemory memory, boolean writable) {
        MemoryLease lease = memory.newLease(8);
        if (writable) {
            lease.addDeviceReadable(0, 4096);
            lease.addDeviceWritable(0x2fff, 2);
            lease.addDeviceWritable(SECOND - 1, 2);
            lease.advance(4097); // what was done is dirty too
        } else {
            lease.addDeviceReadable(0x2fff, 2);
        }
        long[] before = dirtyPages(memory);
        assertEquals(0, before.length, "marked at release, after the device has written");
        lease.release();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("writes")
    void everyWriteMarksItsPagesAndNoOthers(String name, Consumer<GuestMemory> operation, long[] expected) {
        operation.accept(memory);
        assertArrayEquals(expected, dirtyPages(memory), name);
        assertEquals(0, dirtyPages(memory).length, "cleared by the snapshot");
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "0, 64", "0, 65", "63, 2", "1, 62", "64, 64", "0, 130", "127, 3", "5, 120", "128, 2"})
    void marksRangesOfPages(long first, long count) {
        memory.fill(first * 4096, count * 4096, (byte) 1);
        assertArrayEquals(LongStream.range(first, first + count).toArray(), dirtyPages(memory));
    }

    @Test
    void addsToTheTarget() {
        memory.putByte(0x2000, (byte) 1);
        MemorySegment target = MemorySegment.ofArray(new long[] {1L << 40, 0, 1});
        assertEquals(1, memory.snapshotAndClearDirty(0, target));
        assertArrayEquals(
                new long[] {(1L << 40) | (1L << 2), 0, 1}, target.toArray(java.lang.foreign.ValueLayout.JAVA_LONG));
    }

    @Test
    void knowsItsSizeAsKvmDoes() {
        assertEquals(24, memory.dirtyBitmapSizeBytes(0));
        assertEquals(8, memory.dirtyBitmapSizeBytes(1));
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> memory.snapshotAndClearDirty(0, MemorySegment.ofArray(new long[2])));
    }

    @Test
    void isAbsentWhenOff() {
        memory.putByte(0, (byte) 1);
        memory.disableDirtyLog();
        memory.putByte(0, (byte) 1);
        assertThrows(
                IllegalStateException.class, () -> memory.snapshotAndClearDirty(0, MemorySegment.ofArray(new long[3])));
        memory.enableDirtyLog();
        assertEquals(0, dirtyPages(memory).length);
    }

    @Test
    void losesNoWriteToARace() throws InterruptedException {
        // Each write raises a page's counter; a copier that copies dirty pages only must end with the final values.
        AtomicBoolean done = new AtomicBoolean();
        Thread writer = Thread.ofPlatform().start(() -> {
            for (int round = 1; round <= 2_000; round++) {
                for (int page = 0; page < 8; page++) {
                    memory.putInt(page * 4096L, round);
                }
            }
            done.set(true);
        });
        int[] copy = new int[8];
        boolean last;
        do {
            last = done.get();
            for (long page : dirtyPages(memory)) {
                copy[(int) page] = memory.getInt(page * 4096);
            }
        } while (!last);
        writer.join();
        int[] expected = new int[8];
        Arrays.fill(expected, 2_000);
        assertArrayEquals(expected, copy);
    }

    private static long[] dirtyPages(GuestMemory memory) {
        LongStream.Builder pages = LongStream.builder();
        for (int region = 0; region < 2; region++) {
            long[] words = new long[(int) (memory.dirtyBitmapSizeBytes(region) / 8)];
            long count = memory.snapshotAndClearDirty(region, MemorySegment.ofArray(words));
            java.util.BitSet bits = java.util.BitSet.valueOf(words);
            assertEquals(bits.cardinality(), count);
            long base = region == 0 ? 0 : 1000;
            bits.stream().forEach(bit -> pages.add(base + bit));
        }
        return pages.build().toArray();
    }
}
