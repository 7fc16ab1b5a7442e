package io.javisor.machine;

import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.VirtioDevice;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The counters of a machine's virtio devices, by id, over all its lives. Any thread. */
final class VirtioStatistics {
    private final Map<String, VirtioCounters> counters = new LinkedHashMap<>();

    /** Those of a device, made for its first life. */
    synchronized VirtioCounters of(VirtioDevice device) {
        return counters.computeIfAbsent(device.id(), _ -> new VirtioCounters(device.queueCount()));
    }

    synchronized Map<String, VirtioCounters> all() {
        return Collections.unmodifiableMap(new LinkedHashMap<>(counters));
    }
}
