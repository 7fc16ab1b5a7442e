package io.javisor.machine.config;

/** How a guest is told of its processors, interrupts and virtio devices. */
public enum MachineTables {
    /** By ACPI's tables. */
    ACPI,
    /** By an MP table, and of virtio devices by the command line, which Linux reads if it is built so. */
    MP,
    /**
     * By both, so that kernels start that know ACPI and those that don't, as Firecracker has it. A Linux that knows ACPI leaves the MP table alone; one that
     * also reads devices from the command line finds each a second time, and does without that, whose registers it has (drivers/virtio/virtio_mmio.c).
     */
    ACPI_AND_MP;

    /** Whether there are ACPI's tables. */
    public boolean acpi() {
        return this != MP;
    }

    /** Whether there is an MP table, with the virtio devices on the command line. */
    public boolean mp() {
        return this != ACPI;
    }
}
