package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_stats_header}: the start of a statistics file. KVM api.rst §4.133 */
public final class KvmStatsHeaderLayout {
    public static final int SIZE = 24;
    public static final int FLAGS_OFFSET = 0;
    public static final int NAME_SIZE_OFFSET = 4;
    public static final int NUM_DESC_OFFSET = 8;
    public static final int ID_OFFSET_OFFSET = 12;
    public static final int DESC_OFFSET_OFFSET = 16;
    public static final int DATA_OFFSET_OFFSET = 20;

    private KvmStatsHeaderLayout() {}

    public static int flags(MemorySegment m) {
        return Abi.getU32(m, FLAGS_OFFSET);
    }

    public static void setFlags(MemorySegment m, int value) {
        Abi.setU32(m, FLAGS_OFFSET, value);
    }

    public static int nameSize(MemorySegment m) {
        return Abi.getU32(m, NAME_SIZE_OFFSET);
    }

    public static void setNameSize(MemorySegment m, int value) {
        Abi.setU32(m, NAME_SIZE_OFFSET, value);
    }

    public static int numDesc(MemorySegment m) {
        return Abi.getU32(m, NUM_DESC_OFFSET);
    }

    public static void setNumDesc(MemorySegment m, int value) {
        Abi.setU32(m, NUM_DESC_OFFSET, value);
    }

    public static int idOffset(MemorySegment m) {
        return Abi.getU32(m, ID_OFFSET_OFFSET);
    }

    public static void setIdOffset(MemorySegment m, int value) {
        Abi.setU32(m, ID_OFFSET_OFFSET, value);
    }

    public static int descOffset(MemorySegment m) {
        return Abi.getU32(m, DESC_OFFSET_OFFSET);
    }

    public static void setDescOffset(MemorySegment m, int value) {
        Abi.setU32(m, DESC_OFFSET_OFFSET, value);
    }

    public static int dataOffset(MemorySegment m) {
        return Abi.getU32(m, DATA_OFFSET_OFFSET);
    }

    public static void setDataOffset(MemorySegment m, int value) {
        Abi.setU32(m, DATA_OFFSET_OFFSET, value);
    }
}
