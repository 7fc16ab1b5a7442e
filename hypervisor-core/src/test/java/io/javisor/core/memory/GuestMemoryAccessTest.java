package io.javisor.core.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class GuestMemoryAccessTest {
    private static final long LOW = 0x1000;
    private static final long MIDDLE = 0x3000;
    private static final long MIDDLE_END = 0x4000;
    private static final long HIGH = 0x1_0000_0000L;
    private static final long HIGH_END = 0x1_0000_1000L;
    private static final long PATTERN = 0x8877_6655_4433_2211L;

    /** Every scalar accessor behind one face. */
    enum Accessor {
        BYTE(1, false) {
            @Override
            long get(GuestMemory memory, long gpa) {
                return memory.getByte(gpa) & 0xffL;
            }

            @Override
            void put(GuestMemory memory, long gpa, long value) {
                memory.putByte(gpa, (byte) value);
            }
        },
        SHORT(2, false) {
            @Override
            long get(GuestMemory memory, long gpa) {
                return memory.getShort(gpa) & 0xffffL;
            }

            @Override
            void put(GuestMemory memory, long gpa, long value) {
                memory.putShort(gpa, (short) value);
            }
        },
        INT(4, false) {
            @Override
            long get(GuestMemory memory, long gpa) {
                return memory.getInt(gpa) & 0xffff_ffffL;
            }

            @Override
            void put(GuestMemory memory, long gpa, long value) {
                memory.putInt(gpa, (int) value);
            }
        },
        LONG(8, false) {
            @Override
            long get(GuestMemory memory, long gpa) {
                return memory.getLong(gpa);
            }

            @Override
            void put(GuestMemory memory, long gpa, long value) {
                memory.putLong(gpa, value);
            }
        },
        SHORT_ORDERED(2, true) {
            @Override
            long get(GuestMemory memory, long gpa) {
                return memory.getShortAcquire(gpa) & 0xffffL;
            }

            @Override
            void put(GuestMemory memory, long gpa, long value) {
                memory.putShortRelease(gpa, (short) value);
            }
        },
        INT_ORDERED(4, true) {
            @Override
            long get(GuestMemory memory, long gpa) {
                return memory.getIntAcquire(gpa) & 0xffff_ffffL;
            }

            @Override
            void put(GuestMemory memory, long gpa, long value) {
                memory.putIntRelease(gpa, (int) value);
            }
        },
        LONG_ORDERED(8, true) {
            @Override
            long get(GuestMemory memory, long gpa) {
                return memory.getLongAcquire(gpa);
            }

            @Override
            void put(GuestMemory memory, long gpa, long value) {
                memory.putLongRelease(gpa, value);
            }
        };

        final int size;
        final boolean aligned;

        Accessor(int size, boolean aligned) {
            this.size = size;
            this.aligned = aligned;
        }

        abstract long get(GuestMemory memory, long gpa);

        abstract void put(GuestMemory memory, long gpa, long value);

        long pattern() {
            return size == 8 ? PATTERN : PATTERN & ((1L << (8 * size)) - 1);
        }
    }

    private final GuestMemory memory = memory();

    private static GuestMemory memory() {
        return new GuestMemory(List.of(region(LOW, 0x2000), region(MIDDLE, 0x1000), region(HIGH, HIGH_END - HIGH)));
    }

    private static GuestMemory.Region region(long startGpa, long size) {
        return new GuestMemory.Region(startGpa, Arena.ofAuto().allocate(size, 4096));
    }

    static Stream<Arguments> valid() {
        List<Arguments> rows = new ArrayList<>();
        for (Accessor accessor : Accessor.values()) {
            long[] starts = {LOW, MIDDLE, HIGH};
            long[] ends = {MIDDLE, MIDDLE_END, HIGH_END};
            for (int i = 0; i < starts.length; i++) {
                rows.add(Arguments.of(accessor, starts[i]));
                rows.add(Arguments.of(accessor, starts[i] + 8));
                rows.add(Arguments.of(accessor, ends[i] - accessor.size));
                if (!accessor.aligned) {
                    rows.add(Arguments.of(accessor, starts[i] + 1));
                    rows.add(Arguments.of(accessor, starts[i] + 0x7fd));
                }
            }
        }
        return rows.stream();
    }

    static Stream<Arguments> invalid() {
        List<Arguments> rows = new ArrayList<>();
        long[] outside = {
            0,
            LOW - 8,
            MIDDLE_END,
            MIDDLE_END + 8,
            0x8000_0000L,
            HIGH - 8,
            HIGH_END,
            1L << 40,
            1L << 52,
            Long.MAX_VALUE - 7,
            Long.MIN_VALUE,
            Long.MIN_VALUE + LOW,
            -8,
            -0x1000,
            HIGH | Long.MIN_VALUE
        };
        for (Accessor accessor : Accessor.values()) {
            for (long gpa : outside) {
                rows.add(Arguments.of(accessor, gpa));
            }
            rows.add(Arguments.of(accessor, LOW - accessor.size));
            rows.add(Arguments.of(accessor, Long.MAX_VALUE));
            rows.add(Arguments.of(accessor, -1L));
            if (accessor.size > 1) {
                rows.add(Arguments.of(accessor, LOW - 1)); // across the start
                rows.add(Arguments.of(accessor, MIDDLE - 1)); // across adjoining regions: a scalar lies in one
                rows.add(Arguments.of(accessor, MIDDLE_END - accessor.size + 1));
                rows.add(Arguments.of(accessor, MIDDLE_END - 1));
                rows.add(Arguments.of(accessor, HIGH_END - 1));
            }
            if (accessor.aligned) {
                for (int shift = 1; shift < accessor.size; shift++) {
                    rows.add(Arguments.of(accessor, LOW + 0x100 + shift));
                }
            }
        }
        return rows.stream();
    }

    @ParameterizedTest(name = "{0} at {1}")
    @MethodSource("valid")
    void storesLittleEndian(Accessor accessor, long gpa) {
        accessor.put(memory, gpa, PATTERN);
        assertEquals(accessor.pattern(), accessor.get(memory, gpa));
        for (int i = 0; i < accessor.size; i++) {
            assertEquals((byte) (PATTERN >>> (8 * i)), memory.getByte(gpa + i), "byte " + i);
        }
        assertEquals(accessor.size, nonZeroBytes(), "nothing else was written");
    }

    @ParameterizedTest(name = "{0} at {1}")
    @MethodSource("invalid")
    void refusesWhatIsNotRam(Accessor accessor, long gpa) {
        assertThrows(GuestMemoryException.class, () -> accessor.get(memory, gpa));
        assertThrows(GuestMemoryException.class, () -> accessor.put(memory, gpa, -1));
        assertEquals(0, nonZeroBytes(), "nothing was written");
    }

    @ParameterizedTest
    @EnumSource(Accessor.class)
    void keepsNegativeValues(Accessor accessor) {
        accessor.put(memory, HIGH, -1);
        assertEquals(-1L >>> (64 - 8 * accessor.size), accessor.get(memory, HIGH));
    }

    @ParameterizedTest
    @CsvSource({
        "0x1000, 0, true",
        "0x1000, 1, true",
        "0x1000, 0x2000, true",
        "0x1000, 0x3000, true",
        "0x1000, 0x3001, false",
        "0x2fff, 2, true",
        "0x3fff, 1, true",
        "0x3fff, 2, false",
        "0x4000, 0, false",
        "0xfff, 1, false",
        "0xfff, 2, false",
        "0x1000, -1, false",
        "0x1000, 0x7fffffffffffffff, false",
        "0x1000, -0x8000000000000000, false",
        "-1, 1, false",
        "-1, 2, false",
        "-0x1000, 0x2000, false",
        "0x7fffffffffffffff, 1, false",
        "0x7fffffffffffffff, 0x7fffffffffffffff, false",
        "0x100000000, 0x1000, true",
        "0x100000000, 0x1001, false",
        "0x100000fff, 1, true",
        "0x100001000, 1, false",
        "0xffffffff, 1, false",
    })
    void knowsWhatIsRam(String gpa, String length, boolean ram) {
        assertEquals(ram, memory.isRam(Long.decode(gpa), Long.decode(length)));
    }

    @Test
    void tellsItsShape() {
        assertEquals(0x4000, memory.sizeBytes());
        assertEquals(3, memory.regions().size());
        assertEquals(MIDDLE, memory.regions().get(1).startGpa());
        assertEquals(MIDDLE_END, memory.regions().get(1).endGpa());
        assertEquals(0x1000, memory.regions().get(2).segment().byteSize());
        memory.putInt(HIGH + 4, 77);
        assertEquals(77, memory.regions().get(2).segment().get(ValueLayout.JAVA_INT, 4));
    }

    @Test
    void namesTheAddressThatIsNotRam() {
        GuestMemoryException e = assertThrows(GuestMemoryException.class, () -> memory.getLong(-8));
        assertEquals("guest-physical 0xfffffffffffffff8, 8 bytes, is not RAM", e.getMessage());
        assertEquals(0, e.getStackTrace().length);
        GuestMemoryException odd = assertThrows(GuestMemoryException.class, () -> memory.getIntAcquire(0x1002));
        assertEquals("guest-physical 0x1002 is not a multiple of 4", odd.getMessage());
    }

    @Test
    void refusesRegionsOutOfOrder() {
        GuestMemory.Region low = region(0x1000, 0x1000);
        for (GuestMemory.Region second : List.of(
                region(0x1fff, 1), region(0, 0x1000), region(-0x1000, 0x1000), region(GuestMemory.MAX_END_GPA, 1))) {
            assertThrows(IllegalArgumentException.class, () -> new GuestMemory(List.of(low, second)));
        }
        GuestMemory.Region empty = new GuestMemory.Region(0x2000, MemorySegment.NULL);
        assertThrows(IllegalArgumentException.class, () -> new GuestMemory(List.of(low, empty)));
    }

    @Test
    void withoutRegionsHasNoRam() {
        GuestMemory none = new GuestMemory(List.of());
        assertFalse(none.isRam(0, 0));
        assertEquals(0, none.sizeBytes());
        assertThrows(GuestMemoryException.class, () -> none.getByte(0));
    }

    @Test
    void aRegionThatIsSmallerThanAScalarHoldsNone() {
        GuestMemory tiny = new GuestMemory(List.of(region(LOW, 1), region(MIDDLE, 7)));
        tiny.putByte(LOW, (byte) 1);
        tiny.putInt(MIDDLE + 3, 7);
        for (long gpa : new long[] {LOW - 7, LOW - 1, LOW, MIDDLE - 1, MIDDLE, MIDDLE + 1, MIDDLE + 7}) {
            assertThrows(GuestMemoryException.class, () -> tiny.getLong(gpa));
            assertThrows(GuestMemoryException.class, () -> tiny.putLong(gpa, -1));
        }
        assertThrows(GuestMemoryException.class, () -> tiny.getShort(LOW));
        assertThrows(GuestMemoryException.class, () -> tiny.getInt(MIDDLE + 4));
    }

    @Test
    void worksOverTheJavaHeap() {
        GuestMemory heap = new GuestMemory(List.of(new GuestMemory.Region(0, MemorySegment.ofArray(new long[16]))));
        heap.putLongRelease(8, PATTERN);
        assertEquals(PATTERN, heap.getLongAcquire(8));
        assertTrue(heap.isRam(0, 128));
        MemoryLease lease = heap.newLease(1);
        assertThrows(IllegalStateException.class, () -> lease.addDeviceReadable(0, 8));
        lease.release();
        heap.close();
    }

    private int nonZeroBytes() {
        int count = 0;
        for (GuestMemory.Region region : memory.regions()) {
            for (long i = 0; i < region.segment().byteSize(); i++) {
                count += region.segment().get(ValueLayout.JAVA_BYTE, i) == 0 ? 0 : 1;
            }
        }
        return count;
    }
}
