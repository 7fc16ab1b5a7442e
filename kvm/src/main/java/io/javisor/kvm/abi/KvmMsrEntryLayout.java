package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_msr_entry}, an element of {@code kvm_msrs}. KVM api.rst §4.18 */
public final class KvmMsrEntryLayout {
    public static final int SIZE = 16;
    public static final int INDEX_OFFSET = 0;
    public static final int DATA_OFFSET = 8;

    private KvmMsrEntryLayout() {}

    public static int index(MemorySegment m, long at) {
        return Abi.getU32(m, at + INDEX_OFFSET);
    }

    public static void setIndex(MemorySegment m, long at, int value) {
        Abi.setU32(m, at + INDEX_OFFSET, value);
    }

    public static long data(MemorySegment m, long at) {
        return Abi.getU64(m, at + DATA_OFFSET);
    }

    public static void setData(MemorySegment m, long at, long value) {
        Abi.setU64(m, at + DATA_OFFSET, value);
    }
}
