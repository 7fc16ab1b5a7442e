package io.javisor.images.grub;

import io.javisor.images.ImageException;
import io.javisor.images.disk.TextFiles;
import io.javisor.images.grub.GrubNode.Place;
import io.javisor.images.grub.GrubNode.Word;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs scripts for what they say about booting (GRUB manual, "Shell-like scripting"; 2.12, grub-core/script/execute.c). What can't be known is
 * followed as far as it goes, and ends in {@link GrubUnclear} where it decides more than variables. Work is bounded: commands, calls, files and
 * text.
 */
final class GrubShell {
    /** What a command counts for that reads files. */
    static final int READING_COST = 2000;

    static final String ROOT = "root";

    private static final int SCRIPT_SIZE_MAX = 256 << 10;
    private static final int COMMAND_COUNT_MAX = 100_000;
    private static final int CALL_DEPTH_MAX = 16;

    /** Constructs in constructs, calls and files: each takes some of the stack. */
    private static final int NESTING_MAX = 256;

    private static final int SCRIPTS_SIZE_MAX = 512 << 10;
    private static final int ITEM_COUNT_MAX = 1024;

    private final GrubDisk disk;
    private final String name;
    private final GrubUnknowns unknowns = new GrubUnknowns();
    private final GrubVariables variables;
    private final GrubCommands known;
    private final GrubWildcards wildcards;
    private final GrubFlow flow;
    private final Map<String, List<GrubNode>> functions = new HashMap<>();
    private List<GrubMenuItem> menu = new ArrayList<>();
    private GrubLoader loader;
    private Place place;
    private int commands;
    private int commandMax = COMMAND_COUNT_MAX;
    private int scriptsSize;
    private int depth;
    private int nesting;
    private boolean makingMenu;

    /** @param name the script's, for messages */
    GrubShell(GrubDisk disk, String name) {
        this.disk = disk;
        this.name = name;
        this.place = new Place(name, 1);
        this.variables = new GrubVariables(name, unknowns, () -> place);
        this.flow = new GrubFlow(variables, unknowns);
        this.known = new GrubCommands(this, disk);
        this.wildcards = new GrubWildcards(this::locate, directories -> count(directories * READING_COST));
        this.loader = newLoader();
    }

    private GrubLoader newLoader() {
        return new GrubLoader(disk, unknowns, name, () -> place);
    }

    GrubVariables variables() {
        return variables;
    }

    GrubUnknowns unknowns() {
        return unknowns;
    }

    /** Of the command that runs. */
    Place place() {
        return place;
    }

    GrubFlow flow() {
        return flow;
    }

    /** Runs a file; an entry that it defines goes to the menu. */
    void source(GrubDisk.Location file) {
        String text = TextFiles.text(file.volume().files(), file.path(), SCRIPT_SIZE_MAX);
        String full = "(%s)%s".formatted(disk.device(file.volume()), file.path());
        String oldFile = variables.get("config_file");
        String oldDirectory = variables.get("config_directory");
        variables.set("config_file", full);
        variables.set("config_directory", full.substring(0, full.lastIndexOf('/')));
        runText(
                "%s in partition %d"
                        .formatted(file.path(), file.volume().partition().number()),
                text.replace("\r", ""), // as grub-core/normal/main.c, grub_file_getline, does
                true);
        if (!flow.hasEnded()) {
            variables.set("config_file", oldFile);
            variables.set("config_directory", oldDirectory);
        }
    }

    /** Runs text that is in no file. */
    GrubStatus runText(String textName, String text) {
        return runText(textName, text, false);
    }

    /** @param textName its file's name, for messages */
    private GrubStatus runText(String textName, String text, boolean file) {
        scriptsSize += text.length();
        if (scriptsSize > SCRIPTS_SIZE_MAX) {
            throw problem("the files that it includes have more than %d bytes".formatted(SCRIPTS_SIZE_MAX));
        }
        if (++depth > CALL_DEPTH_MAX) {
            throw problem("files include each other more than %d deep".formatted(CALL_DEPTH_MAX));
        }
        List<GrubNode> nodes = GrubParser.parse(textName, text, file);
        GrubStatus status = flow.outsideOfFunctions(() -> run(nodes));
        depth--;
        return status;
    }

    /** The menu as it is now; the next entry goes to a new one. */
    List<GrubMenuItem> takeMenu() {
        List<GrubMenuItem> taken = menu;
        menu = new ArrayList<>();
        return taken;
    }

    /** Puts one back that was taken. */
    void putMenu(List<GrubMenuItem> items) {
        menu = items;
    }

    /** Runs a file as a menu's own. */
    void sourceMenu(GrubDisk.Location file) {
        boolean outer = makingMenu;
        makingMenu = true;
        source(file);
        makingMenu = outer;
    }

    /** Whether what runs, or what was left in the middle, is a submenu's script or a menu's file, not an entry's. */
    boolean isMakingMenu() {
        return makingMenu;
    }

