package io.javisor.firmware.acpi;

/**
 * The I/O APIC.
 *
 * @param id its APIC id, 0 to 255
 * @param gpa its registers, below 4 GiB
 * @param gsiBase the global system interrupt of its pin 0
 */
public record IoApic(int id, long gpa, int gsiBase) {
    public IoApic {
        if (id < 0 || id > 0xFF || gpa >>> 32 != 0 || gsiBase < 0) {
            throw new IllegalArgumentException("I/O APIC %d at 0x%x from GSI %d".formatted(id, gpa, gsiBase));
        }
    }
}
