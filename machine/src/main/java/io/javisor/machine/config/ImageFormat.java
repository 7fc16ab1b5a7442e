package io.javisor.machine.config;

import io.javisor.images.ByteSource;
import io.javisor.images.FileKind;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a disk's image is by mistake: another format than raw, or packed.
 *
 * @param unpacker the command; null if it is not packed
 */
public record ImageFormat(FileKind kind, @Nullable String unpacker) {
    /** What {@link #of} looks at, in bytes. */
    public static final int PREFIX_SIZE = 512;

    /**
     * Tells the format.
     *
     * @param prefix the file's first {@link #PREFIX_SIZE} bytes, or fewer if it has fewer
     * @return null for none that is known, which a raw image is
     */
    public static @Nullable ImageFormat of(ByteSource prefix) {
        FileKind format = FileKind.among(FileKind.Group.DISK_FORMAT, prefix);
        if (format != FileKind.UNKNOWN) {
            return new ImageFormat(format, null);
        }
        FileKind packed = FileKind.among(FileKind.Group.COMPRESSED, prefix);
        String unpacker = unpacker(packed);
        return unpacker == null ? null : new ImageFormat(packed, unpacker);
    }

    /** Those in which images are handed on; what is taken for another may be raw all the same. */
    private static @Nullable String unpacker(FileKind packed) {
        return switch (packed) {
            case XZ -> "xz -dk";
            case GZIP -> "gzip -dk";
            case ZSTD -> "zstd -d";
            case BZIP2 -> "bzip2 -dk";
            default -> null;
        };
    }

    /** A packed file may be meant for the guest as it is; an image in another format only if the guest is to overwrite what makes it one. */
    public boolean isPacked() {
        return unpacker != null;
    }

    /** What is wrong and what to do, to follow the disk's name. */
    public String complaint(Path path) {
        if (unpacker != null) {
            return "is packed with " + kind.displayName() + ", not a raw image; unpack it: " + unpacker + " " + path;
        }
        String text = path.toString();
        int dot = text.lastIndexOf('.');
        String stem = dot > text.lastIndexOf('/') + 1 ? text.substring(0, dot) : text;
        return "is a " + kind.displayName()
                + " image, not a raw one; convert it (package qemu-utils): qemu-img convert -O raw " + path + " " + stem
                + ".raw";
    }
}
