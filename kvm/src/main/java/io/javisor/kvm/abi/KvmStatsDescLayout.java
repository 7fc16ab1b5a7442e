package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_stats_desc}, variable size: the name follows. KVM api.rst §4.133 */
public final class KvmStatsDescLayout {
    public static final int SIZE = 16;
    public static final int FLAGS_OFFSET = 0;
    public static final int EXPONENT_OFFSET = 4;
    public static final int SIZE_OFFSET = 6;
    public static final int OFFSET_OFFSET = 8;
    public static final int BUCKET_SIZE_OFFSET = 12;
    public static final int NAME_OFFSET = 16;

    private KvmStatsDescLayout() {}

    public static int flags(MemorySegment m, long at) {
        return Abi.getU32(m, at + FLAGS_OFFSET);
    }

    public static void setFlags(MemorySegment m, long at, int value) {
        Abi.setU32(m, at + FLAGS_OFFSET, value);
    }

    public static int exponent(MemorySegment m, long at) {
        return Abi.getS16(m, at + EXPONENT_OFFSET);
    }

    public static void setExponent(MemorySegment m, long at, int value) {
        Abi.setU16(m, at + EXPONENT_OFFSET, value);
    }

    public static int size(MemorySegment m, long at) {
        return Abi.getU16(m, at + SIZE_OFFSET);
    }

    public static void setSize(MemorySegment m, long at, int value) {
        Abi.setU16(m, at + SIZE_OFFSET, value);
    }

    public static int offset(MemorySegment m, long at) {
        return Abi.getU32(m, at + OFFSET_OFFSET);
    }

    public static void setOffset(MemorySegment m, long at, int value) {
        Abi.setU32(m, at + OFFSET_OFFSET, value);
    }

    public static int bucketSize(MemorySegment m, long at) {
        return Abi.getU32(m, at + BUCKET_SIZE_OFFSET);
    }

    public static void setBucketSize(MemorySegment m, long at, int value) {
        Abi.setU32(m, at + BUCKET_SIZE_OFFSET, value);
    }
}
