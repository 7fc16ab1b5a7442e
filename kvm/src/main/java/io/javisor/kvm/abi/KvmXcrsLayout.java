package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_xcrs}: the extended control registers. KVM api.rst §4.44 */
public final class KvmXcrsLayout {
    public static final int SIZE = 392;
    public static final int NR_XCRS_OFFSET = 0;
    public static final int FLAGS_OFFSET = 4;
    public static final int XCRS_OFFSET = 8;
    public static final int XCRS_COUNT = 16;

    private KvmXcrsLayout() {}

    /** Where {@code xcrs[index]} starts. */
    public static int xcrOffset(int index) {
        return XCRS_OFFSET + index * KvmXcrLayout.SIZE;
    }

    public static int nrXcrs(MemorySegment m) {
        return Abi.getU32(m, NR_XCRS_OFFSET);
    }

    public static void setNrXcrs(MemorySegment m, int value) {
        Abi.setU32(m, NR_XCRS_OFFSET, value);
    }

    public static int flags(MemorySegment m) {
        return Abi.getU32(m, FLAGS_OFFSET);
    }

    public static void setFlags(MemorySegment m, int value) {
        Abi.setU32(m, FLAGS_OFFSET, value);
    }
}
