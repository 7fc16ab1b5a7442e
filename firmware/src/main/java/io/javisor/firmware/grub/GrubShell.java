package io.javisor.firmware.grub;

import io.javisor.firmware.bls.BlsDirectory;
import io.javisor.firmware.bls.BlsEntry;
import io.javisor.firmware.disk.FileSystem;
import io.javisor.firmware.disk.TextFiles;
import io.javisor.firmware.disk.Volume;
import io.javisor.firmware.grub.GrubNode.Word;
import io.javisor.firmware.image.BootException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Runs scripts for what they say about booting. Commands for the screen, the keyboard and modules succeed and do nothing; those that
 * javisor does not know fail, as they do in GRUB. Work is bounded: commands, calls, files and text.
 */
final class GrubShell {
    private static final int SCRIPT_SIZE_MAX = 512 << 10;

    private static final int COMMAND_COUNT_MAX = 100_000;
    private static final int CALL_DEPTH_MAX = 16;
    private static final int SCRIPTS_SIZE_MAX = 1 << 20;

    /** What a command counts for that reads files. */
    private static final int READING_COST = 2000;

    private static final int ITEM_COUNT_MAX = 1024;
    private static final String ROOT = "root";

    private final GrubDisk disk;
    private final String name;
    private final GrubVariables variables;
    private final GrubTest test;
    private final Map<String, List<GrubNode>> functions = new HashMap<>();
    private List<GrubMenuItem> menu = new ArrayList<>();
    private GrubLoader loader;
    private int commands;
    private int scriptsSize;
    private int depth;

    /** @param name the script's, for messages */
    GrubShell(GrubDisk disk, String name) {
        this.disk = disk;
        this.name = name;
        this.variables = new GrubVariables(name);
        this.test = new GrubTest(this::locate);
        this.loader = new GrubLoader(disk, name);
    }

    GrubVariables variables() {
        return variables;
    }

    /** Runs a file; an entry that it defines goes to the menu. */
    void source(GrubDisk.Location file) {
        String text = TextFiles.text(file.volume().files(), file.path(), SCRIPT_SIZE_MAX);
        scriptsSize += text.length();
        if (scriptsSize > SCRIPTS_SIZE_MAX) {
            throw problem("the files that it includes have more than %d bytes".formatted(SCRIPTS_SIZE_MAX));
        }
        run(GrubParser.parse(name, text));
    }

    /** The menu as it is now; the next entry goes to a new one. */
    List<GrubMenuItem> takeMenu() {
        List<GrubMenuItem> taken = menu;
        menu = new ArrayList<>();
        return taken;
    }

    /** What was loaded since the last time. */
    GrubLoader takeLoader() {
        GrubLoader taken = loader;
        loader = new GrubLoader(disk, name);
        return taken;
    }

    /** Runs what an entry says. */
    void select(GrubMenuItem item) {
        variables.set("chosen", item.title());
        switch (item) {
            case GrubMenuItem.Script script -> call(script.body(), script.arguments());
            case GrubMenuItem.Bls bls -> loader.load(bls, variables);
        }
    }

    /** Whether the last command succeeded; true if there is none. */
    boolean run(List<GrubNode> nodes) {
        boolean success = true;
        for (GrubNode node : nodes) {
            success = run(node);
        }
        return success;
    }

    private boolean run(GrubNode node) {
        count(1);
        return switch (node) {
            case GrubNode.Command(int line, List<Word> words) -> command(variables.expand(words));
            case GrubNode.If conditional ->
                run(conditional.condition()) ? run(conditional.then()) : run(conditional.otherwise());
            case GrubNode.While loop -> {
                while (run(loop.condition()) != loop.negated()) {
                    run(loop.body());
                    // The condition and the body may be empty.
                    count(1);
                }
                yield true;
            }
            case GrubNode.For loop -> {
                List<String> variable = variables.expand(List.of(loop.variable()));
                boolean success = true;
                for (String value : variables.expand(loop.values())) {
                    if (!variable.isEmpty()) {
                        variables.set(variable.getFirst(), value);
                    }
                    success = run(loop.body());
                    count(1);
                }
                yield success;
            }
            case GrubNode.Function function -> {
                variables.expand(List.of(function.name())).forEach(word -> functions.put(word, function.body()));
                yield true;
            }
            case GrubNode.Block block -> block(variables.expand(block.words()), block.body());
        };
    }

