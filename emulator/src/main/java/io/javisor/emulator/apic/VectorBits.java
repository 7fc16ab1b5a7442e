package io.javisor.emulator.apic;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;

/** A bit for each of the 256 vectors. Any thread: bits are set and cleared atomically, with the order of volatile accesses. */
final class VectorBits {
    /** The answer of {@link #highest} when no bit is set. */
    static final int NONE = -1;

    static final int LONG_COUNT = 4;

    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] longs = new long[LONG_COUNT];

    /** Returns whether it was clear. */
    boolean set(int vector) {
        long bit = 1L << vector;
        return ((long) LONGS.getAndBitwiseOr(longs, vector >> 6, bit) & bit) == 0;
    }

    void clear(int vector) {
        long _ = (long) LONGS.getAndBitwiseAnd(longs, vector >> 6, ~(1L << vector));
    }

    boolean get(int vector) {
        return ((long) LONGS.getVolatile(longs, vector >> 6) >>> vector & 1) != 0;
    }

    void clear() {
        for (int i = 0; i < LONG_COUNT; i++) {
            LONGS.setVolatile(longs, i, 0L);
        }
    }

    /** The highest vector whose bit is set, or {@link #NONE}. */
    int highest() {
        for (int i = LONG_COUNT - 1; i >= 0; i--) {
            long bits = (long) LONGS.getVolatile(longs, i);
            if (bits != 0) {
                return i * Long.SIZE + Long.SIZE - 1 - Long.numberOfLeadingZeros(bits);
            }
        }
        return NONE;
    }

    /** Bits 32 × {@code index} and up, as a register shows them. */
    int word(int index) {
        return (int) ((long) LONGS.getVolatile(longs, index >> 1) >>> (32 * (index & 1)));
    }

    List<Long> save() {
        List<Long> saved = new ArrayList<>(LONG_COUNT);
        for (int i = 0; i < LONG_COUNT; i++) {
            saved.add((long) LONGS.getVolatile(longs, i));
        }
        return saved;
    }

    void restore(List<Long> saved) {
        for (int i = 0; i < LONG_COUNT; i++) {
            LONGS.setVolatile(longs, i, (long) saved.get(i));
        }
    }
}
