package io.javisor.emulator.mmu;

import java.lang.foreign.MemorySegment;

/**
 * Translations that were walked already, where emitted code finds them: {@link #SETS} sets of two ways of {@link #ENTRIES} entries, which are
 * indexed by bits 12 up of the linear address. The first way has what came last; what was there before is in the second way, where
 * emitted code looks only if the first does not do ({@link #SECOND_WAY}).
 *
 * <p>With {@code t = linear ^ readTag} (or the write tag) an access of {@code size} bytes may be done at {@code t + hostPage} if
 * {@code t} is, without a sign, below {@code 0x1001 - size}: one comparison for the page, the permission and the page's end. A tag
 * that must not match is {@code (index ^ 1) << 12}, which no address with that index matches. Sets for fetches use the read tag. A page
 * is in one way at most.
 *
 * <p>What it costs to forget goes by what there is to forget, not by how large the table is. Only the vCPU's thread touches it.
 */
public final class Tlb {
    public static final int ENTRIES = 2048;
    public static final int ENTRY_SIZE = 32;
    public static final int READ_TAG_OFFSET = 0;
    public static final int WRITE_TAG_OFFSET = 8;
    public static final int HOST_PAGE_OFFSET = 16;

    /** The guest-physical page, with {@link #GLOBAL} and the page's size in the low bits. */
    public static final int GPA_OFFSET = 24;

    /** From an entry to that of the second way with the same index, in bytes. */
    public static final int SECOND_WAY = ENTRIES * ENTRY_SIZE;

    public static final long GLOBAL = 1;

    /** Data at CPL 3; data at CPL 0 to 2, where SMAP (if on) hides user pages; the same with RFLAGS.AC set; fetches. */
    public static final int USER = 0;

    public static final int SUPERVISOR = 1;
    public static final int SUPERVISOR_AC = 2;
    public static final int FETCH_USER = 3;
    public static final int FETCH_SUPERVISOR = 4;
    public static final int SETS = 5;

    public static final int SET_SIZE = 2 * SECOND_WAY;
    public static final int SIZE = SETS * SET_SIZE;

    private static final int SHIFT_SHIFT = 1;
    private static final long SHIFT_MASK = 0x3F;
    private static final int WORDS = 2 * ENTRIES / Long.SIZE;

    private final long startHva;

    /** Of each set, a bit for each entry that is not empty, those of the second way after the first's. */
    private final long[][] filled = new long[SETS][WORDS];

    /** Those of them whose pages are not global: which a write of CR3 drops. */
    private final long[][] locals = new long[SETS][WORDS];

    /** Where in the address space a set may have pieces of large pages, as {@link #gigabyte} has it. */
    private final long[] large = new long[SETS];

    private final boolean[] used = new boolean[SETS];

    /**
     * @param memory {@link #SIZE} bytes outside the heap, aligned to 64
     */
    public Tlb(MemorySegment memory) {
        if (memory.byteSize() < SIZE || !memory.isNative() || (memory.address() & 63) != 0) {
            throw new IllegalArgumentException("not a place for a TLB: " + memory);
        }
        startHva = memory.address();
        for (int i = 0; i < ENTRIES; i++) {
            writeEmpty(startHva + (long) i * ENTRY_SIZE, i);
        }
        for (int way = 1; way < 2 * SETS; way++) {
            HostMemory.copy(startHva, startHva + (long) way * SECOND_WAY, SECOND_WAY);
        }
    }

    /** The host address of a set. */
    public long setHva(int set) {
        return startHva + (long) set * SET_SIZE;
    }

    /** The host address of the first way's entry for an address in a set. */
    static long entryHva(long setHva, long linear) {
        return setHva + (linear >>> 12 & (ENTRIES - 1)) * ENTRY_SIZE;
    }

    /** Enters a page of RAM in the first way; its reads are allowed, its writes if {@code writable}. */
    void fill(int set, long linear, boolean writable, long pageHva, long pageGpa, int pageShift, boolean global) {
        long entry = entryHva(setHva(set), linear);
        long page = linear & -HostMemory.PAGE_SIZE;
        int index = index(linear);
        if (HostMemory.getLong(entry + READ_TAG_OFFSET) != page) {
            if (isFilled(set, index)) {
                HostMemory.copy(entry, entry + SECOND_WAY, ENTRY_SIZE);
                note(set, index + ENTRIES, isSet(locals[set], index));
            } else if (HostMemory.getLong(entry + SECOND_WAY + READ_TAG_OFFSET) == page) {
                empty(set, index + ENTRIES);
            }
        }
        HostMemory.putLong(entry + READ_TAG_OFFSET, page);
        HostMemory.putLong(entry + WRITE_TAG_OFFSET, writable ? page : emptyTag(index));
        HostMemory.putLong(entry + HOST_PAGE_OFFSET, pageHva);
        HostMemory.putLong(entry + GPA_OFFSET, pageGpa | (long) pageShift << SHIFT_SHIFT | (global ? GLOBAL : 0));
        note(set, index, !global);
        used[set] = true;
        if (pageShift != 12) {
            large[set] |= gigabyte(linear);
        }
    }

