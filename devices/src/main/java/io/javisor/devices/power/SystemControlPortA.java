package io.javisor.devices.power;

import io.javisor.core.bus.BusDevice;
import io.javisor.devices.Device;
import io.javisor.devices.DeviceStatistics;
import java.util.Map;

/**
 * System control port A of the PS/2, port 0x92: fast A20 gate and fast reset (IBM PS/2 Hardware Interface Technical Reference,
 * "System Control Port A").
 *
 * <table>
 * <caption>Register, 8 bits; wider accesses see ones above</caption>
 * <tr><th>bit</th><th>name</th><th>read</th><th>write</th></tr>
 * <tr><td>0</td><td>alternate hot reset</td><td>0</td><td>1 resets</td></tr>
 * <tr><td>1</td><td>alternate gate A20</td><td colspan="2">as written, 1 after reset; A20 itself is always on</td></tr>
 * <tr><td>others</td><td></td><td>0</td><td>ignored</td></tr>
 * </table>
 */
public final class SystemControlPortA implements BusDevice, Device<RegisterState> {
    static final int HOT_RESET = 0x01;
    static final int GATE_A20 = 0x02;

    private final PowerControl control;
    private volatile int gate = GATE_A20; // bit 1, RW

    public SystemControlPortA(PowerControl control) {
        this.control = control;
    }

    @Override
    public long read(long offset, int size) {
        return offset == 0 ? ~0xFFL | gate : -1;
    }

    @Override
    public void write(long offset, int size, long value) {
        if (offset != 0) {
            return;
        }
        gate = (int) value & GATE_A20;
        if ((value & HOT_RESET) != 0) {
            control.reset();
        }
    }

    @Override
    public String id() {
        return "port92";
    }

    @Override
    public String kind() {
        return "port92";
    }

    @Override
    public void reset() {
        gate = GATE_A20;
    }

    @Override
    public RegisterState save() {
        return new RegisterState(RegisterState.VERSION, gate);
    }

    /** Takes a saved register over. */
    @Override
    public void restore(RegisterState state) {
        gate = state.value() & GATE_A20;
    }

    @Override
    public DeviceStatistics statistics() {
        return new DeviceStatistics(id(), kind(), Map.of());
    }
}
