package io.javisor.core.cpu;

/** State of a processor before its first instruction that all boot protocols share. */
public final class CpuResetState {
    /** Offset of the local vector table entry of the pin LINT0 in the local APIC's registers (Intel SDM vol. 3 table 11-1). */
    public static final int APIC_LVT_LINT0 = 0x350;

    /** As {@link #APIC_LVT_LINT0}, of the pin LINT1. */
    public static final int APIC_LVT_LINT1 = 0x360;

    /** All x87 exceptions masked, 64-bit precision: what FNINIT leaves in the control word (Intel SDM vol. 1 §8.1.5). */
    public static final int FCW_INIT = 0x37F;

    /** All SSE exceptions masked (Intel SDM vol. 1 §10.2.3). */
    public static final int MXCSR_INIT = 0x1F80;

    private static final int DELIVERY_MODE_MASK = 0x700;
    private static final int DELIVERY_MODE_NMI = 0x400;
    private static final int DELIVERY_MODE_EXTINT = 0x700;

    private CpuResetState() {}

    /** The entry of LINT0, wired to the 8259As (Intel MP specification 1.4 §3.6.2.2); its other bits stay. */
    public static int lint0(int entry) {
        return (entry & ~DELIVERY_MODE_MASK) | DELIVERY_MODE_EXTINT;
    }

    /** The entry of LINT1, wired to NMI; its other bits stay. */
    public static int lint1(int entry) {
        return (entry & ~DELIVERY_MODE_MASK) | DELIVERY_MODE_NMI;
    }
}
