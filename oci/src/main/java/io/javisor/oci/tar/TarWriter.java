package io.javisor.oci.tar;

import static io.javisor.oci.tar.TarLayout.*;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes a tar archive: ustar, with an extended header before what does not fit there. The same entries give the same bytes. It does not close the stream. Not for several threads.
 */
public final class TarWriter {
    private static final long OCTAL_7_MAX = 07_777_777;
    private static final long OCTAL_11_MAX = 077_777_777_777L;
    private static final int HEADER_MODE = 0644;

    private final OutputStream out;
    private final byte[] block = new byte[BLOCK_SIZE];
    private long remaining;
    private int padding;

    public TarWriter(OutputStream out) {
        this.out = out;
    }

    /** Begins a file of root's, 0644, of 1970; its bytes follow by {@link #write}. */
    public void file(String path, long sizeBytes) throws IOException {
        entry(TarEntry.file(path, sizeBytes));
    }

    /** Writes a directory of root's, 0755, of 1970. */
    public void directory(String path) throws IOException {
        entry(TarEntry.directory(path));
    }

    /**
     * Begins an entry; if it has a size, its bytes follow by {@link #write}, without holes.
     *
     * @throws IOException if the stream fails
     * @throws IllegalStateException if bytes of the last entry are missing
     * @throws IllegalArgumentException if a name is empty or holds a NUL, or a number is negative that can't be
     */
    public void entry(TarEntry entry) throws IOException {
        check(entry);
        endEntry();
        boolean slash = entry.type() == TarEntry.Type.DIRECTORY && !entry.path().endsWith("/");
        String path = slash ? entry.path() + "/" : entry.path();
        SortedMap<String, String> records = records(entry, path);
        if (!records.isEmpty()) {
            byte[] data = encode(records);
            header("PaxHeaders/" + tail(entry.path()), 'x', HEADER_MODE, 0, 0, data.length, 0, "", 0, 0);
            out.write(data);
            pad(data.length);
        }
        header(
                path,
                typeFlag(entry.type()),
                entry.mode(),
                fitting(Integer.toUnsignedLong(entry.uid()), OCTAL_7_MAX),
                fitting(Integer.toUnsignedLong(entry.gid()), OCTAL_7_MAX),
                fitting(entry.sizeBytes(), OCTAL_11_MAX),
                fitting(entry.mtimeSeconds(), OCTAL_11_MAX),
                entry.target(),
                entry.major(),
                entry.minor());
        remaining = entry.sizeBytes();
        padding = (int) (-remaining & (BLOCK_SIZE - 1));
    }

    private static void check(TarEntry entry) {
        if (entry.path().isEmpty()
                || entry.path().indexOf('\0') >= 0
                || entry.target().indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a name of an entry");
        }
        if (entry.sizeBytes() < 0
                || (entry.major() & ~OCTAL_7_MAX) != 0
                || (entry.minor() & ~OCTAL_7_MAX) != 0
                || (entry.sizeBytes() > 0
                        && entry.type() != TarEntry.Type.FILE
                        && entry.type() != TarEntry.Type.HARD_LINK)) {
            throw new IllegalArgumentException("a number of " + entry.path());
        }
    }

    private static char typeFlag(TarEntry.Type type) {
        return switch (type) {
            case FILE -> '0';
            case HARD_LINK -> '1';
            case SYMLINK -> '2';
            case CHARACTER_DEVICE -> '3';
            case BLOCK_DEVICE -> '4';
            case DIRECTORY -> '5';
            case FIFO -> '6';
        };
    }

    /** What of it a header has no place for; sorted, so that it is the same each time. */
    private static SortedMap<String, String> records(TarEntry entry, String path) {
        SortedMap<String, String> records = new TreeMap<>();
        if (path.length() > NAME_SIZE && prefixLength(path) < 0) {
            records.put("path", path);
        }
        if (entry.target().length() > TARGET_SIZE) {
            records.put("linkpath", entry.target());
        }
        // A hard link's content counts only if this says how long it is.
        if (entry.sizeBytes() > OCTAL_11_MAX || (entry.type() == TarEntry.Type.HARD_LINK && entry.sizeBytes() > 0)) {
            records.put("size", Long.toString(entry.sizeBytes()));
        }
        if (Integer.toUnsignedLong(entry.uid()) > OCTAL_7_MAX) {
            records.put("uid", Integer.toUnsignedString(entry.uid()));
        }
        if (Integer.toUnsignedLong(entry.gid()) > OCTAL_7_MAX) {
            records.put("gid", Integer.toUnsignedString(entry.gid()));
        }
        if (entry.mtimeNanos() != 0 || entry.mtimeSeconds() < 0 || entry.mtimeSeconds() > OCTAL_11_MAX) {
            records.put("mtime", time(entry.mtimeSeconds(), entry.mtimeNanos()));
        }
        entry.xattrs().forEach((name, value) -> records.put(PAX_XATTR + name, value));
        return records;
    }

