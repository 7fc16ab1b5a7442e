package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_irq_level}. KVM api.rst §4.25 */
public final class KvmIrqLevelLayout {
    public static final int SIZE = 8;
    public static final int IRQ_OFFSET = 0;
    public static final int LEVEL_OFFSET = 4;

    private KvmIrqLevelLayout() {}

    public static int irq(MemorySegment m, long at) {
        return Abi.getU32(m, at + IRQ_OFFSET);
    }

    public static void setIrq(MemorySegment m, long at, int value) {
        Abi.setU32(m, at + IRQ_OFFSET, value);
    }

    public static int level(MemorySegment m, long at) {
        return Abi.getU32(m, at + LEVEL_OFFSET);
    }

    public static void setLevel(MemorySegment m, long at, int value) {
        Abi.setU32(m, at + LEVEL_OFFSET, value);
    }
}
