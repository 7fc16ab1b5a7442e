package io.javisor.core.memory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the host says about its memory in {@code /proc} and {@code /sys}: used in checks and messages only. */
final class HostMemoryInfo {
    static final Path HUGE_PAGES = Path.of("/sys/kernel/mm/hugepages/hugepages-2048kB");
    static final Path THP_ANON = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");
    static final Path THP_SHMEM = Path.of("/sys/kernel/mm/transparent_hugepage/shmem_enabled");
    static final Path KSM_RUN = Path.of("/sys/kernel/mm/ksm/run");

    private HostMemoryInfo() {}

    /** A line of {@code /proc/meminfo}, in bytes; -1 if it can't be read. */
    static long meminfoBytes(String key) {
        String prefix = key + ":";
        try {
            for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
                if (line.startsWith(prefix)) {
                    String value = line.substring(prefix.length()).strip();
                    int space = value.indexOf(' ');
                    return Long.parseLong(space < 0 ? value : value.substring(0, space)) << 10;
                }
            }
        } catch (IOException | NumberFormatException e) {
            return -1;
        }
        return -1;
    }

    /** A file of one number; -1 if it can't be read. */
    static long number(Path file) {
        try {
            return Long.parseLong(text(file));
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** The content of a small file without white space at its ends; empty if it can't be read. */
    static String text(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return "";
        }
    }

    /** The chosen word of a file such as {@code always [madvise] never}; empty if it can't be read. */
    static String choice(Path file) {
        String text = text(file);
        int start = text.indexOf('[');
        int end = text.indexOf(']');
        return start < 0 || end < start ? "" : text.substring(start + 1, end);
    }

    /** Such as {@code 512 MiB}, exact. */
    static String size(long bytes) {
        if (bytes != 0 && (bytes & ((1L << 30) - 1)) == 0) {
            return (bytes >> 30) + " GiB";
        }
        if (bytes != 0 && (bytes & ((1L << 20) - 1)) == 0) {
            return (bytes >> 20) + " MiB";
        }
        return (bytes & 1023) == 0 ? (bytes >> 10) + " KiB" : bytes + " bytes";
    }
}
