package io.javisor.images.grub;

import static io.javisor.images.grub.GrubOptions.flag;
import static io.javisor.images.grub.GrubOptions.valued;

import io.javisor.images.bls.BlsDirectory;
import io.javisor.images.bls.BlsEntry;
import io.javisor.images.disk.TextFiles;
import io.javisor.images.disk.Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The commands of GRUB. Those for the screen, the keyboard and modules do nothing, and whether they succeed is not known. Of a command that is not
 * known here, the variables that it is given the names of are not known afterwards.
 */
final class GrubCommands {
    static final GrubOptions MENU_ENTRY = GrubOptions.acceptingDash(
            valued("class", (char) 0),
            valued("users", (char) 0),
            valued("hotkey", (char) 0),
            valued("source", (char) 0),
            valued("id", (char) 0),
            flag("unrestricted", (char) 0));

    /** They change no variable and load nothing. */
    static final Set<String> HARMLESS = Set.of(
            "authenticate",
            "background_color",
            "background_image",
            "cat",
            "clear",
            "cpuid",
            "echo",
            "export",
            "insmod",
            "keymap",
            "keystatus",
            "list_env",
            "list_env_var",
            "loadfont",
            "ls",
            "lsmod",
            "password",
            "password_pbkdf2",
            "play",
            "rmmod",
            "save_env",
            "serial",
            "sleep",
            "terminal",
            "terminal_input",
            "terminal_output",
            "terminfo",
            "videoinfo");

    /** They load something else than Linux. */
    private static final Set<String> OTHER_LOADERS = Set.of(
            "appleloader",
            "chainloader",
            "freedos",
            "kfreebsd",
            "knetbsd",
            "kopenbsd",
            "multiboot",
            "multiboot2",
            "ntldr",
            "plan9",
            "pxechainloader",
            "truecrypt",
            "xen_hypervisor",
            "xnu_kernel",
            "xnu_kernel64");

    /** They leave the script, or read another kind of it. */
    private static final Set<String> LEAVING = Set.of(
            "exit",
            "extract_entries_configfile",
            "extract_entries_source",
            "extract_legacy_entries_configfile",
            "extract_legacy_entries_source",
            "extract_syslinux_entries_configfile",
            "extract_syslinux_entries_source",
            "fwsetup",
            "halt",
            "legacy_configfile",
            "legacy_source",
            "normal",
            "normal_exit",
            "poweroff",
            "reboot",
            "rescue",
            "syslinux_configfile",
            "syslinux_source",
            "uki");

    /** Known here, or by {@link GrubFlow}; what they change is more than variables that they are given the names of. */
    private static final Set<String> LOADING = Set.of(
            ".",
            "bls_import",
            "blscfg",
            "boot",
            "break",
            "configfile",
            "continue",
            "eval",
            "initrd",
            "initrd16",
            "initrdefi",
            "linux",
            "linux16",
            "linuxefi",
            "load_env",
            "return",
            "setparams",
            "shift",
            "source");

    private static final GrubOptions LOAD_ENV = GrubOptions.of(valued("file", 'f'), flag("skip-sig", 's'));
    private static final GrubOptions BLSCFG = GrubOptions.of(valued("path", 'p'), flag("enable-fallback", 'f'));
    private static final Pattern NAME = Pattern.compile("(?:--?[\\w-]+=)?(?:\\d+:)?([A-Za-z_]\\w*)");

    /** What {@code hwmatch} sets. */
    static final String MATCH = "match";

    private static final String DISPLAY_CLASS = "3";

    private final GrubShell shell;
    private final GrubDisk disk;
    private final GrubVariables variables;
    private final GrubUnknowns unknowns;
    private final GrubSearch search;
    private final GrubProbe probe;

    GrubCommands(GrubShell shell, GrubDisk disk) {
        this.shell = shell;
        this.disk = disk;
        this.variables = shell.variables();
        this.unknowns = shell.unknowns();
        this.search = new GrubSearch(disk);
        this.probe = new GrubProbe(disk);
    }

