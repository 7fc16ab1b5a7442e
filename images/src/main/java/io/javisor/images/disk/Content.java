package io.javisor.images.disk;

import io.javisor.images.ByteSource;
import java.util.Arrays;

/** What a partition holds, judged by its magic numbers: for the choice of a reader, and for a message that helps. */
public enum Content {
    EXT("ext2, ext3 or ext4", 0x438, "S\u00EF"),
    XFS("XFS", 0, "XFSB"),
    BTRFS("btrfs", 0x1_0040, "_BHRfS_M"),
    FAT32("FAT", 0x52, "FAT32   "),
    FAT16("FAT", 0x36, "FAT16   "),
    FAT12("FAT", 0x36, "FAT12   "),
    NTFS("NTFS", 3, "NTFS    "),
    SQUASHFS("squashfs", 0, "hsqs"),
    EROFS("EROFS", 0x400, "\u00E2\u00E1\u00F5\u00E0"),
    F2FS("F2FS", 0x400, "\u0010 \u00F5\u00F2"),
    LVM("an LVM volume", 0x218, "LVM2 001"),
    LUKS("LUKS encryption", 0, "LUKS\u00BA\u00BE"),
    RAID("a RAID member", 0x1000, "\u00FCN+\u00A9"),
    RAID_1_1("a RAID member", 0, "\u00FCN+\u00A9"),
    SWAP("swap", 0xFF6, "SWAPSPACE2"),
    ISO9660("an ISO 9660 file system", 0x8001, "CD001"),
    UNKNOWN("nothing known", 0, "");

    private final String description;
    private final int offset;

    /** A character a byte. */
    private final String magic;

    Content(String description, int offset, String magic) {
        this.description = description;
        this.offset = offset;
        this.magic = magic;
    }

    /** A noun. */
    public String description() {
        return description;
    }

    /** Judges {@code partition}; throws only if it can't be read. */
    public static Content of(ByteSource partition) {
        return Arrays.stream(values())
                .filter(content -> content.isOn(partition))
                .findFirst()
                .orElse(UNKNOWN);
    }

    /**
     * Whether it is a member of Linux's RAID by a superblock that leaves the start to a file system: version 0.90 or 1.0, near the end
     * (md(4)).
     */
    public static boolean endsAsRaid(ByteSource partition) {
        long size = partition.sizeBytes();
        return size >= 0x1_0000
                && (isRaid(partition, (size - 0x2000) & -0x1000) || isRaid(partition, (size & -0x1_0000) - 0x1_0000));
    }

    private static boolean isRaid(ByteSource partition, long offset) {
        return partition
                .fields(offset, RAID.magic.length())
                .text(0, RAID.magic.length())
                .equals(RAID.magic);
    }

    /** Whether it is there, perhaps beside another: an installer's image is made to be several things at once. */
    public boolean isOn(ByteSource partition) {
        int length = magic.length();
        return partition.sizeBytes() >= offset + length
                && partition.fields(offset, length).text(0, length).equals(magic);
    }
}
