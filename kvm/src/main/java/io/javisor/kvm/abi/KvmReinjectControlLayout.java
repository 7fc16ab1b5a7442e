package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_reinject_control}. Linux {@code arch/x86/include/uapi/asm/kvm.h} */
public final class KvmReinjectControlLayout {
    public static final int SIZE = 32;
    public static final int PIT_REINJECT_OFFSET = 0;

    private KvmReinjectControlLayout() {}

    public static int pitReinject(MemorySegment m) {
        return Abi.getU8(m, PIT_REINJECT_OFFSET);
    }

    public static void setPitReinject(MemorySegment m, int value) {
        Abi.setU8(m, PIT_REINJECT_OFFSET, value);
    }
}
