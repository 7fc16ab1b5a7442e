package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_interrupt}. KVM api.rst §4.16 */
public final class KvmInterruptLayout {
    public static final int SIZE = 4;
    public static final int IRQ_OFFSET = 0;

    private KvmInterruptLayout() {}

    public static int irq(MemorySegment m) {
        return Abi.getU32(m, IRQ_OFFSET);
    }

    public static void setIrq(MemorySegment m, int value) {
        Abi.setU32(m, IRQ_OFFSET, value);
    }
}
