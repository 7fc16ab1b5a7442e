package io.javisor.machine.host;

import io.javisor.devices.backend.HostEvents;
import io.javisor.devices.virtio.net.NetBackend;
import io.javisor.devices.virtio.net.backend.StreamBackend;
import io.javisor.devices.virtio.net.backend.TapBackend;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.NetConfig;

/** The host's end of a network card's cable, opened. */
public sealed interface NetEnd extends AutoCloseable {
    record Tap(TapDevice device) implements NetEnd {
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

    record User(PasstProcess passt) implements NetEnd {
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
            case NetConfig.Tap tap -> new Tap(TapDevice.open(tap));
            case NetConfig.User user -> new User(PasstProcess.start(user));
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

    /** Makes what passes frames, once; it outlives the guest's resets, for a stream can't be entered in its middle. */
    NetBackend newBackend(String id, HostEvents events);

    /** What a guest is to be told, or 0 for nothing. */
    default int mtu() {
        return 0;
    }

    @Override
    void close();
}
