package io.javisor.emulator.mmu;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Translations that were walked already, where emitted code finds them: {@link #SETS} sets of {@link #ENTRIES} entries, which are
 * indexed by bits 12 up of the linear address.
 *
 * <p>With {@code t = linear ^ readTag} (or the write tag) an access of {@code size} bytes may be done at {@code t + hostPage} if
 * {@code t} is, without a sign, below {@code 0x1001 - size}: one comparison for the page, the permission and the page's end. A tag
 * that must not match is {@code (index ^ 1) << 12}, which no address with that index matches. Sets for fetches use the read tag.
 *
 * <p>Only the vCPU's thread touches it.
 */
public final class Tlb {
    public static final int ENTRIES = 512;
    public static final int ENTRY_SIZE = 32;
    public static final int READ_TAG_OFFSET = 0;
    public static final int WRITE_TAG_OFFSET = 8;
    public static final int HOST_PAGE_OFFSET = 16;

    /** The guest-physical page, with {@link #GLOBAL} and the page's size in the low bits. */
    public static final int GPA_OFFSET = 24;

    public static final long GLOBAL = 1;

    /** Data at CPL 3; data at CPL 0 to 2, where SMAP (if on) hides user pages; the same with RFLAGS.AC set; fetches. */
    public static final int USER = 0;

    public static final int SUPERVISOR = 1;
    public static final int SUPERVISOR_AC = 2;
    public static final int FETCH_USER = 3;
    public static final int FETCH_SUPERVISOR = 4;
    public static final int SETS = 5;

    public static final int SET_SIZE = ENTRIES * ENTRY_SIZE;
    public static final int SIZE = SETS * SET_SIZE;

    private static final int SHIFT_SHIFT = 1;
    private static final long SHIFT_MASK = 0x3F;

    private final long startHva;
    /** Which sets have global pages, and which entries have others: those that a write of CR3 drops. */
    private final boolean[] globals = new boolean[SETS];

    private final long[][] locals = new long[SETS][ENTRIES / Long.SIZE];
    private final boolean[] used = new boolean[SETS];
    private boolean largePages;

    /**
     * @param memory {@link #SIZE} bytes outside the heap, aligned to 64
     */
    public Tlb(MemorySegment memory) {
        if (memory.byteSize() < SIZE || !memory.isNative() || (memory.address() & 63) != 0) {
            throw new IllegalArgumentException("not a place for a TLB: " + memory);
        }
        startHva = memory.address();
        for (int set = 0; set < SETS; set++) {
            used[set] = true;
        }
        flush(true);
    }

    /** The host address of a set. */
    public long setHva(int set) {
        return startHva + (long) set * SET_SIZE;
    }

    /** The host address of the entry for an address in a set. */
    static long entryHva(long setHva, long linear) {
        return setHva + (linear >>> 12 & (ENTRIES - 1)) * ENTRY_SIZE;
    }

    /** Enters a page of RAM; its reads are allowed, its writes if {@code writable}. */
    void fill(int set, long linear, boolean writable, long pageHva, long pageGpa, int pageShift, boolean global) {
        long entry = entryHva(setHva(set), linear);
        long page = linear & -HostMemory.PAGE_SIZE;
        HostMemory.putLong(entry + READ_TAG_OFFSET, page);
        HostMemory.putLong(entry + WRITE_TAG_OFFSET, writable ? page : emptyTag(linear));
        HostMemory.putLong(entry + HOST_PAGE_OFFSET, pageHva);
        HostMemory.putLong(entry + GPA_OFFSET, pageGpa | (long) pageShift << SHIFT_SHIFT | (global ? GLOBAL : 0));
        used[set] = true;
        largePages |= pageShift != 12;
        int index = index(linear);
        if (global) {
            globals[set] = true;
            locals[set][index >>> 6] &= ~(1L << index);
        } else {
            locals[set][index >>> 6] |= 1L << index;
        }
    }

    private static int index(long linear) {
        return (int) (linear >>> 12) & (ENTRIES - 1);
    }

    /** Forgets everything, or all but global pages. */
    void flush(boolean globalToo) {
        for (int set = 0; set < SETS; set++) {
            if (!used[set]) {
                continue;
            }
            if (globalToo) {
                long entry = setHva(set);
                for (int i = 0; i < ENTRIES; i++, entry += ENTRY_SIZE) {
                    empty(entry, i);
                }
                Arrays.fill(locals[set], 0);
                globals[set] = false;
            } else {
                flushLocals(set);
            }
            used[set] = globals[set];
        }
        largePages &= !globalToo;
    }

    private void flushLocals(int set) {
        long[] words = locals[set];
        for (int i = 0; i < words.length; i++) {
            for (long left = words[i]; left != 0; left &= left - 1) {
                int index = i << 6 | Long.numberOfTrailingZeros(left);
                empty(setHva(set) + (long) index * ENTRY_SIZE, index);
            }
            words[i] = 0;
        }
    }

    /** Forgets the page of an address in all sets, global or not, and all pieces of a large page that holds it. */
    void invalidate(long linear) {
        for (int set = 0; set < SETS; set++) {
            if (!used[set]) {
                continue;
            }
            if (largePages) {
                invalidatePieces(setHva(set), linear);
                continue;
            }
            long entry = entryHva(setHva(set), linear);
            if ((HostMemory.getLong(entry + READ_TAG_OFFSET) ^ linear) >>> 12 == 0) {
                empty(entry, (int) (linear >>> 12) & (ENTRIES - 1));
            }
        }
    }

    /** Takes the right to write to a page of guest memory without being asked, wherever it is mapped. */
    void protect(long pageGpa) {
        for (int set = 0; set < FETCH_USER; set++) {
            if (!used[set]) {
                continue;
            }
            long entry = setHva(set);
            for (int i = 0; i < ENTRIES; i++, entry += ENTRY_SIZE) {
                if ((HostMemory.getLong(entry + GPA_OFFSET) ^ pageGpa) >>> 12 == 0) {
                    HostMemory.putLong(entry + WRITE_TAG_OFFSET, emptyTag((long) i << 12));
                }
            }
        }
    }

    private static void invalidatePieces(long setHva, long linear) {
        long entry = setHva;
        for (int i = 0; i < ENTRIES; i++, entry += ENTRY_SIZE) {
            int shift = (int) (HostMemory.getLong(entry + GPA_OFFSET) >>> SHIFT_SHIFT & SHIFT_MASK);
            if (shift != 0 && (HostMemory.getLong(entry + READ_TAG_OFFSET) ^ linear) >>> shift == 0) {
                empty(entry, i);
            }
        }
    }

    private static void empty(long entry, int index) {
        long tag = emptyTag((long) index << 12);
        HostMemory.putLong(entry + READ_TAG_OFFSET, tag);
        HostMemory.putLong(entry + WRITE_TAG_OFFSET, tag);
    }

    private static long emptyTag(long linear) {
        return ((linear >>> 12 & (ENTRIES - 1)) ^ 1) << 12;
    }
}
