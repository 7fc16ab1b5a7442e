package io.javisor.firmware.acpi;

import java.util.Set;

/** The fixed ACPI description table, version 6.5 (ACPI 6.5 §5.2.9), and the FACS (§5.2.10). */
final class Fadt {
    static final int SIZE = 276;
    static final int FACS_SIZE = 64;

    /** §5.2.10: the FACS is aligned to 64 bytes. */
    static final int FACS_ALIGNMENT = 64;

    private static final int MAJOR_VERSION = 6;
    private static final int MINOR_VERSION = 5;

    private static final int PM1_EVT_SIZE = 4;
    private static final int PM1_CNT_SIZE = 2;
    private static final int PM_TMR_SIZE = 4;

    /** Above 100 and 1000 µs: no C2 and C3. */
    private static final int P_LVL2_LAT_NONE = 101;

    private static final int P_LVL3_LAT_NONE = 1001;

    /** In the CMOS RAM. */
    private static final int CENTURY_INDEX = 0x32;

    /** IA-PC boot architecture flags (§5.2.9.3). */
    private static final int BOOT_LEGACY_DEVICES = 1;

    private static final int BOOT_8042 = 1 << 1;
    private static final int BOOT_NO_VGA = 1 << 2;
    private static final int BOOT_NO_CMOS_RTC = 1 << 5;

    /** Fixed feature flags (table 5.10). PWR_BUTTON (4) and HW_REDUCED_ACPI (20) clear: a fixed power button, full hardware. */
    private static final int WBINVD = 1;

    private static final int PROC_C1 = 1 << 2;
    private static final int SLP_BUTTON_NOT_FIXED = 1 << 5;
    private static final int FIX_RTC_NOT_FIXED = 1 << 6;
    private static final int TMR_VAL_EXT = 1 << 8;
    private static final int RESET_REG_SUP = 1 << 10;

    private static final String HYPERVISOR_VENDOR = "JAVISOR ";

    private Fadt() {}

    static byte[] build(AcpiConfig config, long facsGpa, long dsdtGpa) {
        PowerManagement power = config.power();
        Set<LegacyFeature> features = config.legacyFeatures();
        int flags = WBINVD | PROC_C1 | SLP_BUTTON_NOT_FIXED | FIX_RTC_NOT_FIXED | RESET_REG_SUP;
        if (power.pmTimerBits() == 32) {
            flags |= TMR_VAL_EXT;
        }
        TableWriter table = new TableWriter("FACP", MAJOR_VERSION)
                .u32(facsGpa)
                .u32(dsdtGpa)
                .u8(0) // reserved
                .u8(0) // preferred PM profile: unspecified
                .u16(config.sci().gsi())
                // No SMM, so no legacy mode to come from: SCI_EN is always set (§4.8.2.5).
                .u32(0) // SMI_CMD
                .zeros(4) // ACPI_ENABLE, ACPI_DISABLE, S4BIOS_REQ, PSTATE_CNT
                .u32(power.pm1aEventPort())
                .u32(0) // PM1b_EVT_BLK
                .u32(power.pm1aControlPort())
                .u32(0) // PM1b_CNT_BLK
                .u32(0) // PM2_CNT_BLK
                .u32(power.pmTimerPort())
                .zeros(8) // GPE0_BLK, GPE1_BLK
                .u8(PM1_EVT_SIZE)
                .u8(PM1_CNT_SIZE)
                .u8(0) // PM2_CNT_LEN
                .u8(PM_TMR_SIZE)
                .zeros(4) // GPE0_BLK_LEN, GPE1_BLK_LEN, GPE1_BASE, CST_CNT
                .u16(P_LVL2_LAT_NONE)
                .u16(P_LVL3_LAT_NONE)
                .zeros(6) // FLUSH_SIZE, FLUSH_STRIDE, DUTY_OFFSET, DUTY_WIDTH
                .zeros(2) // DAY_ALRM, MON_ALRM
                .u8(features.contains(LegacyFeature.CMOS_RTC) ? CENTURY_INDEX : 0)
                .u16(bootArchitecture(features))
                .u8(0) // reserved
                .u32(flags)
                .ports(power.resetPort(), 1)
                .u8(power.resetValue())
                .u16(0) // ARM_BOOT_ARCH
                .u8(MINOR_VERSION)
                .u64(0) // X_FIRMWARE_CTRL: FIRMWARE_CTRL says it
                .u64(dsdtGpa)
                .ports(power.pm1aEventPort(), PM1_EVT_SIZE)
                .noAddress() // X_PM1b_EVT_BLK
                .ports(power.pm1aControlPort(), PM1_CNT_SIZE)
                .noAddress() // X_PM1b_CNT_BLK
                .noAddress() // X_PM2_CNT_BLK
                .ports(power.pmTimerPort(), PM_TMR_SIZE)
                .noAddress() // X_GPE0_BLK
                .noAddress() // X_GPE1_BLK
                .noAddress() // SLEEP_CONTROL_REG
                .noAddress() // SLEEP_STATUS_REG
                .text(HYPERVISOR_VENDOR);
        return table.table();
    }

    /** No signature of the hardware, no waking vector, no lock taken; it has no checksum. */
    static byte[] facs() {
        return new TableWriter()
                .text("FACS")
                .u32(FACS_SIZE)
                .zeros(24)
                .u8(2) // version
                .zeros(31)
                .bytes();
    }

    private static int bootArchitecture(Set<LegacyFeature> features) {
        int flags = features.contains(LegacyFeature.LEGACY_DEVICES) ? BOOT_LEGACY_DEVICES : 0;
        flags |= features.contains(LegacyFeature.KEYBOARD_CONTROLLER) ? BOOT_8042 : 0;
        flags |= features.contains(LegacyFeature.VGA) ? 0 : BOOT_NO_VGA;
        flags |= features.contains(LegacyFeature.CMOS_RTC) ? 0 : BOOT_NO_CMOS_RTC;
        return flags;
    }
}
