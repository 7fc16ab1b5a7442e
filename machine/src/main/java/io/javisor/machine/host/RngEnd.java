package io.javisor.machine.host;

import io.javisor.devices.virtio.rng.EntropySource;
import io.javisor.devices.virtio.rng.RngCounters;
import io.javisor.devices.virtio.rng.RngDevice;
import io.javisor.machine.config.RngConfig;

/** An entropy device's source: the kernel's generator, which needs no opening. */
record RngEnd(RngConfig config) implements VirtioEnd {
    @Override
    public VirtioSource connect(String id, VirtioSource.Surroundings around) {
        RngCounters counters = new RngCounters();
        return () -> new RngDevice(
                id,
                config.bytesPerSecond(),
                EntropySource.GETRANDOM,
                around.clock(),
                around.clock(),
                around.limits(),
                counters);
    }
}
