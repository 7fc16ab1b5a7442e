package io.javisor.machine.matrix;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;

/**
 * What an access by page tables comes to (SDM vol. 3A ch. 4; APM vol. 2 ch. 5 says the same of what is tested).
 *
 * @param physicalBits MAXPHYADDR
 */
record PagingModel(Mode mode, int physicalBits, boolean pages1G, Settings settings) {
    enum Mode {
        BITS32,
        PAE,
        LEVEL4
    }

    enum Access {
        READ,
        WRITE,
        FETCH
    }

    /** Bits of CR0, CR4, EFER and RFLAGS. */
    record Settings(boolean wp, boolean pse, boolean nxe, boolean smep, boolean smap, boolean ac) {}

    /** An entry that was used: where, and what it holds afterwards. */
    record Entry(long address, long value) {}

    /**
     * @param error of a page fault, or -1
     * @param physical where the access goes if there is no fault
     */
    record Result(long error, long physical, List<Entry> used) {}

    private static final long PRESENT = 1;
    private static final long WRITABLE = 2;
    private static final long USER = 4;
    private static final long ACCESSED = 0x20;
    private static final long DIRTY = 0x40;
    private static final long LARGE = 0x80;
    private static final long NX = 1L << 63;

    /** Of an access; {@code memory} gives the 8 bytes at a physical address. {@code root} is the first table to be walked. */
    Result access(LongUnaryOperator memory, long root, long linear, Access access, boolean user) {
        boolean wide = mode != Mode.BITS32;
        int indexBits = wide ? 9 : 10;
        int shift = mode == Mode.LEVEL4 ? 39 : mode == Mode.PAE ? 21 : 22;
        long table = root;
        long rights = USER | WRITABLE;
        boolean nx = false;
        List<Entry> used = new ArrayList<>();
        while (true) {
            long index = linear >>> shift & ((1L << indexBits) - 1);
            long address = table + index * (wide ? 8 : 4);
            long entry = memory.applyAsLong(address) & (wide ? -1L : 0xFFFF_FFFFL);
            if ((entry & PRESENT) == 0) {
                return fault(0, access, user);
            }
            boolean leaf = shift == 12 || ((entry & LARGE) != 0 && mayBeLarge(shift));
            if ((entry & reserved(shift, leaf)) != 0) {
                return fault(9, access, user);
            }
            rights &= entry;
            nx |= settings.nxe && entry < 0;
            used.add(new Entry(address, entry | ACCESSED | (leaf && access == Access.WRITE ? DIRTY : 0)));
            if (leaf) {
                return permitted(rights, nx, access, user)
                        ? new Result(-1, frame(entry, shift) | (linear & ((1L << shift) - 1)), used)
                        : fault(1, access, user);
            }
            table = entry & 0x000F_FFFF_FFFF_F000L;
            shift -= indexBits;
        }
    }

    private boolean mayBeLarge(int shift) {
        return switch (shift) {
            case 22 -> settings.pse;
            case 21 -> true;
            case 30 -> pages1G;
            default -> false;
        };
    }

    private long frame(long entry, int shift) {
        if (shift == 22) {
            // Table 4-4: bits 20 to 13 are bits 39 to 32 of the address.
            return (entry & 0xFFC0_0000L) | (entry >>> 13 & 0xFF) << 32;
        }
        return entry & 0x000F_FFFF_FFFF_F000L & -(1L << shift);
    }

    // Figures 4-4, 4-7 and 4-11.
    private long reserved(int shift, boolean leaf) {
        if (mode == Mode.BITS32) {
            long beyond = leaf && shift == 22 ? 0x20_0000 | bits(13 + Math.clamp(physicalBits - 32, 0, 8), 20) : 0;
            return beyond;
        }
        long reserved = bits(physicalBits, 51) | (settings.nxe ? 0 : NX);
        if (mode == Mode.PAE) {
            reserved |= bits(52, 62);
        }
        if (leaf && shift > 12) {
            reserved |= bits(13, shift - 1);
        } else if (shift == 39 || (shift == 30 && !pages1G)) {
            reserved |= LARGE;
        }
        return reserved;
    }

    private static long bits(int low, int high) {
        return low > high ? 0 : (2L << high) - (1L << low);
    }

    // §4.6.1.
    private boolean permitted(long rights, boolean nx, Access access, boolean user) {
        boolean userPage = (rights & USER) != 0;
        boolean writable = (rights & WRITABLE) != 0;
        boolean reaches = user
                ? userPage
                : !userPage || (access == Access.FETCH ? !settings.smep : !settings.smap || settings.ac);
        return reaches
                && switch (access) {
                    case READ -> true;
                    case WRITE -> writable || (!user && !settings.wp);
                    case FETCH -> !nx;
                };
    }

    // Figure 4-12. A fetch is told from a read where execution can be forbidden.
    private Result fault(long reason, Access access, boolean user) {
        long error = reason | (access == Access.WRITE ? 2 : 0) | (user ? 4 : 0);
        boolean fetches = settings.smep || (settings.nxe && mode != Mode.BITS32);
        return new Result(access == Access.FETCH && fetches ? error | 0x10 : error, 0, List.of());
    }
}
