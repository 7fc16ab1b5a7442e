package io.javisor.images.grub;

import io.javisor.core.text.Printable;
import io.javisor.images.ByteSource;
import io.javisor.images.disk.BootFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the commands of an entry have loaded. */
final class GrubLoader {
    private static final int INITRD_COUNT_MAX = 16;

    private final GrubDisk disk;
    private final GrubUnknowns unknowns;
    private final String name;
    private final Supplier<GrubNode.Place> place;
    private @Nullable ByteSource kernel;
    private String path = "";
    private String commandLine = "";
    private final List<ByteSource> initrds = new ArrayList<>();
    private final List<String> missing = new ArrayList<>();
    private @Nullable String doubt;

    /**
     * @param name the script's, for messages
     * @param place where it is, for what is not understood
     */
    GrubLoader(GrubDisk disk, GrubUnknowns unknowns, String name, Supplier<GrubNode.Place> place) {
        this.disk = disk;
        this.unknowns = unknowns;
        this.name = name;
        this.place = place;
    }

    /** The files to boot; null if there is no kernel, a file is missing, or something is not known. */
    @Nullable
    BootFiles bootFiles(String title) {
        ByteSource found = kernel;
        if (found == null || obstacle() != null) {
            return null;
        }
        String description = "GRUB entry '%s' of %s".formatted(Printable.asciiLine(title), name);
        return new BootFiles(found, initrds, commandLine, description, List.of());
    }

    /** Whether there is a kernel, whatever is not known about it. */
    boolean isLoaded() {
        return kernel != null;
    }

    /** Why it does not boot: a value that is not known, or a file that is not there. Null if nothing was said that could be wrong. */
    @Nullable
    String obstacle() {
        return doubt != null ? doubt : missing.isEmpty() ? null : "missing is " + missing.getFirst();
    }

    /** Another boot loader, or an operating system other than Linux. */
    void forget() {
        kernel = null;
        initrds.clear();
    }

    /** What {@code linux} was given last, in one line. */
    String line() {
        return path + " " + commandLine;
    }

    GrubStatus linux(List<String> arguments, String root) {
        initrds.clear();
        missing.clear();
        kernel = null;
        doubt = unknowns.reason(arguments);
        if (doubt != null) {
            return GrubStatus.unknown(doubt);
        }
        if (arguments.isEmpty()) {
            // What was loaded before boots on.
            doubt = "%s: 'linux' names no kernel".formatted(place.get());
            return GrubStatus.FALSE;
        }
        path = arguments.getFirst();
        kernel = file(path, root);
        List<String> words = new ArrayList<>();
        for (String argument : arguments.subList(1, arguments.size())) {
            words.add(quoted(argument));
        }
        commandLine = String.join(" ", words);
        return status(kernel != null);
    }

    /** What an earlier one has loaded is gone, unless there is no kernel yet or nothing is named. */
    GrubStatus initrd(List<String> arguments, String root) {
        if (arguments.isEmpty() || kernel == null) {
            return status(false);
        }
        initrds.clear();
        String reason = unknowns.reason(arguments);
        doubt = doubt != null ? doubt : reason;
        if (reason != null) {
            return GrubStatus.unknown(reason);
        }
        if (arguments.size() > INITRD_COUNT_MAX) {
            doubt = "%s: an entry has more than %d initrds".formatted(place.get(), INITRD_COUNT_MAX);
            return GrubStatus.unknown(doubt);
        }
        boolean all = true;
        for (String argument : arguments) {
            ByteSource file = file(argument, root);
            all &= file != null;
            if (file != null) {
                initrds.add(file);
            }
        }
        return status(all);
    }

    private GrubStatus status(boolean success) {
        return doubt != null ? GrubStatus.unknown(doubt) : GrubStatus.of(success);
    }

    private @Nullable ByteSource file(String path, String root) {
        String reason = path.startsWith("(") ? null : unknowns.reason(root);
        if (reason != null) {
            doubt = reason;
            return null;
        }
        GrubDisk.Location location = disk.locate(path, root);
        ByteSource file = location == null ? null : location.file();
        if (file == null && missing.size() < INITRD_COUNT_MAX) {
            missing.add(
                    location == null
                            ? "%s, on the device '%s' that is not there"
                                    .formatted(Printable.asciiLine(path), Printable.asciiLine(root))
                            : "%s, which is not in partition %d"
                                    .formatted(
                                            Printable.asciiLine(location.path()),
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
