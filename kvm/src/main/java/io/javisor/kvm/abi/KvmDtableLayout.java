package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_dtable}: GDT or IDT register, at {@code at} in another struct. KVM api.rst §4.13 */
public final class KvmDtableLayout {
    public static final int SIZE = 16;
    public static final int BASE_OFFSET = 0;
    public static final int LIMIT_OFFSET = 8;

    private KvmDtableLayout() {}

    public static long base(MemorySegment m, long at) {
        return Abi.getU64(m, at + BASE_OFFSET);
    }

    public static void setBase(MemorySegment m, long at, long value) {
        Abi.setU64(m, at + BASE_OFFSET, value);
    }

    public static int limit(MemorySegment m, long at) {
        return Abi.getU16(m, at + LIMIT_OFFSET);
    }

    public static void setLimit(MemorySegment m, long at, int value) {
        Abi.setU16(m, at + LIMIT_OFFSET, value);
    }
}
