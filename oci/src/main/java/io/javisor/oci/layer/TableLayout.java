package io.javisor.oci.layer;

import java.util.Map;

/**
 * A table's file, little-endian: a header, then entries. Each entry: kind (u8), mode (u16), uid, gid (u32), mtime in seconds (s64) and nanoseconds (u32), size, first block (u64), major,
 * minor (u32), path and target (each u16 of length and bytes), number of extended attributes (u16), and for each its name (u8 of length and bytes) and its value (u16 of length and bytes).
 */
final class TableLayout {
    static final long MAGIC = 0x656C_6261_5474_766AL; // "jvtTable"
    static final int VERSION = 1;

    static final int MAGIC_OFFSET = 0;
    static final int VERSION_OFFSET = 8;
    static final int COUNT_OFFSET = 12;
    static final int DATA_BLOCKS_OFFSET = 16;
    static final int PAYLOAD_SIZE_OFFSET = 24;

    /** CRC32C of the entries. */
    static final int PAYLOAD_CHECKSUM_OFFSET = 32;

    /** CRC32C of the header's bytes before this. */
    static final int HEADER_CHECKSUM_OFFSET = 36;

    static final int HEADER_SIZE = 40;

    static final int FIXED_SIZE = 1 + 2 + 4 + 4 + 8 + 4 + 8 + 8 + 4 + 4 + 2 + 2 + 2;
    static final int XATTR_FIXED_SIZE = 1 + 2;

    private TableLayout() {}

    /** How many bytes an entry takes. */
    static int sizeBytes(LayerEntry entry) {
        int size = FIXED_SIZE + entry.path().length() + entry.target().length();
        for (Map.Entry<String, String> xattr : entry.attributes().xattrs().entrySet()) {
            size += XATTR_FIXED_SIZE
                    + xattr.getKey().length()
                    + xattr.getValue().length();
        }
        return size;
    }
}
