package io.javisor.oci.tar;

import static io.javisor.oci.tar.TarLayout.*;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes an entry of its header and of those before it that extend it. */
final class EntryBuilder {
    private static final String PATH = "path";
    private static final String LINKPATH = "linkpath";
    private static final String SIZE = "size";
    private static final String UID = "uid";
    private static final String GID = "gid";
    private static final String MTIME = "mtime";
    private static final String SPARSE = "GNU.sparse.";

    /** The number above is none of an owner to Linux (INVALID_UID). */
    private static final long ID_MAX = 0xFFFF_FFFEL;

    private final TarInput input;
    private final byte[] block;
    private final TarHeader header;
    private final PaxRecords globals = new PaxRecords();
    private SparseMap pieces = SparseMap.whole(0);
    private @Nullable String longPath;
    private @Nullable String longTarget;
    private @Nullable PaxRecords records;

    /** @param block where the reader puts headers */
    EntryBuilder(TarInput input, byte[] block) {
        this.input = input;
        this.block = block;
        header = new TarHeader(block);
    }

    /** Forgets what was said of the last entry. */
    void reset() {
        longPath = null;
        longTarget = null;
        records = null;
    }

    /** Whether something was said of an entry that has not come. */
    boolean isBegun() {
        return longPath != null || longTarget != null || records != null;
    }

    /** The pieces that the archive has of the entry that was made last. */
    SparseMap pieces() {
        return pieces;
    }

    /** GNU tar's long name: it ends with a NUL. */
    void longPath(byte[] name) {
        longPath = text(name);
    }

    void longTarget(byte[] name) {
        longTarget = text(name);
    }

    private static String text(byte[] name) {
        String text = new String(name, StandardCharsets.ISO_8859_1);
        int end = text.indexOf('\0');
        return end < 0 ? text : text.substring(0, end);
    }

    /** What pax says of one entry. */
    void extend(byte[] data) throws TarSyntaxException {
        records = new PaxRecords();
        records.add(data);
    }

    /** What pax says of all entries: owners and times are kept of it, and one name or size for all is refused. */
    void extendAll(byte[] data) throws TarSyntaxException {
        PaxRecords said = new PaxRecords();
        said.add(data);
        if (said.says(PATH) || said.says(LINKPATH) || said.says(SIZE) || said.saysAny(SPARSE)) {
            throw new TarSyntaxException("a global header that gives all files one name or size");
        }
        globals.replace(said, UID);
        globals.replace(said, GID);
        globals.replace(said, MTIME);
    }

    /** Makes the entry of the header that is in the block; its content, if there is any, comes next. */
    TarEntry make() throws IOException, TarSyntaxException {
        String path = path();
        TarEntry.Type type = type(path);
        boolean link = type == TarEntry.Type.HARD_LINK || type == TarEntry.Type.SYMLINK;
        boolean device = type == TarEntry.Type.CHARACTER_DEVICE || type == TarEntry.Type.BLOCK_DEVICE;
        String target = link ? name(extended(LINKPATH, longTarget, header.target()), "link's target") : "";
        String mtimeText = value(MTIME);
        TarNumbers.Time mtime = mtimeText == null ? header.mtime() : TarNumbers.time(mtimeText);
        int mode = header.mode();
        int uid = id(UID, header.uid());
        int gid = id(GID, header.gid());
        int major = device ? deviceNumber(header.major()) : 0;
        int minor = device ? deviceNumber(header.minor()) : 0;
        Map<String, String> xattrs = records == null ? Map.of() : records.xattrs();
        // The last, as it reads on, over the header.
        long size = content(type);
        return new TarEntry(
                path, type, mode, uid, gid, mtime.seconds(), mtime.nanos(), xattrs, size, target, major, minor);
    }

    private TarEntry.Type type(String path) throws TarSyntaxException {
        return switch (header.type()) {
            // Archives of Version 7 have no other directories.
            case '\0', '0' -> path.endsWith("/") ? TarEntry.Type.DIRECTORY : TarEntry.Type.FILE;
            case '7', 'S' -> TarEntry.Type.FILE;
            case '1' -> TarEntry.Type.HARD_LINK;
            case '2' -> TarEntry.Type.SYMLINK;
            case '3' -> TarEntry.Type.CHARACTER_DEVICE;
            case '4' -> TarEntry.Type.BLOCK_DEVICE;
            case '5', 'D' -> TarEntry.Type.DIRECTORY;
            case '6' -> TarEntry.Type.FIFO;
            default ->
                throw new TarSyntaxException("a file of type %s, which is none that there is"
                        .formatted(
                                header.type() > ' ' && header.type() < 0x7F
                                        ? "'" + header.type() + "'"
                                        : Integer.toString(header.type())));
        };
    }

    private boolean isPlainFile() {
        return switch (header.type()) {
            case '\0', '0', '7' -> true;
            default -> false;
        };
    }

