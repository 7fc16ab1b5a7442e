package io.javisor.core.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** One bit for each 4 KiB page of a region, set by whoever writes and taken by whoever copies. Safe for any thread. */
final class DirtyBitmap {
    static final int PAGE_SHIFT = 12;

    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
    private static final ValueLayout.OfLong TARGET_WORD =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final long[] words;

    DirtyBitmap(long regionSizeBytes) {
        words = new long[Math.toIntExact(sizeBytes(regionSizeBytes) / Long.BYTES)];
    }

    /** The size of a bitmap in KVM's form (api.rst §4.8: rounded up to 64 pages), in bytes. */
    static long sizeBytes(long regionSizeBytes) {
        long pages = (regionSizeBytes + (1L << PAGE_SHIFT) - 1) >>> PAGE_SHIFT;
        return (pages + Long.SIZE - 1) / Long.SIZE * Long.BYTES;
    }

    /** Marks the pages of {@code length} > 0 bytes at {@code offset}, which have been written already. */
    void mark(long offset, long length) {
        long first = offset >>> PAGE_SHIFT;
        long last = (offset + length - 1) >>> PAGE_SHIFT;
        int lastWord = (int) (last >>> 6);
        for (int word = (int) (first >>> 6); word <= lastWord; word++) {
            long bits = -1L;
            if (word == (int) (first >>> 6)) {
                bits &= -1L << first;
            }
            if (word == lastWord) {
                bits &= -1L >>> (63 - (last & 63));
            }
            // Unconditional, as a full fence: the write must be visible before the bit, or snapshot() could
            // clear the bit, copy the old data and leave the new unmarked. Pairs with getAndSet in snapshot().
            long _ = (long) WORD.getAndBitwiseOr(words, word, bits);
        }
    }

    /** Sets in {@code target} every bit that is set here, and clears it here. Returns how many were set. */
    long snapshot(MemorySegment target) {
        long pages = 0;
        for (int word = 0; word < words.length; word++) {
            if ((long) WORD.getOpaque(words, word) == 0) {
                continue;
            }
            // Cleared before the caller reads the pages: what is written from now on is marked again. Pairs with
            // mark().
            long bits = (long) WORD.getAndSet(words, word, 0L);
            pages += Long.bitCount(bits);
            long at = (long) word * Long.BYTES;
            target.set(TARGET_WORD, at, target.get(TARGET_WORD, at) | bits);
        }
        return pages;
    }
}
