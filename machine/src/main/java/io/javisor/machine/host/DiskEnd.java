package io.javisor.machine.host;

import io.javisor.devices.virtio.block.BlockCounters;
import io.javisor.devices.virtio.block.BlockDevice;

/**
 * A disk's file as the end of its device.
 *
 * @param file this object's from now on
 */
record DiskEnd(DiskFile file) implements VirtioEnd {
    @Override
    public VirtioSource connect(String id, VirtioSource.Surroundings around) {
        BlockCounters counters = new BlockCounters();
        return () -> new BlockDevice(
                id,
                file.device(), // which may have grown since the last life
                around.files(),
                file.fd(),
                around.clock(),
                around.clock(),
                around.limits(),
                counters);
    }

    @Override
    public void close() {
        file.close();
    }
}
