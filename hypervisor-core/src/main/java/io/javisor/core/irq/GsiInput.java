package io.javisor.core.irq;

/**
 * How a device's line is wired: the global system interrupt, and the trigger and polarity that the firmware tables (MP table,
 * MADT, DSDT) announce for it. One object serves both, so that they cannot differ.
 *
 * @param gsi global system interrupt number, 0 to 23 for an I/O APIC pin
 */
public record GsiInput(int gsi, Trigger trigger, Polarity polarity) {
    public enum Trigger {
        EDGE,
        LEVEL
    }

    public enum Polarity {
        ACTIVE_HIGH,
        ACTIVE_LOW
    }

    public GsiInput {
        if (gsi < 0) {
            throw new IllegalArgumentException("gsi " + gsi + " is negative");
        }
    }

    /** An ISA interrupt: edge-triggered, active high (ACPI 6.5 §5.2.12.5, "conforms to the bus"). */
    public static GsiInput isa(int gsi) {
        return new GsiInput(gsi, Trigger.EDGE, Polarity.ACTIVE_HIGH);
    }
}
