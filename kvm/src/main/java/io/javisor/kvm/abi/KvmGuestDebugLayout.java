package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_guest_debug}. KVM api.rst §4.87 */
public final class KvmGuestDebugLayout {
    public static final int SIZE = 72;
    public static final int CONTROL_OFFSET = 0;
    public static final int ARCH_DEBUGREG_OFFSET = 8;
    public static final int ARCH_DEBUGREG_COUNT = 8;

    private KvmGuestDebugLayout() {}

    public static int control(MemorySegment m) {
        return Abi.getU32(m, CONTROL_OFFSET);
    }

    public static void setControl(MemorySegment m, int value) {
        Abi.setU32(m, CONTROL_OFFSET, value);
    }

    public static long archDebugreg(MemorySegment m, int index) {
        return Abi.getU64(m, ARCH_DEBUGREG_OFFSET + Abi.index(index, ARCH_DEBUGREG_COUNT) * 8);
    }

    public static void setArchDebugreg(MemorySegment m, int index, long value) {
        Abi.setU64(m, ARCH_DEBUGREG_OFFSET + Abi.index(index, ARCH_DEBUGREG_COUNT) * 8, value);
    }
}