    private void count(int cost) {
        commands += cost;
        if (commands > COMMAND_COUNT_MAX) {
            throw problem("it runs more than %d commands".formatted(COMMAND_COUNT_MAX));
        }
    }

    private boolean call(List<GrubNode> body, List<String> arguments) {
        if (++depth > CALL_DEPTH_MAX) {
            throw problem("calls are nested more than %d deep".formatted(CALL_DEPTH_MAX));
        }
        List<String> old = variables.arguments(arguments);
        boolean success = run(body);
        variables.arguments(old);
        depth--;
        return success;
    }

    private boolean block(List<String> words, List<GrubNode> body) {
        boolean submenu = words.contains("submenu") && words.getFirst().equals("submenu");
        if (!submenu && (words.isEmpty() || !words.getFirst().equals("menuentry"))) {
            return true;
        }
        String id = "";
        List<String> arguments = new ArrayList<>();
        for (int i = 1; i < words.size(); i++) {
            String word = words.get(i);
            switch (word) {
                case "--class", "--users", "--hotkey", "--source" -> i++;
                case "--id" -> {
                    i++;
                    id = i < words.size() ? words.get(i) : "";
                }
                default -> {
                    if (word.startsWith("--id=")) {
                        id = word.substring("--id=".length());
                    } else if (!word.startsWith("--")) {
                        arguments.add(word);
                    }
                }
            }
        }
        String title = arguments.isEmpty() ? "" : arguments.getFirst();
        addItem(new GrubMenuItem.Script(title, id, submenu, arguments, body));
        return true;
    }

    private void addItem(GrubMenuItem item) {
        if (menu.size() == ITEM_COUNT_MAX) {
            throw problem("a menu has more than %d entries".formatted(ITEM_COUNT_MAX));
        }
        menu.add(item);
    }

    private boolean command(List<String> words) {
        int negations = 0;
        while (negations < words.size() && words.get(negations).equals("!")) {
            negations++;
        }
        return plainCommand(words.subList(negations, words.size())) == (negations % 2 == 0);
    }

    private boolean plainCommand(List<String> words) {
        if (words.isEmpty()) {
            return true;
        }
        String command = words.getFirst();
        List<String> arguments = words.subList(1, words.size());
        List<GrubNode> function = functions.get(command);
        if (function != null) {
            return call(function, List.copyOf(arguments));
        }
        return switch (command) {
            case "[" -> test.evaluate(arguments.isEmpty() ? arguments : arguments.subList(0, arguments.size() - 1));
            case "test" -> test.evaluate(arguments);
            case "set" -> arguments.isEmpty() || assign(arguments.getFirst());
            case "unset" -> {
                arguments.forEach(variables::unset);
                yield true;
            }
            case "linux", "linux16", "linuxefi" -> loader.linux(arguments, variables.get(ROOT));
            case "initrd", "initrd16", "initrdefi" -> loader.initrd(arguments, variables.get(ROOT));
            case "search", "search.fs_uuid", "search.fs_label", "search.file" -> search(command, arguments);
            case "load_env" -> loadEnvironment(arguments);
            case "source", ".", "configfile" -> include(arguments);
            case "blscfg" -> blscfg(arguments);
            case "true",
                    "insmod",
                    "export",
                    "save_env",
                    "echo",
                    "terminal_input",
                    "terminal_output",
                    "serial",
                    "clear",
                    "rmmod",
                    "play",
                    "cpuid",
                    "boot",
                    "sleep" -> true;
            default -> words.size() == 1 && assign(command);
        };
    }

    private boolean assign(String assignment) {
        int equals = assignment.indexOf('=');
        if (equals <= 0) {
            return false;
        }
        variables.set(assignment.substring(0, equals), assignment.substring(equals + 1));
        return true;
    }

