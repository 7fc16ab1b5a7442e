package io.javisor.oci.tar;

import static io.javisor.oci.tar.TarLayout.*;

import java.nio.charset.StandardCharsets;

/** One header block, which says what comes next. It looks at the block of bytes that it is given. */
final class TarHeader {
    private final byte[] block;

    TarHeader(byte[] block) {
        this.block = block;
    }

    boolean isZero() {
        for (byte each : block) {
            if (each != 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether the sum of its bytes is what it says: of unsigned ones, or, as Sun and others had it, of signed ones. The sum's own field counts as spaces. */
    boolean checksumFits() {
        int unsigned = 0;
        int signed = 0;
        for (int i = 0; i < BLOCK_SIZE; i++) {
            byte each = i >= CHECKSUM_OFFSET && i < CHECKSUM_OFFSET + CHECKSUM_SIZE ? (byte) ' ' : block[i];
            unsigned += each & 0xFF;
            signed += each;
        }
        try {
            long said = TarNumbers.field(block, CHECKSUM_OFFSET, CHECKSUM_SIZE, "checksum");
            return said == unsigned || said == signed;
        } catch (TarSyntaxException _) {
            return false;
        }
    }

    char type() {
        return (char) (block[TYPE_OFFSET] & 0xFF);
    }

    /** At least 0. */
    long sizeBytes() throws TarSyntaxException {
        return size(SIZE_OFFSET);
    }

    /** That of a sparse file of GNU's old kind, holes included. */
    long gnuRealSizeBytes() throws TarSyntaxException {
        return size(GNU_REAL_SIZE_OFFSET);
    }

    private long size(int offset) throws TarSyntaxException {
        long size = TarNumbers.field(block, offset, NUMBER_SIZE, "size");
        if (size < 0) {
            throw new TarSyntaxException("its size is negative");
        }
        return size;
    }

    int mode() throws TarSyntaxException {
        return (int) TarNumbers.field(block, MODE_OFFSET, ID_SIZE, "mode") & 07777;
    }

    long uid() throws TarSyntaxException {
        return TarNumbers.field(block, UID_OFFSET, ID_SIZE, "uid");
    }

    long gid() throws TarSyntaxException {
        return TarNumbers.field(block, GID_OFFSET, ID_SIZE, "gid");
    }

    TarNumbers.Time mtime() throws TarSyntaxException {
        return new TarNumbers.Time(TarNumbers.field(block, MTIME_OFFSET, NUMBER_SIZE, "mtime"), 0);
    }

    /** A device's, which archives of Version 7 don't have. */
    long major() throws TarSyntaxException {
        return isUstar() || isGnu() ? TarNumbers.field(block, MAJOR_OFFSET, ID_SIZE, "device number") : 0;
    }

    long minor() throws TarSyntaxException {
        return isUstar() || isGnu() ? TarNumbers.field(block, MINOR_OFFSET, ID_SIZE, "device number") : 0;
    }

    String target() {
        return text(TARGET_OFFSET, TARGET_SIZE);
    }

    String path() {
        String name = text(NAME_OFFSET, NAME_SIZE);
        String prefix = "";
        if (isUstar()) {
            prefix = text(PREFIX_OFFSET, is(STAR_MAGIC, STAR_MAGIC_OFFSET) ? STAR_PREFIX_SIZE : PREFIX_SIZE);
        } else if (isGnu() && !hasGnuTimes()) {
            prefix = text(PREFIX_OFFSET, PREFIX_SIZE);
        }
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    /** Whether times are where others have a prefix. Go's writer, until 1.8, put a prefix there too (golang/go#12594), and layers that it wrote are about. */
    private boolean hasGnuTimes() {
        try {
            long _ = TarNumbers.field(block, GNU_ATIME_OFFSET, NUMBER_SIZE, "atime");
            long _ = TarNumbers.field(block, GNU_CTIME_OFFSET, NUMBER_SIZE, "ctime");
            return true;
        } catch (TarSyntaxException _) {
            return false;
        }
    }

    private boolean isUstar() {
        return is(USTAR_MAGIC, MAGIC_OFFSET);
    }

    private boolean isGnu() {
        return is(GNU_MAGIC, MAGIC_OFFSET);
    }

    private boolean is(String magic, int offset) {
        return new String(block, offset, magic.length(), StandardCharsets.ISO_8859_1).equals(magic);
    }

    private String text(int offset, int size) {
        int end = offset;
        while (end < offset + size && block[end] != 0) {
            end++;
        }
        return new String(block, offset, end - offset, StandardCharsets.ISO_8859_1);
    }
}
