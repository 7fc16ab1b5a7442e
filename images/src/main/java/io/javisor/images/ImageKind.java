package io.javisor.images;

/** What a file is, judged by its first bytes; for a message that helps, and for the choice of a loader. */
public enum ImageKind {
    EMPTY("an empty file"),
    ELF("an ELF image"),
    BZIMAGE("a bzImage (a compressed Linux kernel)"),
    ARM64_IMAGE("an arm64 Linux kernel"),
    GZIP("gzip-compressed data", true),
    BZIP2("bzip2-compressed data", true),
    XZ("xz-compressed data", true),
    LZMA("lzma-compressed data", true),
    LZ4("LZ4-compressed data", true),
    LZOP("lzop-compressed data", true),
    ZSTD("zstd-compressed data", true),
    CPIO("a cpio archive, such as an initramfs"),
    TAR("a tar archive"),
    EXT_FILESYSTEM("an ext2/3/4 filesystem"),
    SQUASHFS("a squashfs filesystem"),
    QCOW2("a qcow2 disk image"),
    ISO9660("an ISO 9660 image"),
    EFI_PROGRAM("a DOS or EFI program"),
    BOOT_SECTOR("a disk image with a boot sector"),
    SCRIPT("a script"),
    TEXT("text"),
    ZEROS("nothing but zeros"),
    UNKNOWN("data of no known kind");

    private static final int TEXT_SAMPLE_SIZE = 512;

    private final String description;
    private final boolean compressed;

    ImageKind(String description) {
        this(description, false);
    }

    ImageKind(String description, boolean compressed) {
        this.description = description;
        this.compressed = compressed;
    }

    /** A noun phrase, with its article. */
    public String description() {
        return description;
    }

    /** Whether decompression would give another file. */
    public boolean compressed() {
        return compressed;
    }

    /** Judges {@code file} by its content; never throws. */
    public static ImageKind of(ImageFile file) {
        if (file.sizeBytes() == 0) {
            return EMPTY;
        }
        if (file.matches(0, 0x7F, 'E', 'L', 'F')) {
            return ELF;
        }
        // boot.rst, "The Real-Mode Kernel Header": boot_flag at 0x1FE, "HdrS" at 0x202. Before MZ: an EFI stub has
        // both.
        if (file.matches(0x1FE, 0x55, 0xAA) && file.matches(0x202, 'H', 'd', 'r', 'S')) {
            return BZIMAGE;
        }
        if (file.matches(0x38, 'A', 'R', 'M', 0x64)) {
            return ARM64_IMAGE;
        }
        ImageKind compression = compression(file);
        if (compression != UNKNOWN) {
            return compression;
        }
        ImageKind container = container(file);
        return container != UNKNOWN ? container : plain(file);
    }

    private static ImageKind compression(ImageFile file) {
        if (file.matches(0, 0x1F, 0x8B)) {
            return GZIP;
        }
        if (file.matches(0, 'B', 'Z', 'h')) {
            return BZIP2;
        }
        if (file.matches(0, 0xFD, '7', 'z', 'X', 'Z', 0)) {
            return XZ;
        }
        if (file.matches(0, 0x5D, 0, 0)) {
            return LZMA;
        }
        // The frame format and the legacy format.
        if (file.matches(0, 0x04, 0x22, 0x4D, 0x18) || file.matches(0, 0x02, 0x21, 0x4C, 0x18)) {
            return LZ4;
        }
        if (file.matches(0, 0x89, 'L', 'Z', 'O', 0)) {
            return LZOP;
        }
        return file.matches(0, 0x28, 0xB5, 0x2F, 0xFD) ? ZSTD : UNKNOWN;
    }

    private static ImageKind container(ImageFile file) {
        if (file.matches(0, '0', '7', '0', '7', '0', '1') || file.matches(0, '0', '7', '0', '7', '0', '2')) {
            return CPIO;
        }
        if (file.matches(257, 'u', 's', 't', 'a', 'r')) {
            return TAR;
        }
        if (file.matches(0, 'Q', 'F', 'I', 0xFB)) {
            return QCOW2;
        }
        if (file.matches(0, 'h', 's', 'q', 's')) {
            return SQUASHFS;
        }
        if (file.matches(0x438, 0x53, 0xEF)) {
            return EXT_FILESYSTEM;
        }
        if (file.matches(0x8001, 'C', 'D', '0', '0', '1')) {
            return ISO9660;
        }
        if (file.matches(0, 'M', 'Z')) {
            return EFI_PROGRAM;
        }
        return file.matches(0x1FE, 0x55, 0xAA) ? BOOT_SECTOR : UNKNOWN;
    }

    private static ImageKind plain(ImageFile file) {
        if (file.matches(0, '#', '!')) {
            return SCRIPT;
        }
        long sample = Math.min(file.sizeBytes(), TEXT_SAMPLE_SIZE);
        boolean text = true;
        boolean zeros = true;
        for (long i = 0; i < sample; i++) {
            int b = file.u8(i);
            // Printable ASCII, UTF-8 beyond it, and the usual white space.
            text &= (b >= 0x20 && b != 0x7F) || b == '\t' || b == '\n' || b == '\r' || b == '\f';
            zeros &= b == 0;
        }
        if (text) {
            return TEXT;
        }
        return zeros ? ZEROS : UNKNOWN;
    }
}
