package io.javisor.images.erofs;

import static io.javisor.images.erofs.ErofsLayout.*;

import io.javisor.core.text.Printable;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Extended attributes as they follow an inode, in the order of their names. Attributes of whose name Linux's EROFS knows no prefix are left
 * out.
 */
final class InlineXattrs {
    /** As in Linux (XATTR_NAME_MAX). */
    private static final int NAME_LENGTH_MAX = 255;

    private static final int VALUE_SIZE_MAX = 0xFFFF;
    private static final int SIZE_MAX = xattrBytes(0xFFFF);

    private InlineXattrs() {}

    /**
     * How long they are, 0 without attributes.
     *
     * @throws io.javisor.images.ImageException if EROFS can't hold them
     */
    static int sizeBytes(PlannedInode inode) {
        Map<String, String> xattrs = inode.node().attributes().xattrs();
        String problem = problem(xattrs);
        if (problem != null) {
            throw inode.problem(problem);
        }
        return xattrs.isEmpty() ? 0 : (int) sizeBytes(sorted(xattrs));
    }

    /** Why EROFS can't hold them; null if it can. */
    static @Nullable String problem(Map<String, String> xattrs) {
        if (xattrs.isEmpty()) {
            return null;
        }
        Map<String, String> sorted = sorted(xattrs);
        for (Map.Entry<String, String> xattr : sorted.entrySet()) {
            String problem = problem(xattr.getKey(), xattr.getValue());
            if (problem != null) {
                return "its extended attribute %s %s".formatted(Printable.asciiLine(xattr.getKey()), problem);
            }
        }
        long size = sizeBytes(sorted);
        return size <= SIZE_MAX
                ? null
                : "its extended attributes take %d bytes; %d are possible".formatted(size, SIZE_MAX);
    }

    private static long sizeBytes(Map<String, String> sorted) {
        long size = 0;
        for (Map.Entry<String, String> xattr : sorted.entrySet()) {
            size += entrySize(xattr.getKey(), xattr.getValue());
        }
        return size == 0 ? 0 : XATTR_HEADER_SIZE + size;
    }

    /** Writes them behind the inode. */
    static void write(PlannedInode inode, MetadataOutput output) {
        if (inode.xattrBytes > 0) {
            output.zeros(XATTR_HEADER_SIZE);
            sorted(inode.node().attributes().xattrs()).forEach((name, value) -> write(output, name, value));
        }
    }

    private static Map<String, String> sorted(Map<String, String> xattrs) {
        TreeMap<String, String> sorted = new TreeMap<>(xattrs);
        sorted.keySet().removeIf(name -> XattrPrefix.ofName(name) == null);
        return sorted;
    }

    private static @Nullable String problem(String name, String value) {
        XattrPrefix prefix = prefix(name);
        if (!prefix.takes(name.substring(prefix.text().length()))
                || !ErofsNames.areBytes(name)
                || name.contains("\0")) {
            return "has a name that there can't be";
        }
        if (name.length() > NAME_LENGTH_MAX) {
            return "has a name of %d bytes; %d are possible".formatted(name.length(), NAME_LENGTH_MAX);
        }
        if (!ErofsNames.areBytes(value)) {
            return "has a value that is not made of bytes";
        }
        return value.length() <= VALUE_SIZE_MAX
                ? null
                : "has a value of %d bytes; %d are possible".formatted(value.length(), VALUE_SIZE_MAX);
    }

    private static int entrySize(String name, String value) {
        int size = XATTR_ENTRY_SIZE + name.length() - prefix(name).text().length() + value.length();
        return Math.ceilDiv(size, XATTR_UNIT) * XATTR_UNIT;
    }

    private static void write(MetadataOutput output, String name, String value) {
        XattrPrefix prefix = prefix(name);
        String rest = name.substring(prefix.text().length());
        output.u8(rest.length());
        output.u8(prefix.index());
        output.u16(value.length());
        output.latin1(rest);
        output.latin1(value);
        output.zeros(entrySize(name, value) - XATTR_ENTRY_SIZE - rest.length() - value.length());
    }

    private static XattrPrefix prefix(String name) {
        XattrPrefix prefix = XattrPrefix.ofName(name);
        if (prefix == null) {
            throw new IllegalStateException(name);
        }
        return prefix;
    }
}
