package io.javisor.machine.matrix;

/** Descriptors, made and read (SDM vol. 3A figures 3-8, 5-8 and 6-2). */
final class Descriptor {
    /** Bits of the flags: D or B, L, G. */
    static final int BIG = 4;

    static final int LONG = 2;
    static final int GRANULAR = 8;

    /** Bits of the access byte. */
    static final int PRESENT = 0x80;

    static final int CODE_OR_DATA = 0x10;

    private Descriptor() {}

    /**
     * Of a segment.
     *
     * @param access the byte with P, DPL, S and type
     * @param flags G, D, L, AVL
     */
    static long segment(long base, long limit, int access, int flags) {
        return (limit & 0xFFFF)
                | (base & 0xFF_FFFF) << 16
                | (long) access << 40
                | (limit >>> 16 & 0xF) << 48
                | (long) flags << 52
                | (base >>> 24 & 0xFF) << 56;
    }

    /** Of a gate; in IA-32e mode its lower half. {@code count} is of parameters, or the number of the IST's stack. */
    static long gate(int selector, long offset, int access, int count) {
        return (offset & 0xFFFF)
                | (long) selector << 16
                | (long) count << 32
                | (long) access << 40
                | (offset >>> 16 & 0xFFFF) << 48;
    }

    static int access(int present, int dpl, int type) {
        return present << 7 | dpl << 5 | type;
    }

    static int type(long raw) {
        return (int) (raw >>> 40) & 0x1F;
    }

    static int dpl(long raw) {
        return (int) (raw >>> 45) & 3;
    }

    static boolean present(long raw) {
        return (raw >>> 47 & 1) != 0;
    }

    static int flags(long raw) {
        return (int) (raw >>> 52) & 0xF;
    }

    static boolean isCode(long raw) {
        return (type(raw) & 0x18) == 0x18;
    }

    static boolean isConforming(long raw) {
        return (type(raw) & 0x1C) == 0x1C;
    }

    static boolean isWritable(long raw) {
        return (type(raw) & 0x1A) == 0x12;
    }

    /** Data, or code that may be read. */
    static boolean isReadable(long raw) {
        return (type(raw) & 0x10) != 0 && (type(raw) & 0xA) != 8;
    }

    static boolean expandsDown(long raw) {
        return (type(raw) & 0x1C) == 0x14;
    }

    /** The last byte of a segment that expands up. */
    static long limit(long raw) {
        long limit = (raw & 0xFFFF) | (raw >>> 32 & 0xF_0000);
        return (flags(raw) & GRANULAR) != 0 ? limit << 12 | 0xFFF : limit;
    }

    static long accessed(long raw) {
        return raw | 1L << 40;
    }
}
