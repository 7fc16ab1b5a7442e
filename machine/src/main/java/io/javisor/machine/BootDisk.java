package io.javisor.machine;

import io.javisor.firmware.disk.ByteSource;
import io.javisor.firmware.disk.PartitionTable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What a disk is to a machine that has no kernel of its own. */
public final class BootDisk {
    private BootDisk() {}

    /**
     * Whether a disk has partitions, and so a boot loader's files that say what to start; one without is a file system as a whole.
     *
     * @throws ConfigException if it can't be a disk, for any reason that would end the machine's start too
     * @throws io.javisor.firmware.image.BootException if its partition table is damaged
     */
    public static boolean isPartitioned(DiskConfig disk) {
        Path path = disk.path();
        try (DiskFile file = DiskFile.open(disk);
                FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            ByteSource bytes = ByteSource.of("disk " + path, channel, file.sizeBytes());
            return PartitionTable.read(bytes).kind() != PartitionTable.Kind.NONE;
        } catch (IOException e) {
            throw new ConfigException("disk " + path + " can't be read: " + e.getMessage(), e);
        }
    }
}
