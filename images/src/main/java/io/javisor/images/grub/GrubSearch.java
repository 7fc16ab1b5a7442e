package io.javisor.images.grub;

import static io.javisor.images.grub.GrubOptions.flag;
import static io.javisor.images.grub.GrubOptions.valued;

import io.javisor.images.disk.FileSystem;
import io.javisor.images.disk.Volume;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** {@code search} (GRUB manual, "search"): a device by what is on it. */
record GrubSearch(GrubDisk disk) {
    private static final String FILE = "file";
    private static final String LABEL = "label";
    private static final String FS_UUID = "fs-uuid";
    private static final String SET = "set";
    private static final String HINT = "--hint-";

    private static final GrubOptions OPTIONS = GrubOptions.acceptingDash(
            flag(FILE, 'f'),
            flag(LABEL, 'l'),
            flag(FS_UUID, 'u'),
            new GrubOptions.Option(SET, 's', GrubOptions.Value.OPTIONAL),
            flag("no-floppy", 'n'),
            flag("efidisk-only", (char) 0),
            flag("cryptodisk-only", (char) 0),
            valued("hint", 'h'),
            valued("hint-ieee1275", (char) 0),
            valued("hint-bios", (char) 0),
            valued("hint-baremetal", (char) 0),
            valued("hint-efi", (char) 0),
            valued("hint-arc", (char) 0));

    /**
     * What is searched for.
     *
     * @param kind the option's name
     * @param variable what takes the device; null if it is only shown
     * @param stranger an option that is not known, so that the answer isn't; null if there is none
     */
    record Request(
            String kind,
            String name,
            @Nullable String variable,
            List<String> hints,
            @Nullable String stranger) {}

    /** {@code search} with options; null if it is none that GRUB takes. */
    static @Nullable Request parse(List<String> arguments) {
        GrubOptions.Given given = OPTIONS.parse(arguments);
        if (given == null) {
            return null;
        }
        String variable = given.has(SET) ? given.last(SET) : null;
        String stranger = given.words().stream()
                .filter(word -> word.startsWith("--") && !word.startsWith(HINT))
                .findFirst()
                .orElse(null);
        if (stranger != null) {
            return new Request("", "", "".equals(variable) ? GrubShell.ROOT : variable, List.of(), stranger);
        }
        String kind =
                Stream.of(LABEL, FS_UUID, FILE).filter(given::has).findFirst().orElse(null);
        // Hints for platforms that are not known here.
        String name = given.words().stream()
                .filter(word -> !word.startsWith(HINT))
                .findFirst()
                .orElse(null);
        if (name == null) {
            // With nothing else left, what was taken for the variable is what is searched for.
            name = variable;
            variable = "";
        }
        if (kind == null || name == null || (name.isEmpty() && given.words().isEmpty())) {
            return null;
        }
        List<String> hints = Stream.of("hint", "hint-bios", "hint-baremetal")
                .flatMap(option -> given.all(option).stream())
                .toList();
        return new Request(kind, name, "".equals(variable) ? GrubShell.ROOT : variable, hints, null);
    }

    /** {@code search.fs_uuid NAME [VARIABLE [HINT...]]} and its like; null if nothing is named. */
    static @Nullable Request parseWords(String command, List<String> arguments) {
        String kind =
                switch (command) {
                    case "search.fs_uuid" -> FS_UUID;
                    case "search.fs_label" -> LABEL;
                    default -> FILE;
                };
        return arguments.isEmpty()
                ? null
                : new Request(
                        kind,
                        arguments.getFirst(),
                        arguments.size() > 1 ? arguments.get(1) : null,
                        arguments.subList(Math.min(2, arguments.size()), arguments.size()),
                        null);
    }

    /** The device without parentheses, as hints prefer it, else by number; null if there is none. */
    @Nullable
    String find(Request request) {
        Predicate<FileSystem> wanted =
                switch (request.kind) {
                    case FS_UUID -> files -> files.uuid().equals(request.name.toLowerCase(Locale.ROOT));
                    case LABEL -> files -> files.label().equals(request.name);
                    default -> files -> files.file(request.name) != null;
                };
        Stream<Volume> hinted = request.hints.stream().flatMap(hint -> Stream.ofNullable(disk.volume(hint)));
        Stream<Volume> all = disk.volumes().stream()
                .sorted(Comparator.comparingInt(volume -> volume.partition().number()));
        return Stream.concat(hinted, all)
                .filter(volume -> wanted.test(volume.files()))
                .findFirst()
                .map(disk::device)
                .orElse(null);
    }
}
