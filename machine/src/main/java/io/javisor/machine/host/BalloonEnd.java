package io.javisor.machine.host;

import io.javisor.devices.virtio.balloon.BalloonCounters;
import io.javisor.devices.virtio.balloon.BalloonDevice;
import io.javisor.devices.virtio.balloon.BalloonSettings;
import io.javisor.machine.config.BalloonConfig;
import io.javisor.machine.config.MemorySize;

/** A balloon's end, which has nothing: what a guest gives back is in the machine's own memory. */
record BalloonEnd(BalloonConfig config) implements VirtioEnd {
    @Override
    public VirtioSource connect(String id, VirtioSource.Surroundings around) {
        BalloonSettings settings = new BalloonSettings(
                (int) (config.sizeBytes() / MemorySize.PAGE_SIZE),
                config.deflateOnOom(),
                config.freePageReporting(),
                config.statisticsSeconds() > 0);
        BalloonCounters counters = new BalloonCounters();
        return () -> new BalloonDevice(id, settings, config.statisticsSeconds(), around.clock(), counters);
    }
}
