package io.javisor.emulator.mmu;

import io.javisor.core.memory.GuestMemory;

/**
 * Walks the guest's page tables (SDM vol. 3A ch. 4): checks, accessed and dirty flags, error codes. The result is in fields, so
 * that a walk allocates nothing.
 *
 * <p>An entry that does not lie in RAM reads as all ones, as an unclaimed address of the bus does; device memory is not asked, and
 * flags are not written there. A faulting walk leaves all flags alone, which SDM vol. 3A §4.8 allows.
 */
final class PageWalker {
    /** Kinds of access, with the bits of a page fault's error code (SDM vol. 3A figure 4-12). */
    static final int WRITE = 1 << 1;

    static final int USER = 1 << 2;
    static final int FETCH = 1 << 4;

    /** An explicit supervisor access while RFLAGS.AC is set: SMAP does not hold it up. */
    static final int AC_SET = 1 << 8;

    static final int ERROR_PRESENT = 1;
    static final int ERROR_RESERVED = 1 << 3;

    private static final long PRESENT = 1;
    private static final long READ_WRITE = 1 << 1;
    private static final long USER_SUPERVISOR = 1 << 2;
    private static final long ACCESSED = 1 << 5;
    private static final long DIRTY = 1 << 6;
    private static final long PAGE_SIZE_BIT = 1 << 7;
    private static final long GLOBAL = 1 << 8;
    private static final long EXECUTE_DISABLE = 1L << 63;
    private static final long ADDRESS_MASK = 0x000F_FFFF_FFFF_F000L;

    private final GuestMemory memory;
    private final WriteWatch watch;
    private final Paging paging;

    private final long[] entries = new long[4];
    private final long[] entryGpas = new long[4];
    private int depth;
    private int entrySize;
    // Of all levels together: the lowest of each permission.
    private boolean user;
    private boolean writable;
    private boolean executeDisable;
    private boolean reservedBit;

    /** The 4 KiB of guest-physical memory that hold the address. */
    long pageGpa;

    /** The size of the page that maps it: 12, 21, 22 or 30. */
    int pageShift;

    boolean global;

    /** Whether a write of the same kind would be allowed without another walk: permitted, and the dirty flag is set. */
    boolean writeReady;

    /** After a walk that failed. */
    int errorCode;

    PageWalker(GuestMemory memory, WriteWatch watch, Paging paging) {
        this.memory = memory;
        this.watch = watch;
        this.paging = paging;
    }

    /**
     * Translates for an access and sets accessed and dirty flags.
     *
     * @param access {@link #WRITE}, {@link #USER}, {@link #FETCH}, {@link #AC_SET}
     * @return false if it faults; {@link #errorCode} tells why
     */
    boolean walk(long linear, int access) {
        if (paging.mode == Paging.Mode.NONE) {
            pageGpa = linear & 0xFFFF_F000L;
            pageShift = 12;
            global = false;
            writeReady = true;
            return true;
        }
        boolean marked;
        do {
            int fault = descend(linear);
            if (fault < 0 && !allowed(access)) {
                fault = ERROR_PRESENT;
            }
            if (fault >= 0) {
                errorCode = fault | (access & (WRITE | USER)) | (paging.fetchBit ? access & FETCH : 0);
                return false;
            }
            marked = mark((access & WRITE) != 0);
        } while (!marked);
        long leaf = entries[depth - 1];
        global = paging.globals && (leaf & GLOBAL) != 0;
        writeReady = (leaf & DIRTY) != 0 && allowed((access & ~FETCH) | WRITE);
        return true;
    }

    /**
     * Translates without checking permissions and without a trace in the tables.
     *
     * @return the guest-physical address, or -1 if the address is not mapped
     */
    long probe(long linear) {
        if (paging.mode == Paging.Mode.NONE) {
            return linear & 0xFFFF_FFFFL;
        }
        return descend(linear) >= 0 ? -1 : pageGpa | (linear & 0xFFF);
    }

    /** Returns -1 if all levels are present and well-formed, else the error code so far: 0, or present and reserved. */
    private int descend(long linear) {
        depth = 0;
        user = true;
        writable = true;
        executeDisable = false;
        reservedBit = false;
        return switch (paging.mode) {
            case BITS32 -> descend32((int) linear);
            case PAE -> descendPae(linear & 0xFFFF_FFFFL);
            default -> descend4(linear);
        };
    }

    // §4.3: two levels of 4-byte entries.
    private int descend32(int linear) {
        entrySize = 4;
        long entry = load(paging.rootGpa + (linear >>> 22) * 4L);
        if ((entry & PRESENT) == 0) {
            return 0;
        }
        combine(entry, 0);
        if (paging.pse && (entry & PAGE_SIZE_BIT) != 0) {
            // Table 4-4: with PSE-36, bits 13 to 20 are address bits 32 to 39, as far as there are any. The rest of
            // bits 13 to 21 must be 0.
            int high = paging.pse36 ? Math.clamp(paging.physicalBits - 32, 0, 8) : 0;
            long used = ((1L << high) - 1) << 13;
            reservedBit |= (entry & 0x3F_E000L & ~used) != 0;
            return leaf((entry & 0xFFC0_0000L) | (entry & used) << 19, linear & 0x3F_F000L, 22);
        }
        entry = load((entry & 0xFFFF_F000L) + (linear >>> 12 & 0x3FF) * 4L);
        if ((entry & PRESENT) == 0) {
            return 0;
        }
        combine(entry, 0);
        return leaf(entry & 0xFFFF_F000L, 0, 12);
    }

