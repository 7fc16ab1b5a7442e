package io.javisor.emulator.apic;

/**
 * Registers and bits of a local APIC (Intel SDM vol. 3 §10.4.1 table 10-1, §10.12.1.2 table 10-6). A register's index is its offset / 16,
 * and its MSR − 0x800.
 */
public final class ApicRegisters {
    /** Where the registers are after reset. */
    public static final long DEFAULT_BASE_GPA = 0xFEE0_0000L;

    /** Bytes of device memory. */
    public static final int PAGE_SIZE = 0x1000;

    /** IA32_APIC_BASE and its bits (§10.4.4, §10.12.1). */
    public static final int MSR_APIC_BASE = 0x1B;

    public static final long BASE_BSP = 1 << 8;
    public static final long BASE_X2APIC = 1 << 10;
    public static final long BASE_ENABLED = 1 << 11;

    /** What IA32_APIC_BASE can hold: physical addresses of up to 52 bits. */
    static final long BASE_MASK = 0xF_FFFF_FFFF_F000L | BASE_BSP | BASE_X2APIC | BASE_ENABLED;

    /** IA32_TSC_DEADLINE. */
    public static final int MSR_TSC_DEADLINE = 0x6E0;

    /** The first of the x2APIC's MSRs. */
    public static final int MSR_X2APIC = 0x800;

    public static final int MSR_X2APIC_LAST = 0x8FF;

    public static final int ID = 0x02;
    public static final int VERSION = 0x03;
    public static final int TPR = 0x08;
    public static final int APR = 0x09;
    public static final int PPR = 0x0A;
    public static final int EOI = 0x0B;
    public static final int RRD = 0x0C;
    public static final int LDR = 0x0D;
    public static final int DFR = 0x0E;
    public static final int SVR = 0x0F;
    public static final int ISR = 0x10;
    public static final int TMR = 0x18;
    public static final int IRR = 0x20;
    public static final int ESR = 0x28;
    public static final int ICR = 0x30;
    public static final int ICR_HIGH = 0x31;
    public static final int LVT_TIMER = 0x32;
    public static final int LVT_THERMAL = 0x33;
    public static final int LVT_PERFORMANCE = 0x34;
    public static final int LVT_LINT0 = 0x35;
    public static final int LVT_LINT1 = 0x36;
    public static final int LVT_ERROR = 0x37;
    public static final int INITIAL_COUNT = 0x38;
    public static final int CURRENT_COUNT = 0x39;
    public static final int DIVIDE = 0x3E;
    public static final int SELF_IPI = 0x3F;

    /** Six LVT entries, an integrated APIC; no suppression of EOI broadcasts. */
    static final int VERSION_VALUE = 5 << 16 | 0x14;

    static final int VECTOR_MASK = 0xFF;
    /** Vectors below are the processor's own. */
    static final int FIRST_VECTOR = 16;

    static final int SVR_ENABLED = 1 << 8;
    static final int SVR_WRITABLE = 0x3FF;
    static final int SVR_RESET = 0xFF;
    static final int DFR_FLAT = 0xFFFF_FFFF;
    static final int DFR_MODEL_SHIFT = 28;
    static final int LDR_SHIFT = 24;

    public static final int ESR_SEND_ILLEGAL_VECTOR = 1 << 5;
    public static final int ESR_RECEIVE_ILLEGAL_VECTOR = 1 << 6;
    public static final int ESR_ILLEGAL_REGISTER = 1 << 7;

    /** Common to LVT and ICR. */
    static final int DELIVERY_MODE_SHIFT = 8;

    static final int LVT_REMOTE_IRR = 1 << 14;
    static final int LVT_LEVEL = 1 << 15;
    static final int LVT_MASKED = 1 << 16;
    static final int LVT_EXTINT = 7 << DELIVERY_MODE_SHIFT;
    static final int LVT_TIMER_MODE_SHIFT = 17;

    static final int ICR_LOGICAL = 1 << 11;
    static final int ICR_DELIVERY_STATUS = 1 << 12;
    static final int ICR_ASSERT = 1 << 14;
    static final int ICR_LEVEL = 1 << 15;
    static final int ICR_SHORTHAND_SHIFT = 18;
    /** All but bits 12 (of no meaning in x2APIC mode), 13, 17:16 and 31:20. */
    static final int ICR_WRITABLE = 0xC_CFFF;

    static final int ICR_RESERVED = ~(ICR_WRITABLE | ICR_DELIVERY_STATUS);

    static final int DIVIDE_WRITABLE = 0xB;

    private ApicRegisters() {}
}
