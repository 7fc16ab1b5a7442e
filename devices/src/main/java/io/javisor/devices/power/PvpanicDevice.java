package io.javisor.devices.power;

import io.javisor.core.bus.BusDevice;
import io.javisor.devices.Device;
import io.javisor.devices.DeviceStatistics;
import io.javisor.devices.NoState;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * The pvpanic device on a port (QEMU docs/specs/pvpanic, ISA form): a guest's kernel says that it panicked.
 *
 * <table>
 * <caption>Register</caption>
 * <tr><th>offset</th><th>read</th><th>write</th></tr>
 * <tr><td>0</td><td>the events known: PVPANIC_PANICKED, PVPANIC_CRASH_LOADED</td><td>the event that happened</td></tr>
 * <tr><td>others</td><td>ones</td><td>ignored</td></tr>
 * </table>
 *
 * <p>With both bits set, the panic counts. Unknown events are counted and ignored. Leaves out: the event PVPANIC_SHUTDOWN (bit 2), which
 * is not announced.
 */
public final class PvpanicDevice implements BusDevice, Device<NoState> {
    // include/uapi/misc/pvpanic.h
    public static final int PVPANIC_PANICKED = 1;
    public static final int PVPANIC_CRASH_LOADED = 2;

    private final PowerControl control;
    private final LongAdder unknownEvents = new LongAdder();

    public PvpanicDevice(PowerControl control) {
        this.control = control;
    }

    @Override
    public long read(long offset, int size) {
        return offset == 0 ? ~0xFFL | PVPANIC_PANICKED | PVPANIC_CRASH_LOADED : -1;
    }

    @Override
    public void write(long offset, int size, long value) {
        if (offset != 0) {
            return;
        }
        if ((value & PVPANIC_PANICKED) != 0) {
            control.guestPanicked();
        } else if ((value & PVPANIC_CRASH_LOADED) != 0) {
            control.crashLoaded();
        } else {
            unknownEvents.increment();
        }
    }

    @Override
    public String id() {
        return "pvpanic";
    }

    @Override
    public String kind() {
        return "pvpanic";
    }

    /** Does nothing: it has no register that is kept. */
    @Override
    public void reset() {}

    @Override
    public NoState save() {
        return NoState.INSTANCE;
    }

    @Override
    public void restore(NoState state) {}

    @Override
    public DeviceStatistics statistics() {
        return new DeviceStatistics(id(), kind(), Map.of("unknown_events", unknownEvents()));
    }

    /** Writes that named no known event. */
    public long unknownEvents() {
        return unknownEvents.sum();
    }
}
