package io.javisor.oci.tar;

import static io.javisor.oci.tar.TarLayout.PAX_XATTR;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Records of an extended header: {@code "LENGTH KEYWORD=VALUE\n"} (POSIX.1-2017, pax, "pax Extended Header"). Of one keyword the last counts. */
final class PaxRecords {
    // GNU tar's manual, "Sparse Formats".
    private static final String SPARSE_OFFSET = "GNU.sparse.offset";
    private static final String SPARSE_SIZE = "GNU.sparse.numbytes";
    private static final String SPARSE_MAP = "GNU.sparse.map";
    private static final String SPARSE_MAJOR = "GNU.sparse.major";
    private static final String SPARSE_REAL_SIZE = "GNU.sparse.realsize";
    private static final String SPARSE_OLD_REAL_SIZE = "GNU.sparse.size";

    private static final String PATH = "path";
    private static final String LINKPATH = "linkpath";
    private static final int LENGTH_DIGITS_MAX = 7;

    private final Map<String, String> values = new HashMap<>();

    /** GNU's format 0.0 says keywords again for each piece of a file. */
    private final SparseMap.Builder pieces = new SparseMap.Builder();

    private @Nullable String pieceOffset;

    /** Reads records, of which the later ones count; there may be some. */
    void add(byte[] data) throws TarSyntaxException {
        int at = 0;
        while (at < data.length) {
            int space = at;
            int length = 0;
            while (space < data.length && data[space] >= '0' && data[space] <= '9' && space - at < LENGTH_DIGITS_MAX) {
                length = length * 10 + data[space] - '0';
                space++;
            }
            if (space == at || space >= data.length || data[space] != ' ') {
                throw new TarSyntaxException("an extended header whose record has no length");
            }
            if (length > data.length - at || length < space - at + 2 || data[at + length - 1] != '\n') {
                throw new TarSyntaxException("an extended header whose record does not end where it says");
            }
            record(new String(data, space + 1, at + length - 1 - space - 1, StandardCharsets.ISO_8859_1));
            at += length;
        }
    }

    private void record(String record) throws TarSyntaxException {
        int equals = record.indexOf('=');
        if (equals <= 0) {
            throw new TarSyntaxException("an extended header whose record has no keyword");
        }
        String key = record.substring(0, equals);
        String value = record.substring(equals + 1);
        if (key.indexOf('\0') >= 0 || (value.indexOf('\0') >= 0 && (key.equals(PATH) || key.equals(LINKPATH)))) {
            throw new TarSyntaxException("an extended header with a NUL in a name");
        }
        switch (key) {
            case SPARSE_OFFSET -> pieceOffset = value;
            case SPARSE_SIZE -> {
                if (pieceOffset == null) {
                    throw new TarSyntaxException("a sparse file's piece without an offset");
                }
                pieces.add(TarNumbers.decimal(pieceOffset, "offset"), TarNumbers.decimal(value, "size"));
                pieceOffset = null;
            }
            default -> {}
        }
        values.put(key, value);
    }

    /** The value; null without, or if it is empty: then what other headers say counts. */
    @Nullable
    String value(String key) {
        String value = values.get(key);
        return value == null || value.isEmpty() ? null : value;
    }

    /** Whether there is a record of it, maybe with an empty value. */
    boolean says(String key) {
        return values.containsKey(key);
    }

    boolean saysAny(String prefix) {
        return values.keySet().stream().anyMatch(key -> key.startsWith(prefix));
    }

    /** Takes over what others say of a keyword, if they do. */
    void replace(PaxRecords others, String key) {
        String value = others.values.get(key);
        if (value != null) {
            values.put(key, value);
        }
    }

    /** The size of a sparse file, holes included; null of another file. */
    @Nullable
    String sparseSize() {
        String size = value(SPARSE_REAL_SIZE);
        return size == null ? value(SPARSE_OLD_REAL_SIZE) : size;
    }

    /** Whether the map of a sparse file is not here but at the beginning of its content (GNU's format 1.0). */
    boolean isSparseInContent() {
        return "1".equals(values.get(SPARSE_MAJOR));
    }

    /** Extended attributes, by their names. */
    Map<String, String> xattrs() {
        Map<String, String> xattrs = new HashMap<>();
        values.forEach((key, value) -> {
            if (key.startsWith(PAX_XATTR)) {
                xattrs.put(key.substring(PAX_XATTR.length()), value);
            }
        });
        return xattrs;
    }

    /** The pieces of a sparse file: as one list (GNU's format 0.1), or each by a pair of keywords (0.0). */
    SparseMap.Builder pieces() throws TarSyntaxException {
        String map = value(SPARSE_MAP);
        if (map == null) {
            return pieces;
        }
        SparseMap.Builder builder = new SparseMap.Builder();
        int at = 0;
        while (at < map.length()) {
            int comma = map.indexOf(',', at);
            if (comma < 0) {
                throw new TarSyntaxException("a sparse file's piece without a size");
            }
            int next = map.indexOf(',', comma + 1);
            int end = next < 0 ? map.length() : next;
            builder.add(
                    TarNumbers.decimal(map.substring(at, comma), "offset"),
                    TarNumbers.decimal(map.substring(comma + 1, end), "size"));
            at = end + 1;
        }
        return builder;
    }
}
