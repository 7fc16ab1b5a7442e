package io.javisor.images.bls;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A boot entry of type 1.
 *
 * @param id the file's name without {@code .conf} and boot counter
 * @param exhausted whether its boot counter has no tries left
 * @param values by key; those of a key that may repeat are in the order of the file
 */
public record BlsEntry(String id, boolean exhausted, Map<String, List<String>> values) {
    private static final Pattern FILE_NAME =
            Pattern.compile("([^.].*?)(?:\\+(\\d+)(?:-\\d+)?)?\\.conf", Pattern.DOTALL);

    /** Best first (Boot Loader Specification, "Sorting"): the first is what boots if nobody chooses. */
    public static final Comparator<BlsEntry> BEST_FIRST = BlsEntry::compareBestFirst;

    /** Parses a file; lines without a value say nothing. */
    public static BlsEntry parse(String fileName, String text) {
        Matcher matcher = FILE_NAME.matcher(fileName);
        boolean counted = matcher.matches();
        String id = counted ? matcher.group(1) : fileName;
        String left = counted ? matcher.group(2) : null;
        Map<String, List<String>> values = new HashMap<>();
        text.lines().map(String::strip).filter(line -> !line.startsWith("#")).forEach(line -> {
            String[] parts = line.split("\\s+", 2);
            if (parts.length == 2) {
                values.computeIfAbsent(parts[0], key -> new ArrayList<>()).add(parts[1]);
            }
        });
        return new BlsEntry(id, left != null && left.chars().allMatch(c -> c == '0'), values);
    }

    /** Whether a name is that of an entry; boot loaders pass by those that begin with a dot. */
    public static boolean isEntry(String fileName) {
        return FILE_NAME.matcher(fileName).matches();
    }

    /** The last value of {@code key}; empty if there is none. */
    public String value(String key) {
        List<String> all = values.getOrDefault(key, List.of());
        return all.isEmpty() ? "" : all.getLast();
    }

    /** All values of {@code key}, joined by spaces. */
    public String joined(String key) {
        return String.join(" ", values.getOrDefault(key, List.of()));
    }

    /** Whether it starts a Linux kernel on this architecture. */
    public boolean isLinux() {
        String architecture = value("architecture");
        return !value("linux").isEmpty() && (architecture.isEmpty() || architecture.equalsIgnoreCase("x64"));
    }

    /** What a menu shows. */
    public String title() {
        String title = value("title");
        return title.isEmpty() ? id : title;
    }

    private int compareBestFirst(BlsEntry other) {
        if (exhausted != other.exhausted) {
            return exhausted ? 1 : -1;
        }
        String key = value("sort-key");
        String otherKey = other.value("sort-key");
        if (key.isEmpty() != otherKey.isEmpty()) {
            return key.isEmpty() ? 1 : -1;
        }
        if (!key.isEmpty()) {
            int order = key.compareTo(otherKey);
            order = order != 0 ? order : value("machine-id").compareTo(other.value("machine-id"));
            order = order != 0 ? order : VersionOrder.INSTANCE.compare(other.value("version"), value("version"));
            if (order != 0) {
                return order;
            }
        }
        int order = VersionOrder.INSTANCE.compare(other.id, id);
        return order != 0 ? order : id.compareTo(other.id);
    }
}
