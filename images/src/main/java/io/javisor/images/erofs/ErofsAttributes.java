package io.javisor.images.erofs;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What every inode has.
 *
 * @param mode permissions, set-user-id, set-group-id and sticky bits: 0 to 07777 (octal)
 * @param uid 0 to 0xFFFF_FFFF, as an int without sign, as is {@code gid}
 * @param mtimeSeconds since 1970, may be negative
 * @param mtimeNanos 0 to 999,999,999
 * @param xattrs extended attributes: the whole name, such as {@code security.capability}, and the value as bytes of an ISO 8859-1 string,
 *     for it is compared and printed but never read as text
 */
public record ErofsAttributes(
        int mode, int uid, int gid, long mtimeSeconds, int mtimeNanos, Map<String, String> xattrs) {
    /** What a directory has that nobody described: root's, 0755, of 1970. */
    public static final ErofsAttributes DEFAULT_DIRECTORY = new ErofsAttributes(0755, 0, 0, 0, 0, Map.of());

    public ErofsAttributes {
        if ((mode & ~07777) != 0) {
            throw new IllegalArgumentException("mode " + Integer.toOctalString(mode));
        }
        if (mtimeNanos < 0 || mtimeNanos > 999_999_999) {
            throw new IllegalArgumentException("mtimeNanos " + mtimeNanos);
        }
        // Map.copyOf would take a time of the square of their number, if whoever names them wants that.
        xattrs = xattrs.isEmpty() ? Map.of() : Collections.unmodifiableSortedMap(new TreeMap<>(xattrs));
    }
}
