package io.javisor.machine.host;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.devices.virtio.block.CacheMode;
import io.javisor.images.ByteSource;
import io.javisor.images.seed.NoCloudSeed;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.DiskConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;

/** cloud-init's seed as a disk: a file in memory, which ends with the machine. */
final class SeedDisk {
    private SeedDisk() {}

    /**
     * Reads user-data and makes the disk.
     *
     * @param hostName the guest's name
     * @throws ConfigException if the file can't be read, or cloud-init would ignore it
     */
    static DiskFile open(Path userData, String hostName) {
        byte[] image = image(userData, hostName);
        Fd fd = Fd.own("cloud-init seed", Libc.memfdCreate("javisor-seed", HostConstants.MFD_CLOEXEC));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(image.length);
            bytes.copyFrom(MemorySegment.ofArray(image));
            long done = 0;
            while (done < image.length) {
                done += Libc.check(
                        "write(cloud-init seed)", Libc.write(fd.value(), bytes.address() + done, image.length - done));
            }
            return DiskFile.of(new DiskConfig(userData, true, CacheMode.WRITEBACK, "cidata", 1, 0, 0), fd);
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    private static byte[] image(Path userData, String hostName) {
        byte[] text = read(userData);
        try {
            return NoCloudSeed.of(text, hostName, Optional.empty()).image();
        } catch (IllegalArgumentException e) {
            throw new ConfigException(String.valueOf(e.getMessage()), e);
        }
    }

    private static byte[] read(Path userData) {
        try (InputFile file = InputFile.open("cloud-init user-data", userData)) {
            if (file.sizeBytes() > NoCloudSeed.FILE_SIZE_MAX) {
                throw new ConfigException(
                        file.name() + " has more than " + NoCloudSeed.FILE_SIZE_MAX + " bytes; is it the right file?");
            }
            byte[] text = new byte[(int) file.sizeBytes()];
            ByteSource.of(file.name(), file.fd(), text.length, 1).read(0, MemorySegment.ofArray(text));
            return text;
        }
    }
}
