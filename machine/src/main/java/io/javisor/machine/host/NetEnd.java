package io.javisor.machine.host;

import io.javisor.core.event.MachineClock;
import io.javisor.devices.backend.HostEvents;
import io.javisor.devices.virtio.VirtioDevice;
import io.javisor.devices.virtio.net.NetBackend;
import io.javisor.devices.virtio.net.NetCounters;
import io.javisor.devices.virtio.net.NetDevice;
import io.javisor.devices.virtio.net.NetDeviceConfig;
import io.javisor.devices.virtio.net.backend.StreamBackend;
import io.javisor.devices.virtio.net.backend.TapBackend;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.NetConfig;

/** The host's end of a network card's cable, opened. */
sealed interface NetEnd extends VirtioEnd {
    record Tap(NetConfig card, TapDevice device) implements NetEnd {
        @Override
        public NetBackend newBackend(String id, HostEvents events) {
            return new TapBackend(id + " on " + device.name(), device.queues(), events);
        }

        @Override
        public int mtu() {
            return device.mtu();
        }

        @Override
        public void close() {
            device.close();
        }
    }

    record User(NetConfig card, PasstProcess passt) implements NetEnd {
        @Override
        public NetBackend newBackend(String id, HostEvents events) {
            return new StreamBackend("passt", passt.socket(), events, !passt.isHostLoopbackOpen());
        }

        @Override
        public void close() {
            passt.close();
        }
    }

    /**
     * Opens it.
     *
     * @throws ConfigException if it can't be had
     */
    static NetEnd open(NetConfig config) {
        return switch (config.attachment()) {
            case NetConfig.Tap tap -> new Tap(config, TapDevice.open(tap));
            case NetConfig.User user -> new User(config, PasstProcess.start(user));
        };
    }

    /**
     * Refuses what {@link #open} would as far as that can be told beforehand, and makes, changes and starts nothing.
     *
     * @throws ConfigException if it can't be had
     */
    static void check(NetConfig config) {
        switch (config.attachment()) {
            case NetConfig.Tap tap -> TapDevice.check(tap);
            case NetConfig.User user -> PasstProcess.check(user);
        }
    }

    /** The card that it belongs to. */
    NetConfig card();

    @Override
    default VirtioSource connect(String id, VirtioSource.Surroundings around) {
        return new Link(
                id,
                new NetDeviceConfig(card().macOf(around.machine(), id), mtu()),
                newBackend(id, around.events()),
                around.clock());
    }

    /** The cable of a card, plugged in for all lives. */
    final class Link implements VirtioSource {
        private final String id;
        private final NetDeviceConfig config;
        private final NetBackend backend;
        private final MachineClock clock;
        private final NetCounters counters;

        private Link(String id, NetDeviceConfig config, NetBackend backend, MachineClock clock) {
            this.id = id;
            this.config = config;
            this.backend = backend;
            this.clock = clock;
            counters = new NetCounters(backend.queuePairs());
        }

        @Override
        public VirtioDevice<?> newDevice() {
            return new NetDevice(id, config, backend, clock, counters);
        }

        @Override
        public void close() {
            backend.close();
        }
    }

    /** Makes what passes frames, once; it outlives the guest's resets, for a stream can't be entered in its middle. */
    NetBackend newBackend(String id, HostEvents events);

    /** What a guest is to be told, or 0 for nothing. */
    default int mtu() {
        return 0;
    }

    @Override
    void close();
}
