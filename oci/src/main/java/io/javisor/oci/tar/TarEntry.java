package io.javisor.oci.tar;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a tar archive says of one file. Names are bytes as ISO 8859-1 strings, and come from outside: they may be absolute or lead upwards.
 *
 * @param path as it is written there: 1 to {@value TarReader#NAME_MAX} bytes, without NUL; a directory's may end with a slash
 * @param mode permissions, set-user-id, set-group-id and sticky bits: 0 to 07777 (octal)
 * @param uid 0 to 0xFFFF_FFFE, as an int without sign, as is {@code gid}
 * @param mtimeSeconds since 1970, may be negative
 * @param mtimeNanos 0 to 999,999,999
 * @param xattrs extended attributes: whole name, and value as bytes of an ISO 8859-1 string
 * @param sizeBytes of the content, holes included; 0 for what has none. A hard link may have content: the same that its target has.
 * @param target of links; empty for others
 * @param major of a device, at least 0; 0 for others
 * @param minor likewise
 */
public record TarEntry(
        String path,
        Type type,
        int mode,
        int uid,
        int gid,
        long mtimeSeconds,
        int mtimeNanos,
        Map<String, String> xattrs,
        long sizeBytes,
        String target,
        int major,
        int minor) {
    private static final int FILE_MODE = 0644;
    private static final int DIRECTORY_MODE = 0755;

    public TarEntry {
        // Map.copyOf would take a time of the square of their number, if whoever names them wants that.
        xattrs = xattrs.isEmpty() ? Map.of() : Collections.unmodifiableSortedMap(new TreeMap<>(xattrs));
    }

    /** A file of root's, 0644, of 1970. */
    public static TarEntry file(String path, long sizeBytes) {
        return new TarEntry(path, Type.FILE, FILE_MODE, 0, 0, 0, 0, Map.of(), sizeBytes, "", 0, 0);
    }

    /** A directory of root's, 0755, of 1970. */
    public static TarEntry directory(String path) {
        return new TarEntry(path, Type.DIRECTORY, DIRECTORY_MODE, 0, 0, 0, 0, Map.of(), 0, "", 0, 0);
    }

    /** What it is. */
    public enum Type {
        FILE,
        HARD_LINK,
        SYMLINK,
        CHARACTER_DEVICE,
        BLOCK_DEVICE,
        DIRECTORY,
        FIFO
    }
}
