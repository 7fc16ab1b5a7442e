package io.javisor.devices.acpi;

/** Offsets in the block and bits of the registers (ACPI 6.5 §4.8.3). */
public final class AcpiPmRegisters {
    /** Ports of the whole block. */
    public static final int PORT_COUNT = 12;

    /** PM1a_EVT: status, 16 bits, RW1C; and enable, 16 bits, RW (§4.8.3.1). */
    public static final int PM1_STS_OFFSET = 0;

    public static final int PM1_EN_OFFSET = 2;

    /** PM1a_CNT, 16 bits, RW (§4.8.3.2). */
    public static final int PM1_CNT_OFFSET = 4;

    /** PM_TMR, 32 bits, R (§4.8.3.3). */
    public static final int PM_TMR_OFFSET = 8;

    /** PM1 status, and the same bits of PM1 enable. The others of the specification belong to what is not here. */
    public static final int TMR_STS = 1;

    public static final int GBL_STS = 1 << 5;
    public static final int PWRBTN_STS = 1 << 8;
    public static final int RTC_STS = 1 << 10;

    static final int STATUS_MASK = TMR_STS | PWRBTN_STS;

    /** Linux enables GBL and RTC and complains when they don't hold, though nothing announces an RTC event here. */
    static final int ENABLE_MASK = STATUS_MASK | GBL_STS | RTC_STS;

    /** PM1 control. */
    public static final int SCI_EN = 1;

    public static final int BM_RLD = 1 << 1;
    public static final int SLP_TYP_SHIFT = 10;
    public static final int SLP_TYP_MASK = 7 << SLP_TYP_SHIFT;
    public static final int SLP_EN = 1 << 13;

    static final int CONTROL_MASK = BM_RLD | SLP_TYP_MASK;

    /** The SLP_TYP of the soft-off state, which the DSDT's {@code \_S5} names. */
    public static final int SLP_TYP_S5 = 5;

    private AcpiPmRegisters() {}
}
