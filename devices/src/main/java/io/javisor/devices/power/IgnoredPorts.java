package io.javisor.devices.power;

import io.javisor.core.bus.BusDevice;

/**
 * Ports that a PC's software pokes as a matter of course and that have nothing behind them here, such as 0x80 (the POST code, also
 * used as a delay) and the interrupt mask of a coprocessor. Reads give ones, writes are dropped; they differ from unclaimed ports in that the bus does
 * not count them. Stateless; one instance may serve many ranges.
 */
public final class IgnoredPorts implements BusDevice {
    @Override
    public long read(long offset, int size) {
        return -1;
    }

    @Override
    public void write(long offset, int size, long value) {}
}
