package io.javisor.firmware.layout;

/** Address range types (ACPI 6.5 §15, table 15.4); the same numbers serve e820, PVH and UEFI's translation of them. */
public enum E820Type {
    RAM(1),
    RESERVED(2),
    ACPI(3),
    NVS(4),
    UNUSABLE(5),
    PMEM(7);

    private final int value;

    E820Type(int value) {
        this.value = value;
    }

    /** The number in the table. */
    public int value() {
        return value;
    }
}
