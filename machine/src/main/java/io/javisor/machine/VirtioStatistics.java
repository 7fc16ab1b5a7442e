package io.javisor.machine;

import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.VirtioDevice;
import io.javisor.devices.virtio.block.BlockCounters;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The counters of a machine's virtio devices, by id, over all its lives. Any thread. */
final class VirtioStatistics {
    private final Map<String, VirtioCounters> counters = new LinkedHashMap<>();
    private final Map<String, BlockCounters> disks = new LinkedHashMap<>();

    /** Those of a device, made for its first life. */
    synchronized VirtioCounters of(VirtioDevice device) {
        return counters.computeIfAbsent(device.id(), _ -> new VirtioCounters(device.queueCount()));
    }

    /** What a disk counts of its own. */
    synchronized BlockCounters disk(String id) {
        return disks.computeIfAbsent(id, _ -> new BlockCounters());
    }

    synchronized Map<String, BlockCounters> disks() {
        return Collections.unmodifiableMap(new LinkedHashMap<>(disks));
    }

    synchronized Map<String, VirtioCounters> all() {
        return Collections.unmodifiableMap(new LinkedHashMap<>(counters));
    }
}
