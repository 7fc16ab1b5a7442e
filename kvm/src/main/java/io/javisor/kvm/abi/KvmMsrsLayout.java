package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_msrs}, variable size. KVM api.rst §4.18 */
public final class KvmMsrsLayout {
    public static final int SIZE = 8;
    public static final int NMSRS_OFFSET = 0;
    public static final int ENTRIES_OFFSET = 8;

    private KvmMsrsLayout() {}

    /** Where {@code entries[index]} starts. */
    public static int entryOffset(int index) {
        return ENTRIES_OFFSET + index * KvmMsrEntryLayout.SIZE;
    }

    /** Bytes of the struct with {@code count} elements. */
    public static int sizeBytes(int count) {
        return ENTRIES_OFFSET + count * KvmMsrEntryLayout.SIZE;
    }

    public static int nmsrs(MemorySegment m) {
        return Abi.getU32(m, NMSRS_OFFSET);
    }

    public static void setNmsrs(MemorySegment m, int value) {
        Abi.setU32(m, NMSRS_OFFSET, value);
    }
}
