package io.javisor.firmware.grub;

import io.javisor.firmware.bls.BlsEntry;
import io.javisor.firmware.disk.BootFiles;
import io.javisor.firmware.disk.ByteSource;
import io.javisor.firmware.disk.Printable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the commands of an entry have loaded. */
final class GrubLoader {
    private static final int INITRD_COUNT_MAX = 16;

    private final GrubDisk disk;
    private final String name;
    private @Nullable ByteSource kernel;
    private String commandLine = "";
    private final List<ByteSource> initrds = new ArrayList<>();
    private final List<String> missing = new ArrayList<>();

    /** @param name the script's, for messages */
    GrubLoader(GrubDisk disk, String name) {
        this.disk = disk;
        this.name = name;
    }

    /** The files to boot; null if there is no kernel, or a file is missing. */
    @Nullable
    BootFiles bootFiles(String title) {
        ByteSource found = kernel;
        if (found == null || !missing.isEmpty()) {
            return null;
        }
        String description = "GRUB entry '%s' of %s".formatted(Printable.line(title), name);
        return new BootFiles(found, initrds, commandLine, description, List.of());
    }

    /** Files that were named and are not there, in words; empty if there are none. */
    List<String> missing() {
        return missing;
    }

    boolean linux(List<String> arguments, String root) {
        initrds.clear();
        missing.clear();
        kernel = arguments.isEmpty() ? null : file(arguments.getFirst(), root);
        List<String> words = new ArrayList<>();
        for (String argument : arguments.subList(Math.min(1, arguments.size()), arguments.size())) {
            words.add(quoted(argument));
        }
        commandLine = String.join(" ", words);
        return kernel != null;
    }

    boolean initrd(List<String> arguments, String root) {
        boolean all = true;
        for (String argument : arguments) {
            ByteSource file = initrds.size() < INITRD_COUNT_MAX ? file(argument, root) : null;
            all &= file != null;
            if (file != null) {
                initrds.add(file);
            }
        }
        return all;
    }

    /** What {@code blscfg} makes of an entry: its paths are those of the file system that it is in. */
    void load(GrubMenuItem.Bls item, GrubVariables variables) {
        BlsEntry entry = item.entry();
        String root = disk.device(item.volume());
        linux(List.of(variables.expand(entry.value("linux")).strip()), root);
        initrd(words(variables.expand(entry.joined("initrd"))), root);
        String options = variables.expand(entry.joined("options"));
        commandLine = (options.isBlank() ? variables.get("default_kernelopts") : options).strip();
    }

    private static List<String> words(String text) {
        return text.isBlank() ? List.of() : List.of(text.strip().split("\\s+"));
    }

    private @Nullable ByteSource file(String path, String root) {
        GrubDisk.Location location = disk.locate(path, root);
        ByteSource file = location == null ? null : location.file();
        if (file == null && missing.size() < INITRD_COUNT_MAX) {
            missing.add(
                    location == null
                            ? "%s, on the device '%s' that is not there"
                                    .formatted(Printable.line(path), Printable.line(root))
                            : "%s, which is not in partition %d"
                                    .formatted(
                                            Printable.line(location.path()),
                                            location.volume().partition().number()));
        }
        return file;
    }

    /** As GRUB puts words together again (grub-core/lib/cmdline.c): quotes around one with a blank, a backslash before quotes. */
    private static String quoted(String word) {
        StringBuilder result = new StringBuilder();
        for (int i = 0; i < word.length(); i++) {
            if ("\\'\"".indexOf(word.charAt(i)) >= 0) {
                result.append('\\');
            }
            result.append(word.charAt(i));
        }
        return word.contains(" ") ? '"' + result.toString() + '"' : result.toString();
    }
}
