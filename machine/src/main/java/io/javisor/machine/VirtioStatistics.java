package io.javisor.machine;

import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.VirtioDevice;
import io.javisor.devices.virtio.block.BlockCounters;
import io.javisor.devices.virtio.net.NetCounters;
import io.javisor.devices.virtio.rng.RngCounters;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The counters of a machine's virtio devices, by id, over all its lives. Any thread. */
final class VirtioStatistics {
    private final Map<String, VirtioCounters> counters = new LinkedHashMap<>();
    private final Map<String, BlockCounters> disks = new LinkedHashMap<>();
    private final Map<String, RngCounters> rngs = new LinkedHashMap<>();
    private final Map<String, NetCounters> cards = new LinkedHashMap<>();

    /** Those of a device, made for its first life. */
    synchronized VirtioCounters of(VirtioDevice device) {
        return counters.computeIfAbsent(device.id(), _ -> new VirtioCounters(device.queueCount()));
    }

    /** What a disk counts of its own. */
    synchronized BlockCounters disk(String id) {
        return disks.computeIfAbsent(id, _ -> new BlockCounters());
    }

    /** What an entropy device counts of its own. */
    synchronized RngCounters rng(String id) {
        return rngs.computeIfAbsent(id, _ -> new RngCounters());
    }

    /** What a network card counts of its own. */
    synchronized void addCard(String id, NetCounters counted) {
        cards.put(id, counted);
    }

    synchronized Map<String, VirtioCounters> all() {
        return Collections.unmodifiableMap(new LinkedHashMap<>(counters));
    }

    /** All of them, in the guest's order. */
    synchronized List<DeviceStatistics> snapshot() {
        List<DeviceStatistics> all = new ArrayList<>();
        counters.forEach((id, virtio) -> {
            Map<String, Long> device = new LinkedHashMap<>(own(id));
            device.putAll(virtio.snapshot());
            List<Map<String, Long>> queues = new ArrayList<>();
            for (int i = 0; i < virtio.queueCount(); i++) {
                Map<String, Long> queue = new LinkedHashMap<>(virtio.snapshot(i));
                NetCounters card = cards.get(id);
                if (card != null) {
                    queue.putAll(card.snapshot(i));
                }
                queues.add(queue);
            }
            all.add(new DeviceStatistics(id, device, queues));
        });
        return all;
    }

    private Map<String, Long> own(String id) {
        BlockCounters disk = disks.get(id);
        if (disk != null) {
            return disk.snapshot();
        }
        NetCounters card = cards.get(id);
        if (card != null) {
            return card.snapshot();
        }
        RngCounters rng = rngs.get(id);
        return rng == null ? Map.of() : rng.snapshot();
    }
}
