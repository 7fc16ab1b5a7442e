package io.javisor.firmware.image;

import io.javisor.images.ImageFile;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The compressions that a Linux kernel's build can be configured for ({@code KERNEL_GZIP} and so on, init/Kconfig). */
public enum PayloadFormat {
    GZIP("gzip", "\u001F\u008B"),
    BZIP2("bzip2", "BZh"),
    /** The "alone" format of {@code lzma -9}: lc=3 lp=0 pb=2, and a dictionary of 64 KiB or more. */
    LZMA("lzma", "]\0\0"),
    XZ("xz", "\u00FD7zXZ\0"),
    /** The legacy frame of {@code lz4 -l}; the kernel makes no other. */
    LZ4("LZ4", "\u0002!L\u0018"),
    /** Known by name only: no kept library decodes what {@code lzop -9} makes. */
    LZO("lzop", "\u0089LZO\0"),
    ZSTD("zstd", "(\u00B5/\u00FD");

    private final String displayName;
    /** One byte a character. */
    private final String magic;

    PayloadFormat(String displayName, String magic) {
        this.displayName = displayName;
        this.magic = magic;
    }

    /** The name as its tool writes it. */
    public String displayName() {
        return displayName;
    }

    PayloadDecoder decoder() {
        return switch (this) {
            case GZIP -> new GzipDecoder();
            case BZIP2 -> new Bzip2Decoder();
            case LZMA -> new LzmaDecoder();
            case XZ -> new XzDecoder();
            case LZ4 -> new Lz4LegacyDecoder();
            case LZO ->
                (_, _, _) -> {
                    throw new IOException("LZO is not supported on the host");
                };
            case ZSTD -> new ZstdDecoder();
        };
    }

    /**
     * Whether the kernel's build appends the decompressed size behind the compressed data (size_append, scripts/Makefile.lib). Gzip
     * has it as the last field of its own trailer instead; either way it is the payload's last four bytes.
     */
    boolean sizeAppended() {
        return this != GZIP;
    }

    /** The format of the {@code length} bytes at {@code offset}, which are in the file, by the first of them; null if it is none of these. */
    public static @Nullable PayloadFormat of(ImageFile file, long offset, long length) {
        for (PayloadFormat format : values()) {
            if (length >= format.magic.length() && format.matches(file, offset)) {
                return format;
            }
        }
        return null;
    }

    private boolean matches(ImageFile file, long offset) {
        for (int i = 0; i < magic.length(); i++) {
            if (file.u8(offset + i) != magic.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
