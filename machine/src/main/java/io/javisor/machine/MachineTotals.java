package io.javisor.machine;

import io.javisor.devices.DeviceStatistics;
import io.javisor.devices.backend.SerialCounters;
import io.javisor.machine.wiring.DeviceTotals;
import io.javisor.machine.wiring.SerialPorts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a machine's parts have counted over all its lives. Any thread. */
final class MachineTotals {
    private final DeviceTotals devices = new DeviceTotals();
    private final VcpuStatistics vcpus = new VcpuStatistics();

    DeviceTotals devices() {
        return devices;
    }

    VcpuStatistics vcpus() {
        return vcpus;
    }

    /**
     * All of it at this moment.
     *
     * @param serial the host's ends of the serial ports, which outlive these
     */
    MachineStatistics snapshot(String engine, SerialPorts serial) {
        Map<String, SerialCounters> lines = new HashMap<>();
        serial.status().forEach(port -> lines.put(port.id(), port.counters()));
        List<DeviceStatistics> all = new ArrayList<>();
        for (DeviceStatistics device : devices.snapshot()) {
            SerialCounters line = lines.get(device.id());
            all.add(line == null ? device : withLine(device, line));
        }
        return new MachineStatistics(engine, vcpus.snapshot(), vcpus.mostSteps(), all);
    }

    private static DeviceStatistics withLine(DeviceStatistics port, SerialCounters line) {
        Map<String, Long> counters = new LinkedHashMap<>(line.snapshot());
        counters.putAll(port.counters());
        return new DeviceStatistics(port.id(), port.kind(), counters);
    }
}
