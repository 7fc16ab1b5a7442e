package io.javisor.images.grub;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The files that a pattern stands for (GRUB manual, "regexp"): {@code *} and {@code ?}, of names in directories, in the order in which the
 * directories have them.
 *
 * @param files finds a path; throws {@link GrubUnclear} where that can't be said
 * @param work is told of each directory that is read
 */
record GrubWildcards(GrubTest.Files files, IntConsumer work) {
    private static final int RESULT_COUNT_MAX = 1024;

    /** None if nothing matches. A backslash in {@code pattern} makes what is behind it no wildcard. */
    List<String> expand(String pattern) {
        int path = pattern.startsWith("(") ? pattern.indexOf(')') + 1 : 0;
        if (!pattern.startsWith("/", path) || isWild(pattern.substring(0, path))) {
            throw new GrubUnclear("the pattern '%s'".formatted(pattern));
        }
        List<String> paths = List.of(pattern.substring(0, path));
        boolean wild = false;
        for (String name : pattern.substring(path + 1).split("/", -1)) {
            List<String> next = new ArrayList<>();
            for (String directory : paths) {
                if (isWild(name)) {
                    addMatching(directory + "/", name, next);
                } else {
                    String plain = directory + "/" + name.replaceAll("\\\\(.)", "$1");
                    if (!wild || exists(plain)) {
                        next.add(plain);
                    }
                }
            }
            wild |= isWild(name);
            paths = next;
        }
        return paths;
    }

    private void addMatching(String directory, String pattern, List<String> results) {
        work.accept(1);
        GrubDisk.Location location = files.locate(directory);
        if (location == null) {
            return;
        }
        for (String name : location.volume().files().names(location.path())) {
            if (results.size() == RESULT_COUNT_MAX) {
                throw new GrubUnclear("a pattern of more than %d files".formatted(RESULT_COUNT_MAX));
            }
            if (matches(name, pattern)) {
                results.add(directory + name);
            }
        }
    }

    private boolean exists(String path) {
        GrubDisk.@Nullable Location location = files.locate(path);
        return location != null && (location.file() != null || location.isDirectory());
    }

    private static boolean isWild(String pattern) {
        for (int i = 0; i < pattern.length(); i++) {
            if (pattern.charAt(i) == '\\') {
                i++;
            } else if (pattern.charAt(i) == '*' || pattern.charAt(i) == '?') {
                return true;
            }
        }
        return false;
    }

    /** Never tries more than both lengths multiplied: only the last star is tried anew. */
    private static boolean matches(String name, String pattern) {
        int n = 0;
        int p = 0;
        int star = -1;
        int starName = 0;
        while (n < name.length()) {
            boolean escaped = p + 1 < pattern.length() && pattern.charAt(p) == '\\';
            char wanted = escaped ? pattern.charAt(p + 1) : p < pattern.length() ? pattern.charAt(p) : 0;
            if (!escaped && wanted == '*') {
                star = p++;
                starName = n;
            } else if (p < pattern.length() && ((!escaped && wanted == '?') || wanted == name.charAt(n))) {
                p += escaped ? 2 : 1;
                n++;
            } else if (star >= 0) {
                p = star + 1;
                n = ++starName;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
