package io.javisor.machine.host;

import io.javisor.images.ByteSource;
import io.javisor.images.FileKind;
import io.javisor.images.disk.PartitionTable;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.DiskConfig;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a disk is to a machine that has no kernel of its own.
 *
 * @param partitioned whether it has partitions, and so a boot loader's files that say what to start; one without is a file system as a whole
 * @param content what it holds as a whole
 * @param blank whether it begins with a MiB of zeros
 */
public record BootDisk(DiskConfig disk, boolean partitioned, FileKind content, boolean blank) {
    /** Where all file systems have begun. */
    private static final int START_SIZE = 1 << 20;

    /** What the default guest has no driver for; of others it says itself whether it can take them. */
    private static final Set<FileKind> NO_ROOT = EnumSet.of(
            FileKind.XFS,
            FileKind.BTRFS,
            FileKind.FAT,
            FileKind.NTFS,
            FileKind.SQUASHFS,
            FileKind.F2FS,
            FileKind.LVM,
            FileKind.LUKS,
            FileKind.SWAP);

    /**
     * Looks at it.
     *
     * @throws io.javisor.images.ImageException if its partition table is damaged, or it can't be read
     */
    static BootDisk of(DiskFile file) {
        ByteSource bytes = file.bytes();
        boolean partitioned = PartitionTable.read(bytes).kind() != PartitionTable.Kind.NONE;
        int start = (int) Math.min(START_SIZE, bytes.sizeBytes());
        return new BootDisk(
                file.config(),
                partitioned,
                FileKind.among(FileKind.Group.VOLUME, bytes),
                !partitioned && bytes.fields(0, start).isZero());
    }

    /**
     * Checks that the default guest's root may be on it.
     *
     * @throws ConfigException in one line, if it holds nothing, or what that guest can't mount
     */
    public void requireRoot() {
        if (blank || NO_ROOT.contains(content)) {
            throw new ConfigException("disk " + disk.path() + " holds "
                    + (blank ? "nothing" : content.displayName())
                    + ", and the default guest has its root there, in ext4: make one with guest/make-rootfs, or give"
                    + " --kernel and --initrd, or a --cmdline without root= for a shell and a disk to fill");
        }
    }
}
