package io.javisor.core.cpu;

import io.javisor.core.kvm.abi.KvmFpuLayout;
import io.javisor.core.kvm.abi.KvmLapicStateLayout;
import java.lang.foreign.MemorySegment;

/** State of a vCPU before its first instruction that all boot protocols share. */
public final class CpuResetState {
    /** Local vector table entries of the pins LINT0 and LINT1. SDM vol. 3 table 11-1 */
    static final int APIC_LVT_LINT0 = 0x350;

    static final int APIC_LVT_LINT1 = 0x360;

    private static final int DELIVERY_MODE_MASK = 0x700;
    private static final int DELIVERY_MODE_NMI = 0x400;
    private static final int DELIVERY_MODE_EXTINT = 0x700;

    /** All x87 exceptions masked, 64-bit precision. SDM vol. 1 §8.1.5 */
    private static final int FCW_INIT = 0x37F;
    /** All SSE exceptions masked. SDM vol. 1 §10.2.3 */
    private static final int MXCSR_INIT = 0x1F80;

    private CpuResetState() {}

    /** Wires LINT0 to the 8259As and LINT1 to NMI in a {@code kvm_lapic_state} (Intel MP specification 1.4 §3.6.2.2). */
    public static void wireLints(MemorySegment lapic) {
        setDeliveryMode(lapic, APIC_LVT_LINT0, DELIVERY_MODE_EXTINT);
        setDeliveryMode(lapic, APIC_LVT_LINT1, DELIVERY_MODE_NMI);
    }

    private static void setDeliveryMode(MemorySegment lapic, int register, int mode) {
        int value = KvmLapicStateLayout.register(lapic, register);
        KvmLapicStateLayout.setRegister(lapic, register, (value & ~DELIVERY_MODE_MASK) | mode);
    }

    /** Fills a {@code kvm_fpu} with the state after FNINIT. */
    public static void initFpu(MemorySegment fpu) {
        fpu.fill((byte) 0);
        KvmFpuLayout.setFcw(fpu, FCW_INIT);
        KvmFpuLayout.setMxcsr(fpu, MXCSR_INIT);
    }
}
