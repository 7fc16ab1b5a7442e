package io.javisor.devices.acpi;

/**
 * The registers of an {@link AcpiPm}, for a snapshot.
 *
 * @param version {@link #VERSION}
 * @param pm1Control without SCI_EN and SLP_EN
 * @param timerCount the PM timer
 */
public record AcpiPmState(int version, int pm1Status, int pm1Enable, int pm1Control, long timerCount) {
    /** The only version so far. */
    public static final int VERSION = 1;

    /**
     * Checks what a snapshot file might get wrong.
     *
     * @throws IllegalArgumentException if a value is one that the hardware cannot be in
     */
    public AcpiPmState {
        if (version != VERSION) {
            throw new IllegalArgumentException("ACPI state version " + version + " is not " + VERSION);
        }
        within("pm1Status", pm1Status, AcpiPmRegisters.STATUS_MASK);
        within("pm1Enable", pm1Enable, AcpiPmRegisters.ENABLE_MASK);
        within("pm1Control", pm1Control, AcpiPmRegisters.CONTROL_MASK);
        within("timerCount", timerCount, 0xFFFF_FFFFL);
    }

    private static void within(String name, long value, long mask) {
        if ((value & ~mask) != 0) {
            throw new IllegalArgumentException("ACPI state: " + name + " is 0x" + Long.toHexString(value));
        }
    }
}
