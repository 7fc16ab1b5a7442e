package io.javisor.machine.wiring;

import io.javisor.core.bus.AddressBus;
import io.javisor.devices.Device;
import io.javisor.devices.DeviceStatistics;
import io.javisor.devices.NoState;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What answers on a bus where no device does: ones are read, writes are dropped.
 *
 * @param id of the bus
 */
public record Unclaimed(String id, AddressBus bus) implements Device<NoState> {
    @Override
    public String kind() {
        return "bus";
    }

    /** Does nothing: there is no register. */
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
        Map<String, Long> all = new LinkedHashMap<>();
        all.put("unclaimed_reads", bus.unclaimedReads());
        all.put("unclaimed_writes", bus.unclaimedWrites());
        return new DeviceStatistics(id, kind(), all);
    }
}