    /**
     * Has the first way have what the second has for an access, and the second what the first had.
     *
     * @return whether the second way had it
     */
    boolean promote(int set, long linear, boolean write) {
        long first = entryHva(setHva(set), linear);
        long second = first + SECOND_WAY;
        long tag = HostMemory.getLong(second + (write ? WRITE_TAG_OFFSET : READ_TAG_OFFSET));
        if (tag != (linear & -HostMemory.PAGE_SIZE)) {
            return false;
        }
        int index = index(linear);
        for (int i = 0; i < ENTRY_SIZE; i += Long.BYTES) {
            long other = HostMemory.getLong(first + i);
            HostMemory.putLong(first + i, HostMemory.getLong(second + i));
            HostMemory.putLong(second + i, other);
        }
        boolean local = isSet(locals[set], index + ENTRIES);
        if (isFilled(set, index)) {
            note(set, index + ENTRIES, isSet(locals[set], index));
        } else {
            clear(filled[set], index + ENTRIES);
            clear(locals[set], index + ENTRIES);
        }
        note(set, index, local);
        return true;
    }

    /** Forgets everything, or all but global pages. */
    void flush(boolean globalToo) {
        for (int set = 0; set < SETS; set++) {
            if (used[set]) {
                used[set] = flush(set, globalToo ? filled[set] : locals[set]);
            }
            if (globalToo) {
                large[set] = 0;
            }
        }
    }

    /** Empties entries of a set; whether others are left. */
    private boolean flush(int set, long[] which) {
        long[] all = filled[set];
        long rest = 0;
        for (int i = 0; i < WORDS; i++) {
            long word = which[i];
            for (long left = word; left != 0; left &= left - 1) {
                int number = i << 6 | Long.numberOfTrailingZeros(left);
                writeEmpty(hva(set, number), number);
            }
            all[i] &= ~word;
            locals[set][i] = 0;
            rest |= all[i];
        }
        return rest != 0;
    }

    /** Forgets the page of an address in all sets, global or not, and all pieces of a large page that holds it. */
    void invalidate(long linear) {
        for (int set = 0; set < SETS; set++) {
            if (!used[set]) {
                continue;
            }
            if ((large[set] & gigabyte(linear)) != 0) {
                invalidatePieces(set, linear);
                continue;
            }
            int index = index(linear);
            for (int number = index; number < 2 * ENTRIES; number += ENTRIES) {
                if ((HostMemory.getLong(hva(set, number) + READ_TAG_OFFSET) ^ linear) >>> 12 == 0) {
                    empty(set, number);
                }
            }
        }
    }

    private void invalidatePieces(int set, long linear) {
        for (int i = 0; i < WORDS; i++) {
            for (long left = filled[set][i]; left != 0; left &= left - 1) {
                int number = i << 6 | Long.numberOfTrailingZeros(left);
                long entry = hva(set, number);
                int shift = (int) (HostMemory.getLong(entry + GPA_OFFSET) >>> SHIFT_SHIFT & SHIFT_MASK);
                if ((HostMemory.getLong(entry + READ_TAG_OFFSET) ^ linear) >>> shift == 0) {
                    empty(set, number);
                }
            }
        }
    }

    /** Takes the right to write to a page of guest memory without being asked, wherever it is mapped. */
    void protect(long pageGpa) {
        for (int set = 0; set < FETCH_USER; set++) {
            for (int i = 0; i < WORDS && used[set]; i++) {
                for (long left = filled[set][i]; left != 0; left &= left - 1) {
                    int number = i << 6 | Long.numberOfTrailingZeros(left);
                    long entry = hva(set, number);
                    if ((HostMemory.getLong(entry + GPA_OFFSET) ^ pageGpa) >>> 12 == 0) {
                        HostMemory.putLong(entry + WRITE_TAG_OFFSET, emptyTag(number));
                    }
                }
            }
        }
    }

    /** The host address of an entry by its number in a set: that of the second way is {@link #ENTRIES} higher. */
    private long hva(int set, int number) {
        return setHva(set) + (long) number * ENTRY_SIZE;
    }

    private static int index(long linear) {
        return (int) (linear >>> 12) & (ENTRIES - 1);
    }

    /** One of 64 bits by the GiB, which no large page goes beyond. */
    private static long gigabyte(long linear) {
        // The second shift keeps a kernel's halves from the bits of programs.
        return 1L << (linear >>> 30 ^ linear >>> 59);
    }

    private boolean isFilled(int set, int number) {
        return isSet(filled[set], number);
    }

    private static boolean isSet(long[] bits, int number) {
        return (bits[number >>> 6] & 1L << number) != 0;
    }

    private static void clear(long[] bits, int number) {
        bits[number >>> 6] &= ~(1L << number);
    }

    private void note(int set, int number, boolean local) {
        filled[set][number >>> 6] |= 1L << number;
        if (local) {
            locals[set][number >>> 6] |= 1L << number;
        } else {
            clear(locals[set], number);
        }
    }

    private void empty(int set, int number) {
        writeEmpty(hva(set, number), number);
        clear(filled[set], number);
        clear(locals[set], number);
    }

    private static void writeEmpty(long entry, int number) {
        long tag = emptyTag(number);
        HostMemory.putLong(entry + READ_TAG_OFFSET, tag);
        HostMemory.putLong(entry + WRITE_TAG_OFFSET, tag);
    }

    private static long emptyTag(int number) {
        return (long) ((number & (ENTRIES - 1)) ^ 1) << 12;
    }
}
