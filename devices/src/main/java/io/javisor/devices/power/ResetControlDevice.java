package io.javisor.devices.power;

import io.javisor.core.bus.BusDevice;
import io.javisor.devices.Device;
import io.javisor.devices.DeviceStatistics;
import java.util.Map;

/**
 * The reset control register of PC chipsets, port 0xCF9 (Intel PIIX3 datasheet §2.2.9, RC).
 *
 * <table>
 * <caption>Register, 8 bits, byte accesses only (a wider one belongs to the PCI configuration address at 0xCF8)</caption>
 * <tr><th>bit</th><th>name</th><th>read</th><th>write</th></tr>
 * <tr><td>1</td><td>SYS_RST: hard instead of soft</td><td colspan="2">as written; both reset the whole machine</td></tr>
 * <tr><td>2</td><td>RST_CPU</td><td>0</td><td>1 resets</td></tr>
 * <tr><td>3</td><td>full reset (power cycle) on later chipsets</td><td colspan="2">as written</td></tr>
 * <tr><td>others</td><td></td><td>0</td><td>ignored</td></tr>
 * </table>
 */
public final class ResetControlDevice implements BusDevice, Device<RegisterState> {
    static final int SYS_RST = 0x02;
    static final int RST_CPU = 0x04;
    static final int FULL_RST = 0x08;

    private final PowerControl control;
    private volatile int rc; // reset control, RW

    public ResetControlDevice(PowerControl control) {
        this.control = control;
    }

    @Override
    public long read(long offset, int size) {
        return offset == 0 && size == 1 ? rc : -1;
    }

    @Override
    public void write(long offset, int size, long value) {
        if (offset != 0 || size != 1) {
            return;
        }
        rc = (int) value & (SYS_RST | FULL_RST);
        if ((value & RST_CPU) != 0) {
            control.reset();
        }
    }

    @Override
    public String id() {
        return "reset-control";
    }

    @Override
    public String kind() {
        return "reset-control";
    }

    @Override
    public void reset() {
        rc = 0;
    }

    @Override
    public RegisterState save() {
        return new RegisterState(RegisterState.VERSION, rc);
    }

    /** Takes a saved register over. */
    @Override
    public void restore(RegisterState state) {
        rc = state.value() & (SYS_RST | FULL_RST);
    }

    @Override
    public DeviceStatistics statistics() {
        return new DeviceStatistics(id(), kind(), Map.of());
    }
}
