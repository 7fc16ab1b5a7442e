package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_enable_cap}. KVM api.rst §4.37 */
public final class KvmEnableCapLayout {
    public static final int SIZE = 104;
    public static final int CAP_OFFSET = 0;
    public static final int FLAGS_OFFSET = 4;
    public static final int ARGS_OFFSET = 8;
    public static final int ARGS_COUNT = 4;

    private KvmEnableCapLayout() {}

    public static int cap(MemorySegment m) {
        return Abi.getU32(m, CAP_OFFSET);
    }

    public static void setCap(MemorySegment m, int value) {
        Abi.setU32(m, CAP_OFFSET, value);
    }

    public static int flags(MemorySegment m) {
        return Abi.getU32(m, FLAGS_OFFSET);
    }

    public static void setFlags(MemorySegment m, int value) {
        Abi.setU32(m, FLAGS_OFFSET, value);
    }

    public static long args(MemorySegment m, int index) {
        return Abi.getU64(m, ARGS_OFFSET + Abi.index(index, ARGS_COUNT) * 8);
    }

    public static void setArgs(MemorySegment m, int index, long value) {
        Abi.setU64(m, ARGS_OFFSET + Abi.index(index, ARGS_COUNT) * 8, value);
    }
}