    // §4.4: four PDPTE registers, then two levels of 8-byte entries.
    private int descendPae(long linear) {
        entrySize = 8;
        long pdpte = paging.pdptes[(int) (linear >>> 30)];
        return (pdpte & PRESENT) == 0 ? 0 : descendDirectory(pdpte & ADDRESS_MASK, linear);
    }

    // §4.5: four levels of 8-byte entries.
    private int descend4(long linear) {
        entrySize = 8;
        long entry = load(paging.rootGpa + (linear >>> 39 & 0x1FF) * 8);
        if ((entry & PRESENT) == 0) {
            return 0;
        }
        combine(entry, PAGE_SIZE_BIT);
        if (reservedBit) {
            return ERROR_PRESENT | ERROR_RESERVED;
        }
        entry = load((entry & ADDRESS_MASK) + (linear >>> 30 & 0x1FF) * 8);
        if ((entry & PRESENT) == 0) {
            return 0;
        }
        boolean large = paging.pages1G && (entry & PAGE_SIZE_BIT) != 0;
        combine(entry, large ? 0x3FFF_E000L : paging.pages1G ? 0 : PAGE_SIZE_BIT);
        if (large) {
            return leaf(entry & 0x000F_FFFF_C000_0000L, linear & 0x3FFF_F000L, 30);
        }
        return reservedBit ? ERROR_PRESENT | ERROR_RESERVED : descendDirectory(entry & ADDRESS_MASK, linear);
    }

    private int descendDirectory(long directoryGpa, long linear) {
        long entry = load(directoryGpa + (linear >>> 21 & 0x1FF) * 8);
        if ((entry & PRESENT) == 0) {
            return 0;
        }
        boolean large = (entry & PAGE_SIZE_BIT) != 0;
        combine(entry, large ? 0x1F_E000L : 0);
        if (large) {
            return leaf(entry & 0x000F_FFFF_FFE0_0000L, linear & 0x1F_F000L, 21);
        }
        if (reservedBit) {
            return ERROR_PRESENT | ERROR_RESERVED;
        }
        entry = load((entry & ADDRESS_MASK) + (linear >>> 12 & 0x1FF) * 8);
        if ((entry & PRESENT) == 0) {
            return 0;
        }
        combine(entry, 0);
        return leaf(entry & ADDRESS_MASK, 0, 12);
    }

    private int leaf(long frameGpa, long offset, int shift) {
        pageGpa = frameGpa | offset;
        pageShift = shift;
        return reservedBit ? ERROR_PRESENT | ERROR_RESERVED : -1;
    }

    private void combine(long entry, long mustBeZero) {
        user &= (entry & USER_SUPERVISOR) != 0;
        writable &= (entry & READ_WRITE) != 0;
        if (entrySize == 8) {
            executeDisable |= paging.nxe && (entry & EXECUTE_DISABLE) != 0;
            reservedBit |= (entry & (paging.reserved | mustBeZero)) != 0;
        }
    }

    // §4.6.1: access rights.
    private boolean allowed(int access) {
        boolean fetch = (access & FETCH) != 0;
        if (fetch && executeDisable) {
            return false;
        }
        if ((access & USER) != 0) {
            return user && (writable || (access & WRITE) == 0);
        }
        if (user && fetch && paging.smep) {
            return false;
        }
        if (user && !fetch && paging.smap && (access & AC_SET) == 0) {
            return false;
        }
        return writable || (access & WRITE) == 0 || !paging.writeProtect;
    }

    private long load(long gpa) {
        long pageHva = memory.pageHva(gpa & -HostMemory.PAGE_SIZE);
        if (pageHva == HostMemory.NOT_RAM) {
            pageHva = memory.readOnlyPageHva(gpa & -HostMemory.PAGE_SIZE);
        }
        long entry = entrySize == 8 ? -1L : 0xFFFF_FFFFL;
        if (pageHva != HostMemory.NOT_RAM) {
            entry = HostMemory.get(pageHva + (gpa & 0xFFF), entrySize);
        }
        entries[depth] = entry;
        entryGpas[depth++] = gpa;
        return entry;
    }

    // §4.8. Another processor may change an entry meanwhile: then all is read again.
    private boolean mark(boolean write) {
        for (int i = 0; i < depth; i++) {
            long entry = entries[i];
            long marked = entry | ACCESSED | (write && i == depth - 1 ? DIRTY : 0);
            if (marked != entry) {
                long gpa = entryGpas[i];
                long pageGpaOfEntry = gpa & -HostMemory.PAGE_SIZE;
                long pageHva = memory.pageHva(pageGpaOfEntry);
                if (pageHva == HostMemory.NOT_RAM) {
                    continue;
                }
                if (watch.isWatched(pageGpaOfEntry)) {
                    watch.written(gpa, entrySize);
                }
                if (!HostMemory.compareAndSet(pageHva + (gpa & 0xFFF), entrySize, entry, marked)) {
                    return false;
                }
                entries[i] = marked;
            }
        }
        return true;
    }
}