    /** GNU's name for sparse files in pax is in a record of its own, as the other ones name what tools make that don't know it. */
    private String path() throws TarSyntaxException {
        boolean sparse = isPlainFile() && records != null && records.sparseSize() != null;
        String sparseName = records == null || !sparse ? null : records.value(SPARSE + "name");
        return name(sparseName == null ? extended(PATH, longPath, header.path()) : sparseName, "name");
    }

    private String extended(String key, @Nullable String gnu, String plain) {
        String value = records == null ? null : records.value(key);
        return value != null ? value : gnu != null ? gnu : plain;
    }

    private static String name(String name, String what) throws TarSyntaxException {
        if (name.isEmpty()) {
            throw new TarSyntaxException("a file whose " + what + " is empty");
        }
        if (name.length() > TarReader.NAME_MAX) {
            throw new TarSyntaxException(
                    "a file whose %s has %d bytes; %d are the most".formatted(what, name.length(), TarReader.NAME_MAX));
        }
        return name;
    }

    private @Nullable String value(String key) {
        return records != null && records.says(key) ? records.value(key) : globals.value(key);
    }

    private int id(String key, long plain) throws TarSyntaxException {
        String value = value(key);
        long id = value == null ? plain : TarNumbers.decimal(value, key);
        if (id < 0 || id > ID_MAX) {
            throw new TarSyntaxException("a %s of %d; 0 to %d are possible".formatted(key, id, ID_MAX));
        }
        return (int) id;
    }

    private static int deviceNumber(long number) throws TarSyntaxException {
        if (number < 0 || number > Integer.MAX_VALUE) {
            throw new TarSyntaxException("a device's number of " + number);
        }
        return (int) number;
    }

    /** Says what comes next, and gives the size of the entry. */
    private long content(TarEntry.Type type) throws IOException, TarSyntaxException {
        pieces = SparseMap.whole(0);
        long size = sizeBytes();
        if (type == TarEntry.Type.FILE) {
            return fileContent(size);
        }
        if (type == TarEntry.Type.HARD_LINK && size > 0 && hasContent()) {
            input.begin(size);
            pieces = SparseMap.whole(size);
            return size;
        }
        // GNU tar's list of what was in it; or a name with a slash, whose header is otherwise a file's, as Go's reader
        // and GNU tar have it.
        if (type == TarEntry.Type.DIRECTORY && header.type() != '5') {
            input.begin(size);
        }
        return 0;
    }

    private long sizeBytes() throws TarSyntaxException {
        String value = records == null ? null : records.value(SIZE);
        return value == null ? header.sizeBytes() : TarNumbers.decimal(value, SIZE);
    }

    /**
     * Whether the content that a hard link's size speaks of is there. In ustar there is none, whatever the size; in pax there may be (POSIX.1-2017, pax, "typeflag"), while Go's writer leaves
     * the size of a content that it does not write.
     */
    private boolean hasContent() throws IOException {
        if (records == null) {
            return false;
        }
        if (records.says(SIZE)) {
            return true;
        }
        return input.peekBlock(block) && !header.isZero() && !header.checksumFits();
    }

    private long fileContent(long stored) throws IOException, TarSyntaxException {
        if (header.type() == 'S') {
            long size = header.gnuRealSizeBytes();
            pieces = oldGnuPieces().build(size, stored);
            input.begin(stored);
            return size;
        }
        input.begin(stored);
        String realSize = records == null ? null : records.sparseSize();
        if (records == null || realSize == null) {
            if (records != null && records.isSparseInContent()) {
                throw new TarSyntaxException("a sparse file without a size");
            }
            pieces = SparseMap.whole(stored);
            return stored;
        }
        long size = TarNumbers.decimal(realSize, SIZE);
        SparseMap.Builder builder = records.isSparseInContent() ? new SparseText(input).read() : records.pieces();
        pieces = builder.build(size, input.remaining());
        return size;
    }

    private SparseMap.Builder oldGnuPieces() throws IOException, TarSyntaxException {
        SparseMap.Builder builder = new SparseMap.Builder();
        addPieces(builder, block, GNU_SPARSE_OFFSET, GNU_SPARSE_COUNT);
        boolean more = block[GNU_EXTENDED_OFFSET] != 0;
        byte[] extension = more ? new byte[BLOCK_SIZE] : block;
        while (more) {
            input.requireBlock(extension);
            addPieces(builder, extension, 0, GNU_MORE_SPARSE_COUNT);
            more = extension[GNU_MORE_EXTENDED_OFFSET] != 0;
        }
        return builder;
    }

    private static void addPieces(SparseMap.Builder builder, byte[] block, int from, int count)
            throws TarSyntaxException {
        for (int i = 0; i < count; i++) {
            int at = from + 2 * NUMBER_SIZE * i;
            if (block[at] == 0) {
                return;
            }
            builder.add(
                    TarNumbers.field(block, at, NUMBER_SIZE, "offset"),
                    TarNumbers.field(block, at + NUMBER_SIZE, NUMBER_SIZE, "size"));
        }
    }
}