    GrubLoader loader() {
        return loader;
    }

    /**
     * Runs what an entry says, with nothing loaded and no menu.
     *
     * @param rest what the default is in its menu, if it is a submenu
     * @throws GrubUnclear if what it does can't be known
     */
    void select(GrubMenuItem item, String rest) {
        flow.begin();
        depth = 0;
        nesting = 0;
        makingMenu = item instanceof GrubMenuItem.Script script && script.submenu();
        variables.arguments(null);
        menu = new ArrayList<>();
        loader = newLoader();
        // One without an end leaves something to the others.
        int fileMax = commandMax;
        commandMax = commands + (fileMax - commands) / 2;
        try {
            runItem(item, rest);
        } finally {
            commandMax = fileMax;
        }
    }

    private void runItem(GrubMenuItem item, String rest) {
        if (item instanceof GrubMenuItem.Script script && script.submenu()) {
            variables.openContext();
        }
        // GRUB takes off what has led to the entry.
        if (rest.isEmpty()) {
            variables.unset("default");
        } else {
            variables.set("default", rest);
        }
        switch (item) {
            case GrubMenuItem.Script script -> {
                choose(item);
                List<String> old = variables.arguments(script.arguments());
                flow.outsideOfFunctions(() -> run(script.body()));
                variables.arguments(old);
            }
            case GrubMenuItem.Bls bls -> {
                choose(item);
                runText(
                        bls.entry().id() + ".conf in " + bls.directory(),
                        new GrubBlsEntry(bls, disk).script(variables));
            }
        }
    }

    private void choose(GrubMenuItem item) {
        String own = item.id().replace(">", ">>");
        variables.set("chosen", variables.isSet("chosen") ? variables.get("chosen") + ">" + own : own);
        variables.export("chosen");
    }

    private GrubStatus run(List<GrubNode> nodes) {
        if (++nesting > NESTING_MAX) {
            throw problem("it is nested more than %d deep, calls included".formatted(NESTING_MAX));
        }
        GrubStatus status = GrubStatus.TRUE;
        for (GrubNode node : nodes) {
            if (flow.isLeaving()) {
                break;
            }
            status = run(node);
            variables.status(status);
        }
        nesting--;
        return status;
    }

    private GrubStatus run(GrubNode node) {
        count(1);
        place = node.place();
        return switch (node) {
            case GrubNode.Command command -> command(expand(command.words()));
            case GrubNode.If conditional -> {
                GrubStatus condition = run(conditional.condition());
                if (flow.isLeaving()) {
                    yield condition;
                }
                if (condition.doubt() != null) {
                    yield skip(condition.doubt(), List.of(conditional.then(), conditional.otherwise()));
                }
                yield run(condition.success() ? conditional.then() : conditional.otherwise());
            }
            case GrubNode.While loop -> flow.loop(() -> repeat(loop));
            case GrubNode.For loop -> flow.loop(() -> repeat(loop));
            case GrubNode.Function function -> {
                expand(List.of(function.name())).forEach(word -> functions.put(word, function.body()));
                yield GrubStatus.TRUE;
            }
            case GrubNode.Block block -> block(expand(block.words()), block.body());
        };
    }

    private GrubStatus repeat(GrubNode.While loop) {
        while (true) {
            GrubStatus status = run(loop.condition());
            if (flow.isLeaving()) {
                return status;
            }
            if (status.doubt() != null) {
                return skip(status.doubt(), List.of(loop.condition(), loop.body()));
            }
            if (status.success() == loop.negated()) {
                return status;
            }
            status = run(loop.body());
            if (flow.leavesLoop()) {
                return status;
            }
            // The condition and the body may be empty.
            count(1);
        }
    }

    private GrubStatus repeat(GrubNode.For loop) {
        List<String> variable = expand(List.of(loop.variable()));
        List<String> values = expand(loop.values());
        String doubt = unknowns.reason(values);
        if (doubt != null) {
            variable.forEach(each -> variables.set(each, unknowns.mark(doubt)));
            return skip(doubt, List.of(loop.body()));
        }
        GrubStatus status = GrubStatus.TRUE;
        for (String value : values) {
            variable.forEach(each -> variables.set(each, value));
            status = run(loop.body());
            count(1);
            if (flow.leavesLoop()) {
                break;
            }
        }
        return status;
    }

    /** Commands that may be run or not: what they may change is not known any more. */
    private GrubStatus skip(String doubt, List<List<GrubNode>> bodies) {
        Set<String> changed = GrubEffects.of(bodies, functions);
        if (changed == null) {
            throw new GrubUnclear(doubt + "; what follows depends on it");
        }
        changed.forEach(variable -> variables.set(variable, unknowns.mark(doubt)));
        return GrubStatus.unknown(doubt);
    }

