package io.javisor.images.disk;

import io.javisor.images.ByteSource;
import io.javisor.images.FileKind;
import io.javisor.images.ImageException;
import java.util.List;

/**
 * What a disk is divided into. As in Linux: a GPT counts if a protective MBR announces it.
 *
 * @param partitions in the order of their numbers; none if the kind is {@code NONE}
 * @param notes what the user should know, a line each
 */
public record PartitionTable(Kind kind, List<Partition> partitions, List<String> notes) {
    /** Of which standard it is. */
    public enum Kind {
        /** No table: a file system on the whole disk, say, or nothing. */
        NONE,
        MBR,
        GPT
    }

    /** A list that changes later does not change this. */
    public PartitionTable {
        partitions = List.copyOf(partitions);
        notes = List.copyOf(notes);
    }

    /**
     * Reads it.
     *
     * @throws ImageException in one line, if there is a GPT and it is damaged, or names bytes that the image does not have
     */
    public static PartitionTable read(ByteSource disk) {
        MasterBootRecord mbr = MasterBootRecord.read(disk);
        if (mbr == null) {
            return new PartitionTable(Kind.NONE, List.of(), List.of());
        }
        try {
            return mbr.protective()
                    ? GptReader.read(disk)
                    : new PartitionTable(Kind.MBR, mbr.partitions(), mbr.notes());
        } catch (ImageException e) {
            throw FileKind.ISO9660.isIn(disk) ? isoImage(disk) : e;
        }
    }

    /** What to say of a CD's image that is a disk's at the same time. */
    public static ImageException isoImage(ByteSource disk) {
        return disk.problem(
                "it is an ISO image, as installers are on: no kernel is looked for in it; take kernel and initrd"
                        + " out of it, for example with bsdtar -xf, and give them with --kernel and --initrd");
    }

    /** The check of a GPT: that a partition lies in the image. */
    static void requireInside(ByteSource disk, int number, long firstSector, long sectorCount, int sectorSize) {
        long sectors = disk.sizeBytes() / sectorSize;
        if (firstSector <= 0 || sectorCount <= 0 || firstSector > sectors || sectorCount > sectors - firstSector) {
            throw disk.problem("partition %d takes %s sectors from %s on, but the image has %d: is it truncated?"
                    .formatted(
                            number, Long.toUnsignedString(sectorCount), Long.toUnsignedString(firstSector), sectors));
        }
    }
}
