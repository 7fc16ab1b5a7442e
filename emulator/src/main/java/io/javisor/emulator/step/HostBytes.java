package io.javisor.emulator.step;

import io.javisor.core.host.Libc;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Memory by host address, unchecked: addresses come from {@link OperandMemory} and the vCPU's block only. */
final class HostBytes {
    static final int PAGE_SIZE = 4096;

    static final MemorySegment ALL = Libc.segmentAt(0, Long.MAX_VALUE);

    private HostBytes() {}

    /** Reads 1, 2, 4 or 8 bytes, zero-extended. */
    static long get(long hva, int size) {
        return switch (size) {
            case 1 -> ALL.get(ValueLayout.JAVA_BYTE, hva) & 0xffL;
            case 2 -> ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, hva) & 0xffffL;
            case 4 -> ALL.get(ValueLayout.JAVA_INT_UNALIGNED, hva) & 0xffff_ffffL;
            default -> ALL.get(ValueLayout.JAVA_LONG_UNALIGNED, hva);
        };
    }

    static void put(long hva, int size, long value) {
        switch (size) {
            case 1 -> ALL.set(ValueLayout.JAVA_BYTE, hva, (byte) value);
            case 2 -> ALL.set(ValueLayout.JAVA_SHORT_UNALIGNED, hva, (short) value);
            case 4 -> ALL.set(ValueLayout.JAVA_INT_UNALIGNED, hva, (int) value);
            default -> ALL.set(ValueLayout.JAVA_LONG_UNALIGNED, hva, value);
        }
    }

    static void copy(long fromHva, long toHva, int size) {
        for (int i = 0; i < size; i++) {
            put(toHva + i, 1, get(fromHva + i, 1));
        }
    }

    /** Copies many bytes; where the two overlap, as if by way of a buffer. */
    static void move(long fromHva, long toHva, int size) {
        MemorySegment.copy(ALL, fromHva, ALL, toHva, size);
    }

    /** {@code size} is a multiple of 8. */
    static void clear(long hva, int size) {
        for (int i = 0; i < size; i += 8) {
            put(hva + i, 8, 0);
        }
    }
}
