package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_xsave}: the XSAVE area in standard form; {@code KVM_GET_XSAVE2} may need more than {@link #SIZE}, as
 * {@code KVM_CHECK_EXTENSION(KVM_CAP_XSAVE2)} on the VM tells. KVM api.rst §4.42, §4.134 */
public final class KvmXsaveLayout {
    public static final int SIZE = 4096;
    public static final int REGION_OFFSET = 0;
    public static final int REGION_COUNT = 1024;

    private KvmXsaveLayout() {}

    public static int region(MemorySegment m, int index) {
        return Abi.getU32(m, REGION_OFFSET + Abi.index(index, REGION_COUNT) * 4);
    }

    public static void setRegion(MemorySegment m, int index, int value) {
        Abi.setU32(m, REGION_OFFSET + Abi.index(index, REGION_COUNT) * 4, value);
    }
}
