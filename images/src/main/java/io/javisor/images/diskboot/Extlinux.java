package io.javisor.images.diskboot;

import io.javisor.core.text.Printable;
import io.javisor.images.ByteSource;
import io.javisor.images.ImageException;
import io.javisor.images.disk.BootFiles;
import io.javisor.images.disk.TextFiles;
import io.javisor.images.disk.Volume;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * EXTLINUX's configuration, as Alpine has it (Syslinux 6.03, doc/syslinux.txt): the default label's kernel, initrd and command line. An entry
 * with a keyword that is not known does not boot; nor does a file with one outside of labels.
 *
 * @param problems takes why there is nothing to boot, a line each
 */
record Extlinux(List<Volume> volumes, List<String> problems) {
    /** In the order in which EXTLINUX looks for its file, as installers place it. */
    static final List<String> PATHS = List.of(
            "/extlinux.conf",
            "/boot/extlinux.conf",
            "/boot/extlinux/extlinux.conf",
            "/extlinux/extlinux.conf",
            "/boot/syslinux/extlinux.conf",
            "/boot/syslinux/syslinux.cfg",
            "/syslinux/syslinux.cfg",
            "/syslinux.cfg");

    private static final int SIZE_MAX = 64 << 10;
    private static final int LABEL_COUNT_MAX = 256;
    private static final int INITRD_COUNT_MAX = 16;

    /** They say how the menu looks, or what keys do. */
    private static final Set<String> IGNORED = Set.of(
            "allowoptions",
            "console",
            "display",
            "font",
            "implicit",
            "kbdmap",
            "menu",
            "nocomplete",
            "noescape",
            "nohalt",
            "prompt",
            "say",
            "serial",
            "sysappend",
            "timeout",
            "totaltimeout");

    /** Programs of Syslinux's, sectors and images of disks, by their names, and a kernel with words of a command line. */
    private static final Pattern NO_KERNEL = Pattern.compile("(?i).*\\.(?:c32|com|cbt|bs|bin|bss|0|img)|.*\\s.*");

    /** @param wrong what is not understood of it, or null */
    private record Label(
            Map<String, String> values, @Nullable String wrong) {}

    /** The first that boots; null if there is none. */
    @Nullable
    BootFiles first() {
        for (String path : PATHS) {
            for (Volume volume : volumes) {
                String name =
                        "%s in partition %d".formatted(path, volume.partition().number());
                try {
                    if (volume.files().file(path) != null) {
                        return new Reading(volume, path, name).boot();
                    }
                } catch (ImageException e) {
                    problems.add(String.valueOf(e.getMessage()));
                }
            }
        }
        return null;
    }

    /** One file. */
    private static final class Reading {
        private final Volume volume;
        private final String directory;
        private final String name;
        private final String text;
        private final Map<String, Label> labels = new LinkedHashMap<>();
        private String wanted = "";
        private String append = "";
        private @Nullable String menuDefault;
        private boolean menu;
        private boolean help;
        private int line;

        Reading(Volume volume, String path, String name) {
            this.volume = volume;
            this.directory = path.substring(0, path.lastIndexOf('/') + 1);
            this.name = name;
            this.text = TextFiles.text(volume.files(), path, SIZE_MAX);
        }

