package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/** C's integer types in a segment, in the host's byte order. Unsigned types below 64 bits are zero-extended to an int. */
final class Abi {
    private Abi() {}

    static int getU8(MemorySegment m, long offset) {
        return m.get(ValueLayout.JAVA_BYTE, offset) & 0xFF;
    }

    static void setU8(MemorySegment m, long offset, int value) {
        m.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
    }

    static int getU16(MemorySegment m, long offset) {
        return m.get(ValueLayout.JAVA_SHORT_UNALIGNED, offset) & 0xFFFF;
    }

    static int getS16(MemorySegment m, long offset) {
        return m.get(ValueLayout.JAVA_SHORT_UNALIGNED, offset);
    }

    static void setU16(MemorySegment m, long offset, int value) {
        m.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset, (short) value);
    }

    static int getU32(MemorySegment m, long offset) {
        return m.get(ValueLayout.JAVA_INT_UNALIGNED, offset);
    }

    static void setU32(MemorySegment m, long offset, int value) {
        m.set(ValueLayout.JAVA_INT_UNALIGNED, offset, value);
    }

    static long getU64(MemorySegment m, long offset) {
        return m.get(ValueLayout.JAVA_LONG_UNALIGNED, offset);
    }

    static void setU64(MemorySegment m, long offset, long value) {
        m.set(ValueLayout.JAVA_LONG_UNALIGNED, offset, value);
    }

    /** {@code count} U32s at once: in the interpreter, in which a start mostly runs, one access through a segment takes microseconds. Not by
     * the copy of arrays, which makes a class at its first use.
     */
    static int[] getU32s(MemorySegment m, long offset, int count) {
        int[] values = new int[count];
        MemorySegment.copy(m, offset, MemorySegment.ofArray(values), 0, (long) count * Integer.BYTES);
        return values;
    }

    static void setU32s(MemorySegment m, long offset, int[] values) {
        MemorySegment.copy(MemorySegment.ofArray(values), 0, m, offset, (long) values.length * Integer.BYTES);
    }

    /** {@code index}, checked against the array's length in C: the segment's own check would not catch a step into the next field. */
    static long index(int index, int count) {
        return Objects.checkIndex(index, count);
    }
}
