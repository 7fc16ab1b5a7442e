package io.javisor.machine;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.devices.virtio.block.CacheMode;
import io.javisor.machine.seed.NoCloudSeed;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
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
        String what = "cloud-init user-data " + userData;
        try {
            if (Files.exists(userData) && !Files.isRegularFile(userData)) {
                throw new ConfigException(what + " is not a regular file");
            }
            if (Files.size(userData) > NoCloudSeed.FILE_SIZE_MAX) {
                throw new ConfigException(
                        what + " has more than " + NoCloudSeed.FILE_SIZE_MAX + " bytes; is it the right file?");
            }
            return Files.readAllBytes(userData);
        } catch (NoSuchFileException e) {
            throw new ConfigException(what + " does not exist", e);
        } catch (AccessDeniedException e) {
            throw new ConfigException(what + " is not readable; try: chmod u+r " + userData, e);
        } catch (IOException e) {
            throw new ConfigException(what + " can't be read: " + e.getMessage(), e);
        }
    }
}