    /**
     * Runs one.
     *
     * @return null if it is none of these
     * @throws GrubUnclear if what it does can't be known
     */
    @Nullable
    GrubStatus run(String command, List<String> arguments) {
        String root = variables.get(GrubShell.ROOT);
        return switch (command) {
            case "[", "test" -> test(arguments);
            case "true" -> GrubStatus.TRUE;
            case "false" -> GrubStatus.FALSE;
            case "set" -> arguments.isEmpty() ? GrubStatus.TRUE : shell.assign(arguments.getFirst());
            case "unset" -> named(command, arguments, variables::unset);
            case "export" -> named(command, arguments, variables::export);
            case "linux", "linux16", "linuxefi" -> shell.loader().linux(arguments, root);
            case "initrd", "initrd16", "initrdefi" -> shell.loader().initrd(arguments, root);
            case "boot" -> boot();
            case "search" -> search(arguments, GrubSearch.parse(arguments));
            case "search.fs_uuid", "search.fs_label", "search.file" ->
                search(arguments, GrubSearch.parseWords(command, arguments));
            case "hwmatch" -> hardwareMatch(arguments);
            case "probe" -> probe(arguments, GrubProbe.parse(arguments));
            case "load_env" -> loadEnvironment(arguments);
            case "source", "." -> include(arguments, false);
            case "configfile" -> include(arguments, true);
            case "eval" -> {
                requireKnown(arguments);
                yield shell.runText("eval in " + shell.place(), String.join(" ", arguments));
            }
            case "blscfg", "bls_import" -> blscfg(arguments);
            // Any processor of javisor's has 64 bits; nobody touches the keyboard, or waits.
            case "cpuid" ->
                arguments.size() == 1
                                && Set.of("-l", "--long-mode", "-p", "--pae").contains(arguments.getFirst())
                        ? GrubStatus.TRUE
                        : harmless(command);
            case "keystatus" -> arguments.isEmpty() ? harmless(command) : GrubStatus.FALSE;
            case "echo", "sleep" -> GrubStatus.TRUE;
            default -> other(command, arguments);
        };
    }

    private @Nullable GrubStatus other(String command, List<String> arguments) {
        if (HARMLESS.contains(command)) {
            return harmless(command);
        }
        if (LEAVING.contains(command)) {
            throw new GrubUnclear(shell.doubtful("'%s'".formatted(command)));
        }
        if (OTHER_LOADERS.contains(command)) {
            shell.loader().forget();
            return harmless(command);
        }
        try {
            return shell.flow().run(command, arguments);
        } catch (GrubUnclear e) {
            throw new GrubUnclear(shell.doubtful(e.reason()));
        }
    }

    /** Whether a command may change more than variables that it is given the names of. */
    static boolean changesMore(String command) {
        return LOADING.contains(command) || LEAVING.contains(command) || OTHER_LOADERS.contains(command);
    }

    private GrubStatus harmless(String command) {
        return GrubStatus.unknown(shell.doubtful("whether '%s' succeeds".formatted(command)));
    }

    /** A command of GRUB's that is not known here, a distribution's, or none. */
    GrubStatus foreign(String command, List<String> arguments) {
        String doubt = unknowns.reason(command);
        if (doubt != null) {
            throw new GrubUnclear(doubt);
        }
        String reason = shell.doubtful("'%s'".formatted(command));
        for (String argument : arguments) {
            String variable = named(argument);
            if (variable != null) {
                variables.set(variable, unknowns.mark(reason));
            }
        }
        return GrubStatus.unknown(reason);
    }

    /** The variable that an argument of a foreign command may be the name of. */
    static @Nullable String named(String argument) {
        Matcher matcher = NAME.matcher(argument);
        return matcher.matches() ? matcher.group(1) : null;
    }

