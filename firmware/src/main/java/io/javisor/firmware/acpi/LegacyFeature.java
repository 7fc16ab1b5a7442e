package io.javisor.firmware.acpi;

/** What the FADT tells of a PC's old parts, which its devices bring (ACPI 6.5 §5.2.9.3). */
public enum LegacyFeature {
    /** Devices on an ISA or LPC bus that a user can see. */
    LEGACY_DEVICES,
    /** A keyboard controller at ports 0x60 and 0x64. */
    KEYBOARD_CONTROLLER,
    /** A CMOS clock at ports 0x70 and 0x71 with its century at index 0x32. */
    CMOS_RTC,
    /** A VGA that may be probed. */
    VGA
}
