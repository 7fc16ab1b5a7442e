package io.javisor.images;

import org.jspecify.annotations.Nullable;

/**
 * What a file, a partition or a disk is, judged by the bytes that each kind has at some place: for the choice of a reader, and for a message that
 * helps. Where a file could be of several kinds it is the first of them.
 */
public enum FileKind {
    EMPTY(Group.PLAIN, "an empty file"),

    ELF(Group.KERNEL, "an ELF image", new Magic(0, "\u007FELF")),
    /** boot.rst, "The Real-Mode Kernel Header": boot_flag and header. Before {@link #EFI_PROGRAM}: an EFI stub is both. */
    BZIMAGE(
            Group.KERNEL,
            "a bzImage (a compressed Linux kernel)",
            new Magic(0x1FE, "U\u00AA", new Magic(0x202, "HdrS"))),
    ARM64_IMAGE(Group.KERNEL, "an arm64 Linux kernel", new Magic(0x38, "ARMd")),

    /** RFC 1952 §2.3: there is one method of compression, 8. */
    GZIP(Group.COMPRESSED, "gzip", new Magic(0, "\u001F\u008B\b")),
    BZIP2(Group.COMPRESSED, "bzip2", new Magic(0, "BZh")),
    XZ(Group.COMPRESSED, "xz", new Magic(0, "\u00FD7zXZ\0")),
    LZMA(Group.COMPRESSED, "lzma", new Magic(0, "]\0\0")),
    /** The frame format and the legacy format. */
    LZ4(Group.COMPRESSED, "LZ4", new Magic(0, "\u0004\"M\u0018"), new Magic(0, "\u0002!L\u0018")),
    LZOP(Group.COMPRESSED, "lzop", new Magic(0, "\u0089LZO\0")),
    ZSTD(Group.COMPRESSED, "zstd", new Magic(0, "(\u00B5/\u00FD")),

    CPIO(Group.ARCHIVE, "a cpio archive, such as an initramfs", new Magic(0, "070701"), new Magic(0, "070702")),
    TAR(Group.ARCHIVE, "a tar archive", new Magic(257, "ustar")),

    QCOW2(Group.DISK_FORMAT, "qcow2", new Magic(0, "QFI\u00FB")),
    QED(Group.DISK_FORMAT, "QED", new Magic(0, "QED\0")),
    /** With its data, its text alone, and a part of its data. */
    VMDK(Group.DISK_FORMAT, "VMDK", new Magic(0, "KDMV"), new Magic(0, "# Disk DescriptorFile"), new Magic(0, "COWD")),
    VDI(Group.DISK_FORMAT, "VDI", new Magic(0x40, "\u007F\u0010\u00DA\u00BE")),
    VHDX(Group.DISK_FORMAT, "VHDX", new Magic(0, "vhdxfile")),
    /** One that grows: it has its footer at the start, too. */
    VHD(Group.DISK_FORMAT, "VHD", new Magic(0, "conectix")),
    PARALLELS(Group.DISK_FORMAT, "Parallels", new Magic(0, "WithoutFreeSpace"), new Magic(0, "WithouFreSpacExt")),

    EXT(Group.VOLUME, "ext2, ext3 or ext4", "an ext2/3/4 filesystem", new Magic(0x438, "S\u00EF")),
    XFS(Group.VOLUME, "XFS", "an XFS filesystem", new Magic(0, "XFSB")),
    BTRFS(Group.VOLUME, "btrfs", "a btrfs filesystem", new Magic(0x1_0040, "_BHRfS_M")),
    FAT(
            Group.VOLUME,
            "FAT",
            "a FAT filesystem",
            new Magic(0x52, "FAT32   "),
            new Magic(0x36, "FAT16   "),
            new Magic(0x36, "FAT12   ")),
    NTFS(Group.VOLUME, "NTFS", "an NTFS filesystem", new Magic(3, "NTFS    ")),
    SQUASHFS(Group.VOLUME, "squashfs", "a squashfs filesystem", new Magic(0, "hsqs")),
    EROFS(Group.VOLUME, "EROFS", "an EROFS filesystem", new Magic(0x400, "\u00E2\u00E1\u00F5\u00E0")),
    F2FS(Group.VOLUME, "F2FS", "an F2FS filesystem", new Magic(0x400, "\u0010 \u00F5\u00F2")),
    LVM(Group.VOLUME, "an LVM volume", new Magic(0x218, "LVM2 001")),
    LUKS(Group.VOLUME, "LUKS encryption", new Magic(0, "LUKS\u00BA\u00BE")),
    /** By a superblock of version 1.2 or 1.1; see {@link #endsAsRaid} for others. */
    RAID(Group.VOLUME, "a RAID member", new Magic(0x1000, FileKind.RAID_MAGIC), new Magic(0, FileKind.RAID_MAGIC)),
    SWAP(Group.VOLUME, "swap", new Magic(0xFF6, "SWAPSPACE2")),
    ISO9660(Group.VOLUME, "an ISO 9660 file system", "an ISO 9660 image", new Magic(0x8001, "CD001")),