    /** {@code hwmatch FILE CLASS}, Ubuntu's: whether a PCI device of that class is in a list. */
    private GrubStatus hardwareMatch(List<String> arguments) {
        requireKnown(arguments);
        if (arguments.size() < 2) {
            return GrubStatus.FALSE;
        }
        GrubDisk.Location list = shell.locate(arguments.getFirst());
        if (list == null || list.file() == null) {
            return GrubStatus.FALSE;
        }
        if (!arguments.get(1).equals(DISPLAY_CLASS)) {
            String reason = shell.doubtful("'hwmatch' of a class other than %s".formatted(DISPLAY_CLASS));
            variables.set(MATCH, unknowns.mark(reason));
            return GrubStatus.unknown(reason);
        }
        // No machine of javisor's has a display.
        variables.set(MATCH, "0");
        return GrubStatus.TRUE;
    }

    private void requireKnown(List<String> arguments) {
        String doubt = unknowns.reason(arguments);
        if (doubt != null) {
            throw new GrubUnclear(doubt);
        }
    }

    private GrubStatus named(String command, List<String> names, Consumer<String> action) {
        requireKnown(names);
        names.forEach(action);
        return command.equals("export") && names.isEmpty() ? GrubStatus.FALSE : GrubStatus.TRUE;
    }

    private GrubStatus test(List<String> words) {
        String doubt = unknowns.reason(words);
        if (doubt != null) {
            return GrubStatus.unknown(doubt);
        }
        try {
            return GrubStatus.of(GrubTest.evaluate(shell::locate, words));
        } catch (GrubUnclear e) {
            // A path's reason has its place already.
            return GrubStatus.unknown(e.reason().contains(", line ") ? e.reason() : shell.doubtful(e.reason()));
        }
    }

    private GrubStatus boot() {
        GrubLoader loader = shell.loader();
        if (loader.isLoaded() && loader.obstacle() == null) {
            shell.flow().boot();
            return GrubStatus.TRUE;
        }
        String obstacle = loader.obstacle();
        return obstacle == null ? GrubStatus.FALSE : GrubStatus.unknown(obstacle);
    }

    private GrubStatus search(List<String> arguments, GrubSearch.@Nullable Request request) {
        String doubt = unknowns.reason(arguments);
        if (request == null) {
            return doubt == null ? GrubStatus.FALSE : GrubStatus.unknown(doubt);
        }
        String variable = request.variable();
        requireKnown(variable == null ? List.of() : List.of(variable));
        String stranger = request.stranger();
        if (doubt == null && stranger != null) {
            doubt = shell.doubtful("'search %s'".formatted(stranger));
        }
        String device = doubt == null ? search.find(request) : null;
        if (device == null && doubt == null) {
            if (disk.unread().isEmpty()) {
                return GrubStatus.FALSE;
            }
            doubt = shell.doubtful("a search for '%s', which may be in partition %s,"
                    .formatted(request.name(), GrubDisk.words(disk.unread())));
        }
        if (variable != null) {
            variables.set(variable, device != null ? device : unknowns.mark(String.valueOf(doubt)));
        }
        return doubt == null ? GrubStatus.TRUE : GrubStatus.unknown(doubt);
    }

    private GrubStatus probe(List<String> arguments, GrubProbe.@Nullable Request request) {
        String doubt = unknowns.reason(arguments);
        if (request == null) {
            return doubt == null ? GrubStatus.FALSE : GrubStatus.unknown(doubt);
        }
        String answer = null;
        if (doubt == null) {
            try {
                answer = probe.answer(request).findFirst().orElse(null);
                if (answer == null && disk.mayHold(request.device()).isEmpty()) {
                    return GrubStatus.FALSE;
                }
                doubt = answer != null ? null : shell.doubtful("'probe' of '%s'".formatted(request.device()));
            } catch (GrubUnclear e) {
                doubt = shell.doubtful(e.reason());
            }
        }
        if (request.variable() != null) {
            variables.set(request.variable(), answer != null ? answer : unknowns.mark(String.valueOf(doubt)));
        }
        return doubt == null ? GrubStatus.TRUE : GrubStatus.unknown(doubt);
    }

