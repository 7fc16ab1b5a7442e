package io.javisor.machine.wiring;

import io.javisor.core.host.Cleanup;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.VirtioDevice;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.NamedDevice;
import io.javisor.machine.host.HostResources;
import io.javisor.machine.host.VirtioSource;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** What a machine's virtio devices are made of, by id, over all its lives, and what passed them. Any thread. */
public final class VirtioSources implements AutoCloseable {
    private final Map<String, VirtioSource> sources = new HashMap<>();
    private final Map<String, VirtioCounters> counters = new LinkedHashMap<>(); // guarded by this
    private final Cleanup cleanup = new Cleanup();

    /** @param host has the devices' ends */
    public VirtioSources(MachineConfig config, HostResources host, VirtioSource.Surroundings around) {
        try {
            for (NamedDevice device : config.devices()) {
                sources.put(device.id(), cleanup.add(host.connectVirtio(device.id(), around)));
            }
        } catch (RuntimeException | Error e) {
            cleanup.closeAfter(e);
            throw e;
        }
    }

    /** Makes the device of a new life. */
    VirtioDevice<?> newDevice(String id) {
        return Objects.requireNonNull(sources.get(id), id).newDevice();
    }

    /** What is counted of its registers and queues, made for its first life. */
    synchronized VirtioCounters counters(VirtioDevice<?> device) {
        return counters.computeIfAbsent(device.id(), _ -> new VirtioCounters(device.queueCount()));
    }

    /** What was counted so far of registers and queues, by id and in the guest's order. */
    public synchronized Map<String, VirtioCounters> counters() {
        return Collections.unmodifiableMap(new LinkedHashMap<>(counters));
    }

    @Override
    public void close() {
        cleanup.close();
    }
}
