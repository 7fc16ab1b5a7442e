package io.javisor.machine.wiring;

import io.javisor.devices.Device;
import io.javisor.devices.DeviceStatistics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a machine's devices have counted over all its lives. Any thread. */
public final class DeviceTotals {
    private Map<String, DeviceStatistics> past = Map.of(); // guarded by this
    /** What those who count over all lives had counted when this one began; guarded by this. */
    private Map<String, DeviceStatistics> before = Map.of();

    private List<Device<?>> present = List.of(); // guarded by this

    /**
     * A life begins.
     *
     * @param devices in the order of the statistics
     * @return ends it: to be closed before the devices are
     */
    public synchronized AutoCloseable begin(List<Device<?>> devices) {
        if (!past.isEmpty()) { // else all begin at 0
            before = new LinkedHashMap<>();
            for (Device<?> device : devices) {
                before.put(device.id(), device.statistics());
            }
        }
        present = List.copyOf(devices);
        return this::end;
    }

    private synchronized void end() {
        Map<String, DeviceStatistics> totals = new LinkedHashMap<>();
        for (DeviceStatistics device : snapshot()) {
            totals.put(device.id(), device);
        }
        past = totals;
        present = List.of();
    }

    /** The totals at this moment. */
    public synchronized List<DeviceStatistics> snapshot() {
        if (present.isEmpty()) {
            return List.copyOf(past.values());
        }
        List<DeviceStatistics> all = new ArrayList<>();
        for (Device<?> device : present) {
            DeviceStatistics counted = device.statistics();
            DeviceStatistics atBirth = before.get(counted.id());
            DeviceStatistics earlier = past.get(counted.id());
            if (atBirth != null) {
                counted = counted.minus(atBirth);
            }
            all.add(earlier == null ? counted : counted.plus(earlier));
        }
        return all;
    }
}
