package io.javisor.core.bus;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Little-endian values of 1 to 8 bytes in a segment, at any alignment. x86-64 is little-endian, as is this code's host. */
public final class LittleEndian {
    private LittleEndian() {}

    /** Reads {@code size} bytes (1 to 8) at {@code offset}, zero-extended. */
    public static long get(MemorySegment segment, long offset, int size) {
        return switch (size) {
            case 1 -> segment.get(ValueLayout.JAVA_BYTE, offset) & 0xFFL;
            case 2 -> segment.get(ValueLayout.JAVA_SHORT_UNALIGNED, offset) & 0xFFFFL;
            case 4 -> segment.get(ValueLayout.JAVA_INT_UNALIGNED, offset) & 0xFFFF_FFFFL;
            case 8 -> segment.get(ValueLayout.JAVA_LONG_UNALIGNED, offset);
            default -> getBytes(segment, offset, size);
        };
    }

    /** Writes the low {@code size} bytes (1 to 8) of {@code value} at {@code offset}. */
    public static void put(MemorySegment segment, long offset, int size, long value) {
        switch (size) {
            case 1 -> segment.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
            case 2 -> segment.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset, (short) value);
            case 4 -> segment.set(ValueLayout.JAVA_INT_UNALIGNED, offset, (int) value);
            case 8 -> segment.set(ValueLayout.JAVA_LONG_UNALIGNED, offset, value);
            default -> putBytes(segment, offset, size, value);
        }
    }

    private static long getBytes(MemorySegment segment, long offset, int size) {
        long value = 0;
        for (int i = size - 1; i >= 0; i--) {
            value = (value << 8) | (segment.get(ValueLayout.JAVA_BYTE, offset + i) & 0xFFL);
        }
        return value;
    }

    private static void putBytes(MemorySegment segment, long offset, int size, long value) {
        for (int i = 0; i < size; i++) {
            segment.set(ValueLayout.JAVA_BYTE, offset + i, (byte) (value >>> (8 * i)));
        }
    }
}