    private static String time(long seconds, int nanos) {
        boolean negative = seconds < 0;
        long whole = negative && nanos != 0 ? -(seconds + 1) : Math.abs(seconds);
        int fraction = negative && nanos != 0 ? 1_000_000_000 - nanos : nanos;
        return (negative ? "-" : "") + whole + (fraction == 0 ? "" : ".%09d".formatted(fraction));
    }

    private static byte[] encode(SortedMap<String, String> records) {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        records.forEach((key, value) -> {
            int rest = key.length() + value.length() + 3; // A space, an equals sign, a line's end.
            int length = rest + Integer.toString(rest).length();
            if (Integer.toString(length).length() != Integer.toString(rest).length()) {
                length = rest + Integer.toString(length).length();
            }
            data.writeBytes((length + " " + key + "=" + value + "\n").getBytes(StandardCharsets.ISO_8859_1));
        });
        return data.toByteArray();
    }

    private static long fitting(long value, long max) {
        return value >= 0 && value <= max ? value : 0;
    }

    /** The last bytes of a path, which fit behind the name of an extended header's directory. */
    private static String tail(String path) {
        int length = NAME_SIZE - "PaxHeaders/".length();
        return path.length() <= length ? path : path.substring(path.length() - length);
    }

    /** How much of a path that is too long goes into the prefix, without the slash behind it; -1 if it does not fit so. */
    private static int prefixLength(String path) {
        int slash = path.indexOf('/', Math.max(path.length() - NAME_SIZE - 1, 1));
        return slash < 0 || slash > PREFIX_SIZE || slash == path.length() - 1 ? -1 : slash;
    }

    private void header(
            String path,
            char type,
            int mode,
            long uid,
            long gid,
            long size,
            long mtime,
            String target,
            int major,
            int minor)
            throws IOException {
        Arrays.fill(block, (byte) 0);
        int prefix = path.length() > NAME_SIZE ? prefixLength(path) : -1;
        text(NAME_OFFSET, NAME_SIZE, path.substring(prefix + 1));
        text(PREFIX_OFFSET, PREFIX_SIZE, prefix < 0 ? "" : path.substring(0, prefix));
        octal(MODE_OFFSET, ID_SIZE, mode);
        octal(UID_OFFSET, ID_SIZE, uid);
        octal(GID_OFFSET, ID_SIZE, gid);
        octal(SIZE_OFFSET, NUMBER_SIZE, size);
        octal(MTIME_OFFSET, NUMBER_SIZE, mtime);
        block[TYPE_OFFSET] = (byte) type;
        text(TARGET_OFFSET, TARGET_SIZE, target);
        text(MAGIC_OFFSET, BLOCK_SIZE - MAGIC_OFFSET, USTAR_MAGIC + USTAR_VERSION);
        octal(MAJOR_OFFSET, ID_SIZE, major);
        octal(MINOR_OFFSET, ID_SIZE, minor);
        Arrays.fill(block, CHECKSUM_OFFSET, CHECKSUM_OFFSET + CHECKSUM_SIZE, (byte) ' ');
        int sum = 0;
        for (byte each : block) {
            sum += each & 0xFF;
        }
        octal(CHECKSUM_OFFSET, CHECKSUM_SIZE - 1, sum);
        out.write(block);
    }

    private void text(int offset, int size, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(bytes, 0, block, offset, Math.min(bytes.length, size));
    }

    private void octal(int offset, int size, long value) {
        text(offset, size, "0".repeat(size));
        String digits = Long.toOctalString(value);
        text(offset + size - 1 - digits.length(), digits.length(), digits);
        block[offset + size - 1] = 0;
    }

    /** Writes bytes of the entry that was begun last; not more than its size. */
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (length > remaining) {
            throw new IllegalStateException(length + " bytes where " + remaining + " are left of an entry");
        }
        out.write(bytes, offset, length);
        remaining -= length;
    }

    /** Writes the archive's end. */
    public void finish() throws IOException {
        endEntry();
        out.write(new byte[2 * BLOCK_SIZE]);
    }

    private void endEntry() throws IOException {
        if (remaining > 0) {
            throw new IllegalStateException(remaining + " bytes of an entry are missing");
        }
        out.write(new byte[padding]);
        padding = 0;
    }

    private void pad(int length) throws IOException {
        out.write(new byte[-length & (BLOCK_SIZE - 1)]);
    }
}
