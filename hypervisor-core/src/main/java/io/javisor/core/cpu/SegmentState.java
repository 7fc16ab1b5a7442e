package io.javisor.core.cpu;

/**
 * A segment register with its hidden part (Intel SDM vol. 3 §3.4.3, §3.4.5).
 *
 * @param base linear address
 * @param limit in bytes, already scaled by the granularity
 * @param selector what a read of the register gives
 * @param type the 4-bit descriptor type
 * @param codeOrData S: 1 for code and data, 0 for system segments
 * @param dpl privilege level, 0 to 3
 * @param present P
 * @param available AVL
 * @param longMode L: 64-bit code
 * @param defaultBig D/B: 32-bit code or stack
 * @param granular G: the limit counts pages
 * @param unusable no descriptor was loaded (VMX's own bit)
 */
public record SegmentState(
        long base,
        int limit,
        int selector,
        int type,
        boolean codeOrData,
        int dpl,
        boolean present,
        boolean available,
        boolean longMode,
        boolean defaultBig,
        boolean granular,
        boolean unusable) {
    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a value has bits that the register does not have
     */
    public SegmentState {
        if ((selector & ~0xFFFF) != 0 || (type & ~0xF) != 0 || (dpl & ~3) != 0) {
            throw new IllegalArgumentException(
                    "no segment register: selector 0x%x, type 0x%x, DPL %d".formatted(selector, type, dpl));
        }
    }

    /** Execute/read, accessed. */
    public static final int TYPE_CODE = 0xB;

    /** Read/write, accessed. */
    public static final int TYPE_DATA = 0x3;

    /** Busy TSS: 32-bit or 64-bit by the mode. Entry to a VMX guest demands busy (SDM vol. 3 §27.3.1.2). */
    public static final int TYPE_TSS_BUSY = 0xB;

    /** 64-bit code over all memory. */
    public static SegmentState code64(int selector) {
        return flat(selector, TYPE_CODE, true, false);
    }

    /** 32-bit code over 4 GiB. */
    public static SegmentState code32(int selector) {
        return flat(selector, TYPE_CODE, false, true);
    }

    /** Data over 4 GiB. */
    public static SegmentState data(int selector) {
        return flat(selector, TYPE_DATA, false, true);
    }

    /** The task state segment that entry to the guest demands; nothing reads its memory before the guest loads its own. */
    public static SegmentState tss(int selector) {
        return new SegmentState(0, 0x67, selector, TYPE_TSS_BUSY, false, 0, true, false, false, false, false, false);
    }

    /** Real-mode code: the base is the selector times 16 (SDM vol. 3 §22.1.1). */
    public static SegmentState realModeCode(int selector) {
        return realMode(selector, TYPE_CODE);
    }

    /** Real-mode data. */
    public static SegmentState realModeData(int selector) {
        return realMode(selector, TYPE_DATA);
    }

    /** No segment: the local descriptor table at boot. */
    public static SegmentState none() {
        return new SegmentState(0, 0, 0, 0, false, 0, false, false, false, false, false, true);
    }

    private static SegmentState realMode(int selector, int type) {
        return new SegmentState(
                (long) selector << 4, 0xFFFF, selector, type, true, 0, true, false, false, false, false, false);
    }

    private static SegmentState flat(int selector, int type, boolean longMode, boolean defaultBig) {
        return new SegmentState(0, -1, selector, type, true, 0, true, false, longMode, defaultBig, true, false);
    }

    /** The 8-byte descriptor as it stands in a descriptor table (SDM vol. 3 figure 3-8). */
    public long descriptor() {
        long scaledLimit = granular ? Integer.toUnsignedLong(limit) >>> 12 : Integer.toUnsignedLong(limit);
        return (scaledLimit & 0xFFFF)
                | (base & 0xFF_FFFF) << 16
                | (long) type << 40
                | bit(codeOrData, 44)
                | (long) dpl << 45
                | bit(present, 47)
                | (scaledLimit >>> 16 & 0xF) << 48
                | bit(available, 52)
                | bit(longMode, 53)
                | bit(defaultBig, 54)
                | bit(granular, 55)
                | (base >>> 24 & 0xFF) << 56;
    }

    private static long bit(boolean value, int shift) {
        return value ? 1L << shift : 0;
    }
}
