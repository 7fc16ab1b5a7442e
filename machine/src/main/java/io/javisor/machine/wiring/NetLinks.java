package io.javisor.machine.wiring;

import io.javisor.core.host.Cleanup;
import io.javisor.devices.backend.HostEvents;
import io.javisor.devices.virtio.net.NetBackend;
import io.javisor.devices.virtio.net.NetCounters;
import io.javisor.devices.virtio.net.NetDevice;
import io.javisor.devices.virtio.net.NetDeviceConfig;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.NamedDevice;
import io.javisor.machine.config.NetConfig;
import io.javisor.machine.host.HostResources;
import io.javisor.machine.host.NetEnd;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** The cables of a machine's network cards, by id, over all its lives, and what passed them. */
public final class NetLinks implements AutoCloseable {
    private record Link(NetDeviceConfig config, NetBackend backend, NetCounters counters) {}

    private final HostEvents events;
    private final Map<String, Link> links = new LinkedHashMap<>();
    private final Cleanup cleanup = new Cleanup();

    /** @param host has their ends */
    public NetLinks(MachineConfig config, HostResources host, HostEvents events) {
        this.events = events;
        for (NamedDevice device : config.devices()) {
            if (device.config() instanceof NetConfig card) {
                String id = device.id();
                NetEnd end = host.net(id);
                NetBackend backend = end.newBackend(id, events);
                cleanup.add(backend);
                links.put(
                        id,
                        new Link(
                                new NetDeviceConfig(card.macOf(config.name(), id), end.mtu()),
                                backend,
                                new NetCounters(backend.queuePairs())));
            }
        }
    }

    /** Makes the card of a new life. */
    NetDevice newDevice(String id) {
        Link link = Objects.requireNonNull(links.get(id), id);
        return new NetDevice(id, link.config, link.backend, events, link.counters);
    }

    @Override
    public void close() {
        cleanup.close();
    }
}
