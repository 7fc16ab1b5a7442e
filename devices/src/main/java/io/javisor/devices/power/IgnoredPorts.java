package io.javisor.devices.power;

import io.javisor.core.bus.BusDevice;

/**
 * Ports that a PC's software pokes as a matter of course and that have nothing behind them here, such as 0x80 (the POST code, also
 * used as a delay). Writes are dropped; they differ from unclaimed ports in that the bus does not count them. Stateless: one
 * instance may serve many ranges.
 */
public final class IgnoredPorts implements BusDevice {
    private final long readValue;

    private IgnoredPorts(long readValue) {
        this.readValue = readValue;
    }

    /** Reads give ones, as a bus does that nothing drives. */
    public static IgnoredPorts readingOnes() {
        return new IgnoredPorts(-1);
    }

    /**
     * Reads give zeros: for registers in which a one means busy. Linux 6.1 waits up to a second for bit 7 of the clock's register A
     * (ports 0x70 and 0x71) to become 0.
     */
    public static IgnoredPorts readingZeros() {
        return new IgnoredPorts(0);
    }

    @Override
    public long read(long offset, int size) {
        return readValue;
    }

    @Override
    public void write(long offset, int size, long value) {}
}
