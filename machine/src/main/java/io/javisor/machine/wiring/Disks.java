package io.javisor.machine.wiring;

import io.javisor.devices.virtio.ExposedDevice;
import io.javisor.devices.virtio.block.BlockDevice;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.host.DiskFile;
import java.util.Map;
import java.util.TreeMap;

/** The disks of one life of a machine, as they are changed while the guest runs. For one thread at a time, not the event loop's. */
public final class Disks {
    private record Disk(BlockDevice device, ExposedDevice<?> exposed, DiskFile file) {}

    private final Map<String, Disk> disks = new TreeMap<>(); // by id

    void add(BlockDevice device, ExposedDevice<?> exposed, DiskFile file) {
        disks.put(device.id(), new Disk(device, exposed, file));
    }

    /**
     * Makes a disk larger, and tells its driver.
     *
     * @throws ConfigException if there is no such disk, or it can't have that size
     * @throws io.javisor.core.host.HostException if the host refuses
     */
    public void grow(String id, long newSizeBytes) throws InterruptedException {
        Disk disk = require(id);
        disk.file.grow(newSizeBytes);
        tellDriver(disk, newSizeBytes);
    }

    /**
     * As {@link #grow}, to the size that its file has got.
     *
     * @param atItsPath whether that must be the file that its path leads to by now
     * @throws ConfigException if there is no such disk, its file has not grown in whole blocks, or is not at its path
     */
    public void remeasure(String id, boolean atItsPath) throws InterruptedException {
        Disk disk = require(id);
        if (atItsPath) {
            disk.file.requireAtItsPath();
        }
        tellDriver(disk, disk.file.remeasure());
    }

    private Disk require(String id) {
        Disk disk = disks.get(id);
        if (disk == null) {
            throw new ConfigException("there is no disk '" + id + "'; this machine has "
                    + (disks.isEmpty() ? "none" : String.join(", ", disks.keySet())));
        }
        return disk;
    }

    private static void tellDriver(Disk disk, long newSizeBytes) throws InterruptedException {
        boolean _ = disk.exposed.onLoop("resize", () -> {
            disk.device.resize(newSizeBytes);
            return true;
        });
    }
}
