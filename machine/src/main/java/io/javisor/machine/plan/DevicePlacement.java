package io.javisor.machine.plan;

import io.javisor.core.irq.GsiInput;
import io.javisor.core.memory.GpaRange;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A device's place in the machine: the same object registers it on the bus, wires its interrupt, tells the guest of it, and shows it in a dry run.
 *
 * @param kind how the guest is told of it
 * @param id unique in the machine
 * @param description what the guest sees
 * @param ports the port ranges that it answers
 * @param memory the ranges of device memory that it answers
 * @param interrupt how its line is wired, or null for none
 */
public record DevicePlacement(
        Kind kind,
        String id,
        String description,
        List<Ports> ports,
        List<GpaRange> memory,
        @Nullable GsiInput interrupt) {
    /** What ACPI's tables say of a device. */
    public enum Kind {
        KEYBOARD_CONTROLLER,
        RTC,
        PVPANIC,
        SERIAL_PORT,
        /** On the MMIO transport. */
        VIRTIO,
        /** It has no object of its own there: it is part of every PC, or of the fixed hardware. */
        FIXED
    }

    /** {@code count} ports from {@code first}. */
    public record Ports(int first, int count) {
        /** The last port of the range. */
        public int last() {
            return first + count - 1;
        }
    }

    public DevicePlacement {
        ports = List.copyOf(ports);
        memory = List.copyOf(memory);
    }

    /** On ports alone. */
    public DevicePlacement(Kind kind, String id, String description, List<Ports> ports, @Nullable GsiInput interrupt) {
        this(kind, id, description, ports, List.of(), interrupt);
    }

    /** The interrupt of a device that has one. */
    public GsiInput requireInterrupt() {
        if (interrupt == null) {
            throw new IllegalStateException(id + " has no interrupt");
        }
        return interrupt;
    }

    static DevicePlacement of(
            Kind kind, String id, String description, @Nullable GsiInput interrupt, int port, int count) {
        return new DevicePlacement(kind, id, description, List.of(new Ports(port, count)), interrupt);
    }
}
