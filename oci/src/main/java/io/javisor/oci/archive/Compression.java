package io.javisor.oci.archive;

import io.javisor.oci.MediaTypes;
import java.util.HexFormat;

/** How a file is compressed, by its first bytes. */
enum Compression {
    NONE(MediaTypes.OCI_LAYER, "", ""),
    GZIP(MediaTypes.OCI_LAYER_GZIP, "", "1f8b"),
    ZSTD(MediaTypes.OCI_LAYER_ZSTD, "unzstd", "28b52ffd"),
    /** No layer may be so: recognized for the message. */
    BZIP2(MediaTypes.OCI_LAYER, "bunzip2", "425a68"),
    /** No layer may be so: recognized for the message. */
    XZ(MediaTypes.OCI_LAYER, "unxz", "fd377a585a00");

    /** How many of the first bytes {@link #of} looks at. */
    static final int MAGIC_LENGTH = 6;

    private final String layerType;
    private final String program;
    private final String magic;

    Compression(String layerType, String program, String magic) {
        this.layerType = layerType;
        this.program = program;
        this.magic = magic;
    }

    static Compression of(byte[] head) {
        String hex = HexFormat.of().formatHex(head);
        for (Compression each : values()) {
            if (each != NONE && hex.startsWith(each.magic)) {
                return each;
            }
        }
        return NONE;
    }

    /** The media type of a layer that is compressed in this way. */
    String layerType() {
        return layerType;
    }

    /** What decompresses a whole archive; empty if it is done here. */
    String program() {
        return program;
    }
}
