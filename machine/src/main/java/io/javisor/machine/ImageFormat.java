package io.javisor.machine;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What a disk's image may be by mistake: another format than raw, or packed. Known by what it begins with. */
enum ImageFormat {
    QCOW2("qcow2", null, 0, "QFI\u00fb"),
    QED("QED", null, 0, "QED\0"),
    VMDK("VMDK", null, 0, "KDMV"),
    VMDK_DESCRIPTOR("VMDK", null, 0, "# Disk DescriptorFile"),
    VMDK_SPARSE_EXTENT("VMDK", null, 0, "COWD"),
    VDI("VDI", null, 0x40, "\u007f\u0010\u00da\u00be"),
    VHDX("VHDX", null, 0, "vhdxfile"),
    /** One that grows: it has its footer at the start, too. */
    VHD("VHD", null, 0, "conectix"),
    PARALLELS("Parallels", null, 0, "WithoutFreeSpace"),
    PARALLELS_EXTENDED("Parallels", null, 0, "WithouFreSpacExt"),
    XZ("xz", "xz -dk", 0, "\u00fd7zXZ\0"),
    GZIP("gzip", "gzip -dk", 0, "\u001f\u008b\b"),
    ZSTD("zstd", "zstd -d", 0, "(\u00b5/\u00fd"),
    BZIP2("bzip2", "bzip2 -dk", 0, "BZh");

    /** What {@link #of} looks at, in bytes. */
    static final int PREFIX_SIZE = 512;

    private final String formatName;
    private final @Nullable String unpacker;
    private final int offset;
    private final String magic;

    ImageFormat(String formatName, @Nullable String unpacker, int offset, String magic) {
        this.formatName = formatName;
        this.unpacker = unpacker;
        this.offset = offset;
        this.magic = magic;
    }

    /**
     * Tells the format.
     *
     * @param prefix the file's first {@link #PREFIX_SIZE} bytes, or fewer if it has fewer
     * @return null for none that is known, which a raw image is
     */
    static @Nullable ImageFormat of(MemorySegment prefix) {
        String text = new String(prefix.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
        for (ImageFormat format : values()) {
            if (text.startsWith(format.magic, format.offset)) {
                return format;
            }
        }
        return null;
    }

    /** A packed file may be meant for the guest as it is; an image in another format only if the guest is to overwrite what makes it one. */
    boolean isPacked() {
        return unpacker != null;
    }

    /** What is wrong and what to do, to follow the disk's name. */
    String complaint(Path path) {
        if (unpacker != null) {
            return "is packed with " + formatName + ", not a raw image; unpack it: " + unpacker + " " + path;
        }
        String text = path.toString();
        int dot = text.lastIndexOf('.');
        String stem = dot > text.lastIndexOf('/') + 1 ? text.substring(0, dot) : text;
        return "is a " + formatName + " image, not a raw one; convert it (package qemu-utils): qemu-img convert -O raw "
                + path + " " + stem + ".raw";
    }
}
