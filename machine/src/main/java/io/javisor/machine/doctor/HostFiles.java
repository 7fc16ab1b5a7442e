package io.javisor.machine.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The host's {@code /proc}, {@code /sys} and {@code /dev}.
 *
 * @param root what they are in: {@code /}, or a directory that a test made up
 */
record HostFiles(Path root) {
    /** Where a file is, by a name without a slash at its start. */
    Path path(String name) {
        return root.resolve(name);
    }

    boolean exists(String name) {
        return Files.exists(path(name));
    }

    /** The content without white space at its ends; empty if it can't be read. */
    String text(String name) {
        try {
            return Files.readString(path(name), StandardCharsets.ISO_8859_1).strip();
        } catch (IOException e) {
            return "";
        }
    }

    /** A file of one number; -1 if it can't be read or holds something else. */
    long number(String name) {
        try {
            return Long.parseLong(text(name));
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** A line such as {@code MemAvailable: 23800556 kB} of {@code /proc/meminfo}, in bytes; -1 if it can't be read. */
    long meminfoBytes(String key) {
        String prefix = key + ":";
        for (String line : text("proc/meminfo").lines().toList()) {
            if (line.startsWith(prefix)) {
                String value = line.substring(prefix.length()).replace("kB", "").strip();
                try {
                    return Long.parseLong(value) << 10;
                } catch (NumberFormatException e) {
                    return -1;
                }
            }
        }
        return -1;
    }

    /** The chosen word of a file such as {@code always [madvise] never}; empty if there is none. */
    String choice(String name) {
        String text = text(name);
        int start = text.indexOf('[');
        int end = text.indexOf(']');
        return start < 0 || end < start ? "" : text.substring(start + 1, end);
    }
}