    private GrubDisk.@Nullable Location locate(String path) {
        return disk.locate(path, variables.get(ROOT));
    }

    /** GRUB manual, "search"; the older commands with a dot take the variable and hints as words. */
    private boolean search(String command, List<String> words) {
        String kind = command.contains(".") ? command.substring(command.indexOf('.') + 1) : "file";
        String variable = ROOT;
        List<String> names = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            switch (word) {
                case "--fs-uuid", "-u" -> kind = "fs_uuid";
                case "--label", "--fs-label", "-l" -> kind = "fs_label";
                case "--file", "-f" -> kind = "file";
                case "--hint" -> i++;
                case "-s" -> {
                    // The name of the variable may be left out.
                    if (i + 2 < words.size() && !words.get(i + 1).startsWith("-")) {
                        variable = words.get(++i);
                    }
                }
                default -> {
                    if (word.startsWith("--set=")) {
                        variable = word.substring("--set=".length());
                    } else if (!word.startsWith("-")) {
                        names.add(word);
                    }
                }
            }
        }
        if (names.isEmpty()) {
            return false;
        }
        if (command.contains(".") && names.size() > 1) {
            variable = names.get(1);
        }
        Predicate<FileSystem> wanted = wanted(kind, names.getFirst());
        for (Volume volume : disk.volumes()) {
            if (wanted.test(volume.files())) {
                variables.set(variable, disk.device(volume));
                return true;
            }
        }
        return false;
    }

    private static Predicate<FileSystem> wanted(String kind, String wanted) {
        return switch (kind) {
            case "fs_uuid" -> files -> files.uuid().equals(wanted.toLowerCase(Locale.ROOT));
            case "fs_label" -> files -> files.label().equals(wanted);
            default -> files -> files.file(wanted) != null;
        };
    }

    /** {@code load_env [-f FILE] [NAME...]}: those names, or all. */
    private boolean loadEnvironment(List<String> words) {
        count(READING_COST);
        String path = variables.get("prefix") + "/grubenv";
        List<String> names = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (word.startsWith("--file=")) {
                path = word.substring("--file=".length());
            } else if ((word.equals("-f") || word.equals("--file")) && i + 1 < words.size()) {
                path = words.get(++i);
            } else if (!word.startsWith("-")) {
                names.add(word);
            }
        }
        GrubDisk.Location location = locate(path);
        if (location == null || location.file() == null) {
            return false;
        }
        String text = TextFiles.text(location.volume().files(), location.path(), GrubEnvironmentBlock.SIZE_MAX);
        GrubEnvironmentBlock.parse(text).forEach((variable, value) -> {
            if (names.isEmpty() || names.contains(variable)) {
                variables.set(variable, value);
            }
        });
        return true;
    }

    private boolean include(List<String> arguments) {
        count(READING_COST);
        GrubDisk.Location location = arguments.isEmpty() ? null : locate(arguments.getFirst());
        if (location == null || location.file() == null) {
            return false;
        }
        if (++depth > CALL_DEPTH_MAX) {
            throw problem("files include each other more than %d deep".formatted(CALL_DEPTH_MAX));
        }
        source(location);
        depth--;
        return true;
    }

    /** Fedora's command: entries after the Boot Loader Specification, from {@code $boot} or the root device. */
    private boolean blscfg(List<String> arguments) {
        count(READING_COST);
        Volume boot = disk.volume(variables.get("boot"));
        Volume volume = boot != null ? boot : disk.volume(variables.get(ROOT));
        if (volume == null) {
            return false;
        }
        List<String> paths = arguments.isEmpty() ? BlsDirectory.PATHS : List.of(arguments.getFirst());
        for (String path : paths) {
            List<BlsEntry> entries = BlsDirectory.entries(volume.files(), path);
            if (!entries.isEmpty()) {
                entries.forEach(entry -> addItem(new GrubMenuItem.Bls(entry, volume)));
                return true;
            }
        }
        return false;
    }

    private BootException problem(String what) {
        return new BootException(name + ": " + what);
    }
}