    EFI_PROGRAM(Group.PLAIN, "a DOS or EFI program", new Magic(0, "MZ")),
    BOOT_SECTOR(Group.PLAIN, "a disk image with a boot sector", new Magic(0x1FE, "U\u00AA")),
    SCRIPT(Group.PLAIN, "a script", new Magic(0, "#!")),
    TEXT(Group.PLAIN, "text"),
    ZEROS(Group.PLAIN, "nothing but zeros"),
    UNKNOWN(Group.PLAIN, "nothing known", "data of no known kind");

    /** What a kind is for. */
    public enum Group {
        KERNEL("", ""),
        COMPRESSED("", "-compressed data"),
        ARCHIVE("", ""),
        /** Of a virtual disk, other than raw. */
        DISK_FORMAT("a ", " disk image"),
        /** What a partition holds, or a disk without any. */
        VOLUME("", ""),
        PLAIN("", "");

        private final String beforeName;
        private final String afterName;

        Group(String beforeName, String afterName) {
            this.beforeName = beforeName;
            this.afterName = afterName;
        }
    }

    /**
     * Bytes that are there in each file of a kind.
     *
     * @param text a character a byte
     * @param also what has to be there, too
     */
    private record Magic(int offset, String text, @Nullable Magic also) {
        Magic(int offset, String text) {
            this(offset, text, null);
        }

        boolean isIn(ByteSource bytes) {
            int length = text.length();
            return bytes.sizeBytes() >= offset + length
                    && bytes.fields(offset, length).text(0, length).equals(text)
                    && (also == null || also.isIn(bytes));
        }
    }

    private static final String RAID_MAGIC = "\u00FCN+\u00A9";

    private static final int TEXT_SAMPLE_SIZE = 512;

    private final Group group;
    private final String displayName;
    private final String description;

    @SuppressWarnings("ImmutableEnumChecker") // nobody writes to it
    private final Magic[] magics;

    /** A kind whose description follows from its name and its group. */
    FileKind(Group group, String displayName, Magic... magics) {
        this(group, displayName, group.beforeName + displayName + group.afterName, magics);
    }

    FileKind(Group group, String displayName, String description, Magic... magics) {
        this.group = group;
        this.displayName = displayName;
        this.description = description;
        this.magics = magics;
    }

    /** The format's name, or what a disk is said to hold. */
    public String displayName() {
        return displayName;
    }

    /** What a file is said to be: a noun with its article. */
    public String description() {
        return description;
    }

    /** Whether decompression would give another file. */
    public boolean compressed() {
        return group == Group.COMPRESSED;
    }

    /** Judges {@code file} as a whole; throws only if it can't be read. */
    public static FileKind of(ByteSource file) {
        if (file.sizeBytes() == 0) {
            return EMPTY;
        }
        for (FileKind kind : values()) {
            if (kind.isIn(file)) {
                return kind;
            }
        }
        return plain(file);
    }

    /** Which of a group {@code bytes} are, {@link #UNKNOWN} if none; throws only if they can't be read. */
    public static FileKind among(Group group, ByteSource bytes) {
        for (FileKind kind : values()) {
            if (kind.group == group && kind.isIn(bytes)) {
                return kind;
            }
        }
        return UNKNOWN;
    }

    /** Whether it is there, perhaps beside another: an installer's image is made to be several things at once. */
    public boolean isIn(ByteSource bytes) {
        for (Magic magic : magics) {
            if (magic.isIn(bytes)) {
                return true;
            }
        }
        return false;
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
        int length = RAID_MAGIC.length();
        return partition.fields(offset, length).text(0, length).equals(RAID_MAGIC);
    }

    private static FileKind plain(ByteSource file) {
        Fields sample = file.fields(0, (int) Math.min(file.sizeBytes(), TEXT_SAMPLE_SIZE));
        boolean text = true;
        for (int i = 0; i < sample.sizeBytes(); i++) {
            int b = sample.u8(i);
            // Printable ASCII, UTF-8 beyond it, and the usual white space.
            text &= (b >= 0x20 && b != 0x7F) || b == '\t' || b == '\n' || b == '\r' || b == '\f';
        }
        if (text) {
            return TEXT;
        }
        return sample.isZero() ? ZEROS : UNKNOWN;
    }
}