    private List<String> expand(List<Word> words) {
        return variables.expand(words, pattern -> {
            String doubt = unknowns.reason(pattern);
            try {
                return doubt != null ? List.of(unknowns.mark(doubt)) : wildcards.expand(pattern);
            } catch (GrubUnclear e) {
                return List.of(unknowns.mark(doubtful(e.reason())));
            }
        });
    }

    void count(int cost) {
        commands += cost;
        if (commands > commandMax) {
            throw problem("it runs more than %d commands".formatted(commandMax));
        }
    }

    /** A reason why something is not known: where, and what. */
    String doubtful(String what) {
        return "%s: %s is not understood".formatted(place, what);
    }

    private GrubStatus command(List<String> words) {
        boolean inverted = !words.isEmpty() && words.getFirst().equals("!");
        GrubStatus status = plainCommand(inverted ? words.subList(1, words.size()) : words);
        return inverted ? status.negated() : status;
    }

    private GrubStatus plainCommand(List<String> words) {
        if (words.isEmpty()) {
            return GrubStatus.TRUE;
        }
        String command = words.getFirst();
        List<String> arguments = List.copyOf(words.subList(1, words.size()));
        GrubStatus status = known.run(command, arguments);
        if (status != null) {
            return status;
        }
        List<GrubNode> function = functions.get(command);
        if (function != null) {
            return call(function, arguments);
        }
        return command.indexOf('=') > 0 ? assign(command) : known.foreign(command, arguments);
    }

    private GrubStatus call(List<GrubNode> body, List<String> arguments) {
        if (++depth > CALL_DEPTH_MAX) {
            throw problem("calls are nested more than %d deep".formatted(CALL_DEPTH_MAX));
        }
        List<String> old = variables.arguments(arguments);
        GrubStatus status = flow.call(() -> run(body));
        variables.arguments(old);
        depth--;
        return status;
    }

    /** {@code NAME=VALUE}. */
    GrubStatus assign(String assignment) {
        int equals = assignment.indexOf('=');
        String variable = assignment.substring(0, Math.max(0, equals));
        String doubt = unknowns.reason(variable.isEmpty() ? assignment : variable);
        if (doubt != null) {
            throw new GrubUnclear(doubt);
        }
        if (equals <= 0) {
            return GrubStatus.FALSE;
        }
        variables.set(variable, assignment.substring(equals + 1));
        return GrubStatus.TRUE;
    }

    /**
     * Where a path leads; null if there is no such place.
     *
     * @throws GrubUnclear if it may lead to what javisor can't read
     */
    GrubDisk.@Nullable Location locate(String path) {
        String root = variables.get(ROOT);
        String doubt = unknowns.reason(path.startsWith("(") ? path : root + path);
        if (doubt != null) {
            throw new GrubUnclear(doubt);
        }
        GrubDisk.Location location = disk.locate(path, root);
        List<GrubDisk.Unread> hiding = location != null ? List.of() : disk.mayHold(GrubDisk.device(path, root));
        if (!hiding.isEmpty()) {
            throw new GrubUnclear(
                    doubtful("'%s', which may be in partition %s,".formatted(path, GrubDisk.words(hiding))));
        }
        return location;
    }

    private GrubStatus block(List<String> words, List<GrubNode> body) {
        String command = words.isEmpty() ? "" : words.getFirst();
        if (!command.equals("menuentry") && !command.equals("submenu")) {
            // The block is its last argument, as text.
            String text = unknowns.mark(doubtful("a block of '%s'".formatted(command)));
            return command(Stream.concat(words.stream(), Stream.of(text)).toList());
        }
        GrubOptions.Given given = GrubCommands.MENU_ENTRY.parse(words.subList(1, words.size()));
        if (given == null) {
            // An option without a value takes the block as that, and the last word becomes the block.
            GrubOptions.Given taken = GrubCommands.MENU_ENTRY.parse(
                    Stream.concat(words.stream().skip(1), Stream.of("{}")).toList());
            // Of an empty last word GRUB writes before the first character, and may crash.
            if (taken == null || taken.words().size() > 1 || taken.words().contains("")) {
                throw new GrubUnclear(doubtful("'%s' with such options".formatted(command)));
            }
            return GrubStatus.FALSE;
        }
        if (given.words().isEmpty()) {
            return GrubStatus.FALSE;
        }
        if (given.has("source")) {
            throw new GrubUnclear(doubtful("'%s --source'".formatted(command)));
        }
        addItem(new GrubMenuItem.Script(
                given.words().getFirst(),
                given.has("id") ? given.last("id") : given.words().getFirst(),
                unknowns.reason(words),
                command.equals("submenu"),
                given.words(),
                body));
        return GrubStatus.TRUE;
    }

    void addItem(GrubMenuItem item) {
        if (menu.size() == ITEM_COUNT_MAX) {
            throw problem("a menu has more than %d entries".formatted(ITEM_COUNT_MAX));
        }
        menu.add(item);
    }

    private ImageException problem(String what) {
        return new ImageException(name + ": " + what);
    }
}
