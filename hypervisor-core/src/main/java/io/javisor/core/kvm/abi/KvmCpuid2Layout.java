package io.javisor.core.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_cpuid2}, variable size. KVM api.rst §4.20 */
public final class KvmCpuid2Layout {
    public static final int SIZE = 8;
    public static final int NENT_OFFSET = 0;
    public static final int ENTRIES_OFFSET = 8;

    private KvmCpuid2Layout() {}

    /** Where {@code entries[index]} starts. */
    public static int entryOffset(int index) {
        return ENTRIES_OFFSET + index * KvmCpuidEntry2Layout.SIZE;
    }

    /** Bytes of the struct with {@code count} elements. */
    public static int sizeBytes(int count) {
        return ENTRIES_OFFSET + count * KvmCpuidEntry2Layout.SIZE;
    }

    public static int nent(MemorySegment m) {
        return Abi.getU32(m, NENT_OFFSET);
    }

    public static void setNent(MemorySegment m, int value) {
        Abi.setU32(m, NENT_OFFSET, value);
    }
}