        BootFiles boot() {
            String current = null;
            for (String raw : text.lines().toList()) {
                line++;
                String[] words = raw.strip().split("\\s+", 2);
                String keyword = words[0].toLowerCase(Locale.ROOT);
                String value = words.length > 1 ? words[1] : "";
                if (help) {
                    help = !keyword.equals("endtext");
                    continue;
                }
                switch (keyword) {
                    case "" -> {}
                    case "text" -> help = true;
                    case "ui" -> menu = true;
                    case "label" -> {
                        if (labels.size() == LABEL_COUNT_MAX) {
                            throw problem("more than %d labels".formatted(LABEL_COUNT_MAX));
                        }
                        current = value;
                        labels.put(value, new Label(new LinkedHashMap<>(), null));
                    }
                    case "default" -> wanted = value;
                    default -> {
                        if (!keyword.startsWith("#")) {
                            keyword(current, keyword, value);
                        }
                    }
                }
            }
            if (menuDefault != null && (menu || !labels.containsKey(wanted))) {
                wanted = menuDefault;
            }
            String label = labels.containsKey(wanted) || labels.isEmpty()
                    ? wanted
                    : labels.keySet().iterator().next();
            Label entry = labels.get(label);
            if (entry == null) {
                throw new ImageException("%s: it has no label".formatted(name));
            }
            BootFiles files = boot(label, entry);
            boolean asked = label.equals(wanted) || wanted.isEmpty();
            return asked
                    ? files
                    : files.withNotes(List.of("%s: its default '%s' is no label; the first one is used"
                            .formatted(name, Printable.asciiLine(wanted))));
        }

        private void keyword(@Nullable String label, String keyword, String value) {
            Label entry = label == null ? null : labels.get(label);
            if (keyword.equals("menu") && value.toLowerCase(Locale.ROOT).startsWith("default") && label != null) {
                menuDefault = label;
            } else if (keyword.equals("menu") && value.toLowerCase(Locale.ROOT).startsWith("include")) {
                throw problem("'menu include'");
            } else if (keyword.equals("append") && entry == null) {
                append = value;
            } else if (entry != null
                    && keyword.equals("kernel")
                    && NO_KERNEL.matcher(value).matches()) {
                labels.put(
                        String.valueOf(label),
                        new Label(entry.values, problem("'kernel' of no Linux").getMessage()));
            } else if (entry != null
                    && Set.of("kernel", "linux", "initrd", "append").contains(keyword)) {
                entry.values.put(keyword.equals("kernel") ? "linux" : keyword, value);
            } else if (!IGNORED.contains(keyword) && !keyword.matches("f\\d+")) {
                ImageException problem = problem("'%s'".formatted(Printable.asciiLine(keyword)));
                if (entry == null) {
                    throw problem;
                }
                labels.put(String.valueOf(label), new Label(entry.values, String.valueOf(problem.getMessage())));
            }
        }

        private ImageException problem(String what) {
            return new ImageException("%s, line %d: %s is not understood".formatted(name, line, what));
        }

        private BootFiles boot(String label, Label entry) {
            if (entry.wrong != null) {
                throw new ImageException(entry.wrong);
            }
            String given = entry.values.getOrDefault("append", append);
            // A hyphen asks for nothing, not for what the file says of all labels.
            String commandLine = given.equals("-") ? "" : given;
            List<String> paths = new ArrayList<>();
            List<String> words = new ArrayList<>();
            for (String word : commandLine.strip().split("\\s+", -1)) {
                if (word.startsWith("initrd=")) {
                    paths.addAll(List.of(word.substring("initrd=".length()).split(",")));
                } else if (!word.isEmpty()) {
                    words.add(word);
                }
            }
            String initrd = entry.values.get("initrd");
            if (initrd != null) {
                paths = List.of(initrd.strip().split(","));
            }
            if (paths.size() > INITRD_COUNT_MAX) {
                throw new ImageException("%s: an entry has more than %d initrds".formatted(name, INITRD_COUNT_MAX));
            }
            ByteSource kernel = file(entry.values.getOrDefault("linux", label));
            List<ByteSource> initrds = paths.stream().map(this::file).toList();
            return new BootFiles(
                    kernel,
                    initrds,
                    String.join(" ", words),
                    "label '%s' of %s".formatted(Printable.asciiLine(label), name),
                    List.of());
        }

        /** A path that does not begin with a slash is below the file's directory. */
        private ByteSource file(String path) {
            ByteSource file = volume.files().file(path.startsWith("/") ? path : directory + path);
            if (file == null) {
                throw new ImageException(
                        "%s: %s, which it names, is not there".formatted(name, Printable.asciiLine(path)));
            }
            return file;
        }
    }
}
