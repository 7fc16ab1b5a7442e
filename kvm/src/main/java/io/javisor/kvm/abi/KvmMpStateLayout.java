package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_mp_state}. KVM api.rst §4.38 */
public final class KvmMpStateLayout {
    public static final int SIZE = 4;
    public static final int MP_STATE_OFFSET = 0;

    private KvmMpStateLayout() {}

    public static int mpState(MemorySegment m) {
        return Abi.getU32(m, MP_STATE_OFFSET);
    }

    public static void setMpState(MemorySegment m, int value) {
        Abi.setU32(m, MP_STATE_OFFSET, value);
    }
}
