package io.javisor.machine.host;

import io.javisor.machine.config.BalloonConfig;
import io.javisor.machine.config.CloudInitConfig;
import io.javisor.machine.config.DiskConfig;
import io.javisor.machine.config.NetConfig;
import io.javisor.machine.config.PmemConfig;
import io.javisor.machine.config.RngConfig;
import io.javisor.machine.config.StitchedDiskConfig;
import io.javisor.machine.config.VirtioDeviceConfig;
import io.javisor.machine.config.VsockConfig;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The kinds of virtio devices: the one place that says, for each, which class has the host's end of it and makes its devices. */
final class VirtioKinds {
    /**
     * How the end of one device is opened.
     *
     * @param look looks whether it could be, and makes and changes nothing; what it returns is what a plan needs to know of it, or null
     */
    record Opening(Supplier<@Nullable VirtioEnd> look, Supplier<VirtioEnd> open) {
        static Opening checked(Runnable check, Supplier<VirtioEnd> open) {
            return new Opening(
                    () -> {
                        check.run();
                        return null;
                    },
                    open);
        }

        /** Of an end that needs nothing which the host could refuse. */
        static Opening sure(Supplier<VirtioEnd> open) {
            return new Opening(() -> null, open);
        }
    }

    private VirtioKinds() {}

    /**
     * How the end of a device is opened. Both ways throw a {@link io.javisor.machine.config.ConfigException} if it can't be had.
     *
     * @param machine the machine's name
     * @param disks the files of its disks, open by now
     * @param next the same: a disk takes the next
     */
    static Opening of(VirtioDeviceConfig device, String machine, List<DiskFile> disks, Iterator<DiskFile> next) {
        return switch (device) {
            case BalloonConfig balloon -> Opening.sure(() -> new BalloonEnd(balloon));
            case CloudInitConfig seed ->
                Opening.checked(
                        () -> SeedDisk.open(seed.userData(), machine).close(),
                        () -> new DiskEnd(SeedDisk.open(seed.userData(), machine)));
            case DiskConfig _ -> {
                DiskFile file = next.next();
                yield Opening.sure(() -> new DiskEnd(file));
            }
            case NetConfig net -> Opening.checked(() -> NetEnd.check(net), () -> NetEnd.open(net));
            case PmemConfig pmem -> new Opening(() -> PmemEnd.look(pmem, disks), () -> PmemEnd.open(pmem, disks));
            case RngConfig rng -> Opening.sure(() -> new RngEnd(rng));
            case StitchedDiskConfig image ->
                Opening.checked(
                        () -> ImageFiles.look(image.files(), disks).close(),
                        () -> new StitchedDiskEnd(image, ImageFiles.open(image.files(), disks)));
            case VsockConfig vsock -> Opening.checked(() -> VsockEnd.check(vsock), () -> VsockEnd.open(vsock));
        };
    }
}
