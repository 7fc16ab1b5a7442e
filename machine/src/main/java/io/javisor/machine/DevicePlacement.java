package io.javisor.machine;

import io.javisor.core.irq.GsiInput;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A device's place in the machine: the same object registers it on the bus, wires its interrupt, and shows it in a dry run.
 *
 * @param id unique in the machine
 * @param description what the guest sees
 * @param ports the port ranges that it answers
 * @param memory the ranges of device memory that it answers
 * @param interrupt how its line is wired, or null for none
 */
public record DevicePlacement(
        String id,
        String description,
        List<Ports> ports,
        List<Memory> memory,
        @Nullable GsiInput interrupt) {
    /** {@code count} ports from {@code first}. */
    public record Ports(int first, int count) {
        /** The last port of the range. */
        public int last() {
            return first + count - 1;
        }
    }

    /** {@code sizeBytes} of device memory from {@code startGpa}. */
    public record Memory(long startGpa, long sizeBytes) {
        /** The last address of the range. */
        public long lastGpa() {
            return startGpa + sizeBytes - 1;
        }
    }

    public DevicePlacement {
        ports = List.copyOf(ports);
        memory = List.copyOf(memory);
    }

    /** On ports alone. */
    public DevicePlacement(String id, String description, List<Ports> ports, @Nullable GsiInput interrupt) {
        this(id, description, ports, List.of(), interrupt);
    }

    /** The interrupt of a device that has one. */
    GsiInput requireInterrupt() {
        if (interrupt == null) {
            throw new IllegalStateException(id + " has no interrupt");
        }
        return interrupt;
    }

    static DevicePlacement of(String id, String description, @Nullable GsiInput interrupt, int port, int count) {
        return new DevicePlacement(id, description, List.of(new Ports(port, count)), interrupt);
    }
}
