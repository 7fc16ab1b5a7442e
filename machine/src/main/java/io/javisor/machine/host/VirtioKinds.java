package io.javisor.machine.host;

import io.javisor.machine.config.BalloonConfig;
import io.javisor.machine.config.CloudInitConfig;
import io.javisor.machine.config.DiskConfig;
import io.javisor.machine.config.NetConfig;
import io.javisor.machine.config.RngConfig;
import io.javisor.machine.config.VirtioDeviceConfig;
import io.javisor.machine.config.VsockConfig;
import java.util.Iterator;
import java.util.function.Supplier;

/** The kinds of virtio devices: the one place that says, for each, which class has the host's end of it and makes its devices. */
final class VirtioKinds {
    /**
     * How the end of one device is opened.
     *
     * @param check looks whether it could be, and makes and changes nothing
     */
    record Opening(Runnable check, Supplier<VirtioEnd> open) {
        /** Of an end that needs nothing which the host could refuse. */
        static Opening sure(Supplier<VirtioEnd> open) {
            return new Opening(() -> {}, open);
        }
    }

    private VirtioKinds() {}

    /**
     * How the end of a device is opened. Both ways throw a {@link io.javisor.machine.config.ConfigException} if it can't be had.
     *
     * @param machine the machine's name
     * @param disks the files of its disks, open by now, of which a disk takes the next
     */
    static Opening of(VirtioDeviceConfig device, String machine, Iterator<DiskFile> disks) {
        return switch (device) {
            case BalloonConfig balloon -> Opening.sure(() -> new BalloonEnd(balloon));
            case CloudInitConfig seed ->
                new Opening(
                        () -> SeedDisk.open(seed.userData(), machine).close(),
                        () -> new DiskEnd(SeedDisk.open(seed.userData(), machine)));
            case DiskConfig _ -> {
                DiskFile file = disks.next();
                yield Opening.sure(() -> new DiskEnd(file));
            }
            case NetConfig net -> new Opening(() -> NetEnd.check(net), () -> NetEnd.open(net));
            case RngConfig rng -> Opening.sure(() -> new RngEnd(rng));
            case VsockConfig vsock -> new Opening(() -> VsockEnd.check(vsock), () -> VsockEnd.open(vsock));
        };
    }
}
