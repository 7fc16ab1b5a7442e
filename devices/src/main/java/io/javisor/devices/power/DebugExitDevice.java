package io.javisor.devices.power;

import io.javisor.core.bus.BusDevice;

/**
 * A port that ends the machine with the status written to it. No hardware has it; QEMU's isa-debug-exit is alike but for its status
 * (twice the value plus one).
 *
 * <table>
 * <caption>Register</caption>
 * <tr><th>offset</th><th>read</th><th>write</th></tr>
 * <tr><td>0</td><td>ones</td><td>bits 0 to 7: the status; any width</td></tr>
 * <tr><td>others</td><td>ones</td><td>ignored</td></tr>
 * </table>
 */
public final class DebugExitDevice implements BusDevice {
    private final PowerControl control;

    public DebugExitDevice(PowerControl control) {
        this.control = control;
    }

    @Override
    public long read(long offset, int size) {
        return -1;
    }

    @Override
    public void write(long offset, int size, long value) {
        if (offset == 0) {
            control.exit((int) value & 0xFF);
        }
    }
}
