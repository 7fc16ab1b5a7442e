package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_segment}, at {@code at} in another struct. KVM api.rst §4.13 */
public final class KvmSegmentLayout {
    public static final int SIZE = 24;
    public static final int BASE_OFFSET = 0;
    public static final int LIMIT_OFFSET = 8;
    public static final int SELECTOR_OFFSET = 12;
    public static final int TYPE_OFFSET = 14;
    public static final int PRESENT_OFFSET = 15;
    public static final int DPL_OFFSET = 16;
    public static final int DB_OFFSET = 17;
    public static final int S_OFFSET = 18;
    public static final int L_OFFSET = 19;
    public static final int G_OFFSET = 20;
    public static final int AVL_OFFSET = 21;
    public static final int UNUSABLE_OFFSET = 22;

    private KvmSegmentLayout() {}

    public static long base(MemorySegment m, long at) {
        return Abi.getU64(m, at + BASE_OFFSET);
    }

    public static void setBase(MemorySegment m, long at, long value) {
        Abi.setU64(m, at + BASE_OFFSET, value);
    }

    public static int limit(MemorySegment m, long at) {
        return Abi.getU32(m, at + LIMIT_OFFSET);
    }

    public static void setLimit(MemorySegment m, long at, int value) {
        Abi.setU32(m, at + LIMIT_OFFSET, value);
    }

    public static int selector(MemorySegment m, long at) {
        return Abi.getU16(m, at + SELECTOR_OFFSET);
    }

    public static void setSelector(MemorySegment m, long at, int value) {
        Abi.setU16(m, at + SELECTOR_OFFSET, value);
    }

    public static int type(MemorySegment m, long at) {
        return Abi.getU8(m, at + TYPE_OFFSET);
    }

    public static void setType(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + TYPE_OFFSET, value);
    }

    public static int present(MemorySegment m, long at) {
        return Abi.getU8(m, at + PRESENT_OFFSET);
    }

    public static void setPresent(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + PRESENT_OFFSET, value);
    }

    public static int dpl(MemorySegment m, long at) {
        return Abi.getU8(m, at + DPL_OFFSET);
    }

    public static void setDpl(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + DPL_OFFSET, value);
    }

    public static int db(MemorySegment m, long at) {
        return Abi.getU8(m, at + DB_OFFSET);
    }

    public static void setDb(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + DB_OFFSET, value);
    }

    public static int s(MemorySegment m, long at) {
        return Abi.getU8(m, at + S_OFFSET);
    }

    public static void setS(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + S_OFFSET, value);
    }

    public static int l(MemorySegment m, long at) {
        return Abi.getU8(m, at + L_OFFSET);
    }

    public static void setL(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + L_OFFSET, value);
    }

    public static int g(MemorySegment m, long at) {
        return Abi.getU8(m, at + G_OFFSET);
    }

    public static void setG(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + G_OFFSET, value);
    }

    public static int avl(MemorySegment m, long at) {
        return Abi.getU8(m, at + AVL_OFFSET);
    }

    public static void setAvl(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + AVL_OFFSET, value);
    }

    public static int unusable(MemorySegment m, long at) {
        return Abi.getU8(m, at + UNUSABLE_OFFSET);
    }

    public static void setUnusable(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + UNUSABLE_OFFSET, value);
    }
}
