package io.javisor.oci.layer;

import io.javisor.images.erofs.ErofsAttributes;
import org.jspecify.annotations.Nullable;

/**
 * What a layer adds or hides at one path.
 *
 * @param path bytes as an ISO 8859-1 string: names joined by single slashes, none of them {@code .} or {@code ..}; empty for the root. Of a whiteout: what it hides.
 * @param attributes without meaning for whiteouts and hard links
 * @param sizeBytes of a file, or of a hard link that comes with the content of its target; 0 for others
 * @param firstBlock of 4 KiB in the layer's data, where the content starts; 0 without content
 * @param target of a symbolic link, 1 to 4095 bytes as they are; of a hard link, a path as {@code path}; empty for others
 * @param major of a device, 0 to 4095
 * @param minor of a device, 0 to 0xFFFFF
 */
public record LayerEntry(
        String path,
        Kind kind,
        ErofsAttributes attributes,
        long sizeBytes,
        long firstBlock,
        String target,
        int major,
        int minor) {
    static final int MAJOR_MAX = 0xFFF;
    static final int MINOR_MAX = 0xF_FFFF;

    /** How many blocks the content takes. */
    long blocks() {
        return Math.ceilDiv(sizeBytes, (long) LayerPass.BLOCK_SIZE);
    }

    /** What it is. */
    public enum Kind {
        FILE(0),
        DIRECTORY(1),
        SYMLINK(2),
        HARD_LINK(3),
        CHARACTER_DEVICE(4),
        BLOCK_DEVICE(5),
        FIFO(6),
        /** What layers below have at this path is not there. */
        WHITEOUT(7),
        /** What layers below have in this directory is not there. */
        OPAQUE(8);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        /** Its number in a table's file. */
        int code() {
            return code;
        }

        /** That of a number; null if there is none. */
        static @Nullable Kind ofCode(int code) {
            for (Kind kind : values()) {
                if (kind.code == code) {
                    return kind;
                }
            }
            return null;
        }
    }
}
