package io.javisor.machine;

import io.javisor.core.engine.StepCount;
import io.javisor.devices.DeviceStatistics;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What was counted over all of a machine's lives, at one moment.
 *
 * @param engine the name of the engine that it runs by
 * @param vcpus what that counted for each vCPU, by name; {@link io.javisor.core.engine.EngineVcpu#counters}
 * @param steps the instructions that it carried out singly most often on all vCPUs together, the most frequent first
 * @param devices the buses, for what no device answered; those that every PC has, the serial ports, then the virtio devices, which are in the guest's order
 */
public record MachineStatistics(
        String engine, List<Map<String, Long>> vcpus, List<StepCount> steps, List<DeviceStatistics> devices) {
    public MachineStatistics {
        vcpus = vcpus.stream()
                .map(vcpu -> Collections.unmodifiableMap(new LinkedHashMap<>(vcpu)))
                .toList();
        steps = List.copyOf(steps);
        devices = List.copyOf(devices);
    }
}
