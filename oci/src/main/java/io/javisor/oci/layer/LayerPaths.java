package io.javisor.oci.layer;

/** Paths as a table has them. */
final class LayerPaths {
    static final int NAME_MAX = 255;
    static final int PATH_MAX = 4096;

    private LayerPaths() {}

    /**
     * Takes slashes at the beginning, at the end and beside slashes out of a path, and names of one point.
     *
     * @throws LayerSyntaxException if it leads upwards, or a name is longer than Linux has them
     */
    static String normal(String path) throws LayerSyntaxException {
        if (isNormal(path)) {
            return path;
        }
        StringBuilder normal = new StringBuilder(path.length());
        int at = 0;
        while (at < path.length()) {
            int slash = path.indexOf('/', at);
            int end = slash < 0 ? path.length() : slash;
            if (isName(path, at, end)) {
                normal.append(normal.isEmpty() ? "" : "/").append(path, at, end);
            } else if (end - at > NAME_MAX) {
                throw new LayerSyntaxException("a name of %d bytes; %d are the most".formatted(end - at, NAME_MAX));
            } else if (end - at == 2) {
                throw new LayerSyntaxException("its path leads upwards, which none in a layer does");
            }
            at = end + 1;
        }
        return normal.toString();
    }

    /** Whether it is a path as a table has it; the root's is empty. */
    static boolean isNormal(String path) {
        if (path.length() > PATH_MAX) {
            return false;
        }
        int at = 0;
        while (at < path.length()) {
            int slash = path.indexOf('/', at);
            int end = slash < 0 ? path.length() : slash;
            if (!isName(path, at, end) || end == path.length() - 1) {
                return false;
            }
            at = end + 1;
        }
        return true;
    }

    /** Whether a file can be called so. */
    private static boolean isName(String path, int from, int end) {
        int length = end - from;
        boolean points = path.startsWith(".", from) && (length == 1 || (length == 2 && path.charAt(from + 1) == '.'));
        return length > 0 && length <= NAME_MAX && !points;
    }
}
