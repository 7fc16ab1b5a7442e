package io.javisor.machine.host;

import io.javisor.core.io.AsyncFileBackend;
import io.javisor.devices.virtio.block.BlockCounters;
import io.javisor.devices.virtio.block.BlockDevice;
import io.javisor.devices.virtio.block.BlockDeviceConfig;
import io.javisor.devices.virtio.block.BlockProtocol;
import io.javisor.devices.virtio.block.CacheMode;
import io.javisor.machine.config.StitchedDiskConfig;

/**
 * An image's files as the end of a disk.
 *
 * @param files this object's from now on
 */
record StitchedDiskEnd(StitchedDiskConfig config, ImageFiles files) implements VirtioEnd {
    @Override
    public VirtioSource connect(String id, VirtioSource.Surroundings around) {
        BlockCounters counters = new BlockCounters();
        AsyncFileBackend.Opener opener = around.files().stitched(files.file());
        BlockDeviceConfig device = new BlockDeviceConfig(
                files.file().sizeBytes(),
                true,
                CacheMode.WRITEBACK,
                config.serial(),
                1,
                BlockProtocol.SECTOR_SIZE,
                1,
                0,
                0);
        return () -> new BlockDevice(
                id, device, opener, files.file().first(), around.clock(), around.clock(), around.limits(), counters);
    }

    @Override
    public void close() {
        files.close();
    }
}
