package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_xcr}, an element of {@code kvm_xcrs}. KVM api.rst §4.44 */
public final class KvmXcrLayout {
    public static final int SIZE = 16;
    public static final int XCR_OFFSET = 0;
    public static final int VALUE_OFFSET = 8;

    private KvmXcrLayout() {}

    public static int xcr(MemorySegment m, long at) {
        return Abi.getU32(m, at + XCR_OFFSET);
    }

    public static void setXcr(MemorySegment m, long at, int value) {
        Abi.setU32(m, at + XCR_OFFSET, value);
    }

    public static long value(MemorySegment m, long at) {
        return Abi.getU64(m, at + VALUE_OFFSET);
    }

    public static void setValue(MemorySegment m, long at, long value) {
        Abi.setU64(m, at + VALUE_OFFSET, value);
    }
}
