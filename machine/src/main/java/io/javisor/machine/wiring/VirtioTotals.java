package io.javisor.machine.wiring;

import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.VirtioDevice;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** What a machine's virtio devices count in, over all its lives, by id. Any thread. */
public final class VirtioTotals {
    private final Map<String, VirtioCounters> counters = new LinkedHashMap<>();
    private final Map<String, Object> own = new HashMap<>();

    /** Those of registers and queues, made for the device's first life. */
    synchronized VirtioCounters of(VirtioDevice<?> device) {
        return counters.computeIfAbsent(device.id(), _ -> new VirtioCounters(device.queueCount()));
    }

    /** What the device with that id counts of its own, made for its first life. */
    synchronized <C> C own(String id, Class<C> type, Supplier<C> make) {
        return type.cast(own.computeIfAbsent(id, _ -> make.get()));
    }

    public synchronized Map<String, VirtioCounters> all() {
        return Collections.unmodifiableMap(new LinkedHashMap<>(counters));
    }
}
