package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_msr_list}, variable size. KVM api.rst §4.3 */
public final class KvmMsrListLayout {
    public static final int SIZE = 4;
    public static final int NMSRS_OFFSET = 0;
    public static final int INDICES_OFFSET = 4;

    private KvmMsrListLayout() {}

    /** Bytes of the struct with {@code count} elements. */
    public static int sizeBytes(int count) {
        return INDICES_OFFSET + count * Integer.BYTES;
    }

    public static int nmsrs(MemorySegment m) {
        return Abi.getU32(m, NMSRS_OFFSET);
    }

    public static void setNmsrs(MemorySegment m, int value) {
        Abi.setU32(m, NMSRS_OFFSET, value);
    }

    /** The first {@code count} indices. */
    public static int[] msrIndices(MemorySegment m, int count) {
        return Abi.getU32s(m, INDICES_OFFSET, count);
    }
}
