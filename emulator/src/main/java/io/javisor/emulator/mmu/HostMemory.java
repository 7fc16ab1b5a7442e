package io.javisor.emulator.mmu;

import io.javisor.core.host.Libc;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Memory by its host address. Nothing is checked: addresses come from {@link io.javisor.core.memory.GuestMemory} and from the vCPU's own blocks only, and
 * the vCPU's thread is joined before either is unmapped.
 */
public final class HostMemory {
    /** No address: the page is no RAM. */
    public static final long NOT_RAM = 0;

    public static final int PAGE_SIZE = 4096;

    private static final MemorySegment ALL = Libc.segmentAt(0, Long.MAX_VALUE);
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

    private HostMemory() {}

    /** Reads {@code size} bytes (1, 2, 4 or 8), zero-extended; atomic where {@code hva} is a multiple of the size. */
    public static long get(long hva, int size) {
        return switch (size) {
            case 1 -> ALL.get(ValueLayout.JAVA_BYTE, hva) & 0xFFL;
            case 2 -> ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, hva) & 0xFFFFL;
            case 4 -> ALL.get(ValueLayout.JAVA_INT_UNALIGNED, hva) & 0xFFFF_FFFFL;
            default -> ALL.get(ValueLayout.JAVA_LONG_UNALIGNED, hva);
        };
    }

    /** Writes the low {@code size} bytes (1, 2, 4 or 8) of {@code value}; atomic as for {@link #get}. */
    public static void put(long hva, int size, long value) {
        switch (size) {
            case 1 -> ALL.set(ValueLayout.JAVA_BYTE, hva, (byte) value);
            case 2 -> ALL.set(ValueLayout.JAVA_SHORT_UNALIGNED, hva, (short) value);
            case 4 -> ALL.set(ValueLayout.JAVA_INT_UNALIGNED, hva, (int) value);
            default -> ALL.set(ValueLayout.JAVA_LONG_UNALIGNED, hva, value);
        }
    }

    /** Copies bytes between stretches that do not overlap. */
    static void copy(long fromHva, long toHva, int length) {
        MemorySegment.copy(ALL, fromHva, ALL, toHva, length);
    }

    static long getLong(long hva) {
        return ALL.get(ValueLayout.JAVA_LONG, hva);
    }

    static void putLong(long hva, long value) {
        ALL.set(ValueLayout.JAVA_LONG, hva, value);
    }

    /** Replaces an aligned value of 4 or 8 bytes if it is still {@code expected}, in one step that all processors see as one. */
    static boolean compareAndSet(long hva, int size, long expected, long value) {
        return size == 8
                ? LONG.compareAndSet(ALL, hva, expected, value)
                : INT.compareAndSet(ALL, hva, (int) expected, (int) value);
    }
}