    /** {@code load_env [-f FILE] [NAME...]}: those names, or all. */
    private GrubStatus loadEnvironment(List<String> arguments) {
        shell.count(GrubShell.READING_COST);
        requireKnown(arguments);
        GrubOptions.Given given = LOAD_ENV.parse(arguments);
        if (given == null) {
            return GrubStatus.FALSE;
        }
        String path = given.has("file") ? given.last("file") : variables.get("prefix") + "/grubenv";
        GrubDisk.Location location = shell.locate(path);
        if (location == null || location.file() == null) {
            return GrubStatus.FALSE;
        }
        String text = TextFiles.text(location.volume().files(), location.path(), GrubEnvironmentBlock.SIZE_MAX);
        List<String> names = given.words();
        GrubEnvironmentBlock.parse(text).forEach((variable, value) -> {
            if (names.isEmpty() || names.contains(variable)) {
                variables.set(variable, value);
            }
        });
        return GrubStatus.of(GrubEnvironmentBlock.isOne(text));
    }

    /**
     * Another file. As a menu's own, it sees what was exported, and its menu, if it has one, is what is shown from here on.
     *
     * @return success even if it is not there, as in GRUB
     */
    private GrubStatus include(List<String> arguments, boolean menu) {
        shell.count(GrubShell.READING_COST);
        requireKnown(arguments);
        GrubDisk.Location location = arguments.isEmpty() ? null : shell.locate(arguments.getFirst());
        if (location == null || location.file() == null) {
            return GrubStatus.of(!arguments.isEmpty());
        }
        if (!menu) {
            shell.source(location);
            return GrubStatus.TRUE;
        }
        List<GrubMenuItem> outer = shell.takeMenu();
        GrubVariables.Saved saved = variables.save();
        variables.openContext();
        shell.sourceMenu(location);
        if (shell.flow().hasEnded()) {
            return GrubStatus.TRUE;
        }
        List<GrubMenuItem> shown = shell.takeMenu();
        shell.putMenu(shown.isEmpty() ? outer : shown);
        if (shown.isEmpty()) {
            variables.restore(saved);
        } else {
            shell.flow().end();
        }
        return GrubStatus.TRUE;
    }

    /** Fedora's command, and GRUB's since 2.14: entries after the Boot Loader Specification, from {@code $boot} or the root device. */
    private GrubStatus blscfg(List<String> arguments) {
        shell.count(GrubShell.READING_COST);
        GrubOptions.Given given = BLSCFG.parse(arguments);
        String boot = variables.get("boot");
        String root = variables.get(GrubShell.ROOT);
        List<String> all = new ArrayList<>(arguments);
        all.add(boot);
        all.add(root);
        requireKnown(all);
        if (given == null) {
            throw new GrubUnclear(shell.doubtful("'blscfg %s'".formatted(String.join(" ", arguments))));
        }
        Volume named = disk.volume(boot);
        Volume volume = named != null ? named : disk.volume(root);
        if (volume == null) {
            throw new GrubUnclear(
                    shell.doubtful("'blscfg' on the device '%s'".formatted(boot.isEmpty() ? root : boot)));
        }
        List<String> paths = new ArrayList<>(given.all("path"));
        paths.addAll(given.words());
        if (paths.isEmpty() || given.has("enable-fallback")) {
            paths.addAll(BlsDirectory.PATHS);
        }
        for (String path : paths) {
            GrubDisk.Location location = shell.locate(path);
            Volume on = path.startsWith("(") && location != null ? location.volume() : volume;
            String directory = path.startsWith("(") && location != null ? location.path() : path;
            List<BlsEntry> entries = BlsDirectory.entries(on.files(), directory);
            if (!entries.isEmpty()) {
                entries.forEach(entry -> shell.addItem(new GrubMenuItem.Bls(entry, on, directory)));
                return GrubStatus.TRUE;
            }
        }
        return GrubStatus.FALSE;
    }
}
