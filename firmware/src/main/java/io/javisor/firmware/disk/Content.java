package io.javisor.firmware.disk;

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
    SWAP("swap", 0xFF6, "SWAPSPACE2"),
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
                .filter(content -> content.matches(partition))
                .findFirst()
                .orElse(UNKNOWN);
    }

    private boolean matches(ByteSource partition) {
        int length = magic.length();
        return partition.sizeBytes() >= offset + length
                && partition.fields(offset, length).text(0, length).equals(magic);
    }
}
