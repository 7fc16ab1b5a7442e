package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_irqchip}: the state of one interrupt controller. KVM api.rst §4.26 */
public final class KvmIrqchipLayout {
    public static final int SIZE = 520;
    public static final int CHIP_ID_OFFSET = 0;
    public static final int CHIP_OFFSET = 8;

    private KvmIrqchipLayout() {}

    public static int chipId(MemorySegment m) {
        return Abi.getU32(m, CHIP_ID_OFFSET);
    }

    public static void setChipId(MemorySegment m, int value) {
        Abi.setU32(m, CHIP_ID_OFFSET, value);
    }
}
