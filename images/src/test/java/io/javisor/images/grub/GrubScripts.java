package io.javisor.images.grub;

import static io.javisor.images.grub.GrubScript.LOADER;

import io.javisor.images.grub.GrubScript.Node;
import io.javisor.testkit.image.ExtBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Makes menus by chance, of what real ones are made of. The same seed makes the same menu. */
final class GrubScripts {
    static final String SOURCED = "/boot/grub/sourced.cfg";
    static final String OTHER = "/boot/other.cfg";

    private static final int DEPTH_MAX = 3;
    private static final List<String> NAMES = List.of("a", "b", "c", "d");
    private static final List<String> PLAIN = List.of(
            "x", "y", "1", "2", "10", "0x2", "-1", "ro", "quiet", "a=b", "k-1", "/boot", "a.b", "x#y", "=", "%");
    private static final List<String> QUOTED =
            List.of("'x y'", "''", "'$a'", "'a\"b'", "'\\'", "'{ ; }'", "'#'", "'x\\'", "\"\"");
    private static final List<String> IN_QUOTES =
            List.of("x", " ", "1", "$a", "${b}", "$c", "$1", "\\\"", "\\$", "\\\\", "\\x", "'", "#", ";", "{", "*");
    private static final List<String> ESCAPED =
            List.of("\\ ", "\\$", "\\;", "\\\\", "\\{", "\\'", "\\\"", "\\a", "\\#", "\\\n");
    private static final List<String> VALUES = List.of(
            "$a",
            "${a}",
            "$b",
            "${b}",
            "$c",
            "$d",
            "${d}",
            "$1",
            "$2",
            "${1}",
            "$#",
            "$@",
            "$*",
            "$?",
            "$e",
            "$default",
            "$chosen",
            "$root",
            "$prefix",
            "$config_file",
            "$config_directory",
            "$saved_entry");
    private static final List<String> OPERATORS =
            List.of("=", "==", "!=", "'<'", "'<='", "'>'", "'>='", "-eq", "-ne", "-lt", "-le", "-gt", "-ge");
    private static final List<String> KERNELS = List.of(
            "/boot/vmlinuz-1",
            "/boot/vmlinuz-1",
            "/boot/vmlinuz-2",
            "(hd0,gpt1)/boot/vmlinuz-2",
            "($root)/boot/vmlinuz-1",
            "//boot/vmlinuz-2",
            "(hd0,gpt2)/vmlinuz-3",
            "(hd0,2)/vmlinuz-3",
            "/vmlinuz-3",
            "/gone");
    private static final List<String> INITRDS = List.of(
            "/boot/initrd-1", "/boot/initrd-1", "/boot/initrd-2", "(hd0,gpt2)/initrd-3", "/initrd-3", "/gone", "$none");
    private static final List<String> PATHS = List.of(
            "/boot/vmlinuz-1",
            "/boot",
            "/boot/",
            "/",
            "/gone",
            "/vmlinuz-3",
            "($root)/boot/vmlinuz-1",
            "(hd0,gpt2)/vmlinuz-3",
            "(hd0,gpt2)/",
            "(hd0,gpt3)/x",
            "$prefix/grub.cfg",
            "${config_directory}/sourced.cfg",
            "boot");

    private final Random random;
    private final List<String> titles = new ArrayList<>(List.of("0", "1", "2", "x"));
    private int functions;
    private int counters;
    private boolean inFunction;

    private GrubScripts(long seed) {
        random = new Random(seed);
    }

    static GrubScript of(long seed) {
        return new GrubScripts(seed).script();
    }

    private GrubScript script() {
        Map<String, List<Node>> files = new LinkedHashMap<>();
        files.put(SOURCED, statements(1 + below(3), 1));
        List<Node> other = statements(below(3), 1);
        other.add(entry(1));
        if (chance(2)) {
            other.add(defaults());
            other.add(entry(1));
        }
        files.put(OTHER, other);
        List<Node> menu = new ArrayList<>();
        for (int i = below(3); i > 0; i--) {
            menu.add(function());
        }
        menu.addAll(statements(1 + below(6), 0));
        for (int i = below(4); i >= 0; i--) {
            menu.add(chance(5) ? submenu() : entry(1));
            menu.addAll(statements(below(2), 1));
        }
        if (chance(2)) {
            menu.add(defaults());
        }
        if (chance(4)) {
            menu.add(Node.line("set fallback=" + pick(List.of("1", "2", "'0 1'", "'1 0'", "9", "x", "'x 1'"))));
        }
        if (chance(12)) {
            menu.add(Node.line("configfile " + OTHER));
        }
        if (chance(12)) {
            menu.addAll(loads());
            menu.add(Node.line(LOADER + "boot"));
        }
        files.put(GrubScript.MENU, menu);
        return new GrubScript(files);
    }

    private int below(int limit) {
        return random.nextInt(limit);
    }

    /** Once in {@code times}. */
    private boolean chance(int times) {
        return below(times) == 0;
    }

    private <T> T pick(List<T> all) {
        return all.get(below(all.size()));
    }

    private String word() {
        StringBuilder word = new StringBuilder();
        for (int i = chance(3) ? 1 + below(3) : 1; i > 0; i--) {
            word.append(
                    switch (below(9)) {
                        case 0 -> pick(QUOTED);
                        case 1, 2 -> quoted();
                        case 3, 4 -> pick(VALUES);
                        case 5 -> pick(ESCAPED);
                        default -> pick(PLAIN);
                    });
        }
        return word.toString();
    }

    private String quoted() {
        StringBuilder word = new StringBuilder("\"");
        for (int i = below(4); i > 0; i--) {
            word.append(pick(IN_QUOTES));
        }
        return word.append('"').toString();
    }

    private String words(int atMost) {
        StringBuilder words = new StringBuilder();
        for (int i = below(atMost + 1); i > 0; i--) {
            words.append(chance(8) ? "\t " : " ").append(chance(9) ? "\"$@\"" : word());
        }
        return words.toString();
    }

    private Node defaults() {
        String wanted = pick(titles);
        if (chance(4)) {
            wanted += ">" + pick(titles);
        }
        return Node.line(
                switch (below(6)) {
                    case 0 -> "default='%s'".formatted(wanted);
                    case 1 -> "set default=\"$saved_entry\"";
                    case 2 -> "set default=%s".formatted(word());
                    default -> "set default=\"%s\"".formatted(wanted);
                });
    }

    private List<Node> statements(int count, int depth) {
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            nodes.addAll(statement(depth));
        }
        return nodes;
    }

    private List<Node> statement(int depth) {
        boolean deep = depth >= DEPTH_MAX;
        return switch (below(deep ? 9 : 14)) {
            case 0, 1, 2 -> List.of(Node.line("set %s=%s".formatted(pick(NAMES), word())));
            case 3 -> List.of(Node.line("%s=%s%s".formatted(pick(NAMES), word(), chance(3) ? " # no" : "")));
            case 4, 5 -> List.of(Node.line(command()));
            case 6 -> List.of(Node.line(call()));
            case 7 -> List.of(Node.line(pick(List.of("export ", "export ", "unset ")) + pick(NAMES)));
            case 8 -> List.of(Node.line(leave()));
            case 9, 10, 11 -> List.of(conditional(depth));
            case 12 -> {
                String values = words(4);
                String variable = pick(List.of("i", "i", "j", "a", "b"));
                yield List.of(new Node(
                        "for %s in%s; do".formatted(variable, values.isEmpty() ? " 1 2" : values),
                        some(depth + 1),
                        "done"));
            }
            default -> loop(depth);
        };
    }

    private List<Node> some(int depth) {
        return statements(1 + below(3), depth);
    }

    /** A counter ends it. */
    private List<Node> loop(int depth) {
        String counter = "n" + counters++;
        boolean until = chance(3);
        String end = "x".repeat(1 + below(3));
        List<Node> body = new ArrayList<>(List.of(Node.line("set %s=x$%s".formatted(counter, counter))));
        body.addAll(some(depth + 1));
        String head = "%s [ x$%s %s x%s ]; do".formatted(until ? "until" : "while", counter, until ? "=" : "!=", end);
        return List.of(Node.line("unset " + counter), new Node(head, body, "done"));
    }

    private String leave() {
        return pick(
                inFunction
                        ? List.of("break", "continue", "return", "return 0", "return 1", "break 2", "shift", "shift 2")
                        : List.of("break", "continue", "break 2", "continue 2", "shift", "setparams p 'q r'"));
    }

    private Node conditional(int depth) {
        List<Node> body = some(depth + 1);
        if (chance(4)) {
            body.add(new Node("elif %s; then".formatted(condition()), some(depth + 1), ""));
        }
        if (chance(2)) {
            body.add(new Node("else", some(depth + 1), ""));
        }
        return new Node("if %s; then".formatted(condition()), body, "fi");
    }

    private String condition() {
        String condition =
                switch (below(12)) {
                    case 0 -> pick(List.of("true", "false"));
                    case 1 -> call();
                    case 2 -> command();
                    case 3 -> "test" + test(0);
                    default -> "[" + test(0) + " ]";
                };
        return chance(8) ? "! " + condition : chance(12) ? "%s; %s".formatted(call(), condition) : condition;
    }

    private String test(int depth) {
        return switch (below(depth > 1 ? 8 : 12)) {
            case 0, 1, 2, 3 -> " %s %s %s".formatted(operand(), pick(OPERATORS), operand());
            case 4 -> " %s %s".formatted(pick(List.of("-z", "-n")), operand());
            case 5, 6 -> " %s %s".formatted(pick(List.of("-f", "-d", "-e", "-s")), pick(PATHS));
            case 7 -> " " + operand();
            case 8 -> " !" + test(depth + 1);
            case 9 -> " (%s )".formatted(test(depth + 1));
            case 10 -> test(depth + 1) + " -a" + test(depth + 1);
            default -> test(depth + 1) + " -o" + test(depth + 1);
        };
    }

    private String operand() {
        return chance(3) ? word() : chance(2) ? "\"%s\"".formatted(pick(VALUES)) : pick(PLAIN);
    }

    private String call() {
        return functions == 0 ? "true" : "f%d%s".formatted(below(functions), words(3));
    }

    private Node function() {
        inFunction = true;
        Node function = new Node("function f%d {".formatted(functions), statements(1 + below(4), 1), "}");
        inFunction = false;
        functions++;
        return function;
    }

    /** One that changes or finds something. */
    private String command() {
        return switch (below(17)) {
            case 0, 1 ->
                pick(List.of("source ", ". ", "source ")) + pick(List.of(SOURCED, "$prefix/sourced.cfg", "/gone"));
            case 2 -> "load_env" + pick(List.of("", " -f $prefix/grubenv", " a", " saved_entry b", " -f /gone"));
            case 3 -> "search %s --set=%s %s".formatted(hints(), pick(List.of("root", "a", "b")), wanted());
            case 4 -> "search %s --set %s %s".formatted(wanted(), pick(List.of("root", "a")), hints());
            case 5 -> "search --no-floppy %s --set".formatted(wanted());
            case 6 ->
                "search.%s %s %s"
                        .formatted(
                                "fs_uuid",
                                pick(List.of(GrubEmu.BOOT_UUID, "gone")),
                                pick(List.of("root", "a", "a hd0,gpt2")));
            case 7 ->
                "probe --set %s %s %s"
                        .formatted(
                                pick(NAMES),
                                pick(List.of("-u", "--fs-uuid", "-l", "--fs", "--partmap", "--part-uuid")),
                                pick(List.of("$root", "(hd0,gpt2)", "hd0,gpt2", "hd0,gpt7")));
            case 8 -> "regexp --set 1:%s '(.)' %s".formatted(pick(NAMES), word());
            case 9, 10 ->
                "eval " + pick(List.of("'set a=\"1 2\"'", "\"set b=\\$$c\"", "set 'c=$1'", "\"a=$a$b\"", "f0 x"));
            case 11 ->
                pick(List.of(
                        "insmod part_gpt", "insmod gone", "loadfont unicode", "nothing a", "terminal_output console"));
            case 12 -> "echo -n" + words(2).replace("~", "");
            case 13 -> pick(List.of("set root=(hd0,gpt2)", "set root='hd0,gpt1'", "root=hd0,2", "set root=hd0,gpt1"));
            case 14 -> "test" + test(0);
            case 15 -> "export %s=%s".formatted(pick(NAMES), word());
            default -> pick(List.of("true", "false", "! false", "! true", "set", "unset none"));
        };
    }

    private String hints() {
        return pick(List.of("", "--hint hd0,gpt2", "--hint-bios=hd0,gpt1 --hint-efi=hd0,gpt2", "--hint='hd0,gpt1'"));
    }

    private String wanted() {
        return pick(List.of(
                "--fs-uuid " + ExtBuilder.UUID,
                "--fs-uuid " + GrubEmu.BOOT_UUID,
                "-u gone",
                "--label BOOT",
                "-l box",
                "--file /vmlinuz-3",
                "-f /boot/vmlinuz-1"));
    }

    private List<Node> loads() {
        List<Node> nodes = new ArrayList<>();
        String linux = LOADER + "linux %s%s".formatted(pick(KERNELS), words(4));
        if (chance(12)) {
            nodes.add(new Node("if %s; then".formatted(linux), statements(1, DEPTH_MAX), "fi"));
        } else {
            nodes.add(Node.line(linux));
        }
        if (chance(2)) {
            nodes.add(Node.line(LOADER + "initrd " + pick(INITRDS) + (chance(4) ? " " + pick(INITRDS) : "")));
        }
        return nodes;
    }

    private Node entry(int depth) {
        if (chance(40)) {
            return new Node(head("menuentry"), List.of(), "}");
        }
        List<Node> body = statements(below(3), depth);
        if (chance(20)) {
            body.add(Node.line("configfile " + OTHER));
        }
        if (!chance(12)) {
            body.addAll(loads());
        }
        if (chance(10)) {
            body.addAll(loads());
        }
        body.addAll(statements(chance(4) ? 1 : 0, DEPTH_MAX));
        body.add(Node.line(GrubScript.END));
        return new Node(head("menuentry"), body, "}");
    }

    private Node submenu() {
        List<Node> body = statements(below(3), 1);
        for (int i = below(3); i >= 0; i--) {
            body.add(entry(2));
        }
        body.add(Node.line(GrubScript.END));
        return new Node(head("submenu"), body, "}");
    }

    private String head(String command) {
        String title = pick(List.of("x", "'E one'", "\"E 2\"", "z", "'a>b'", "''", word()));
        String id = pick(List.of("", "", " --id i1", " --id=i2", " --id 'a>b'", " --id " + word()));
        titles.addAll(List.of("E one", "E 2", "z", "a>>b", "i1", "i2"));
        return "%s %s%s%s%s {"
                .formatted(
                        command,
                        title,
                        chance(4) ? " --class gnu --class os" : "",
                        id,
                        chance(4) ? " --unrestricted" : chance(4) ? words(2) : "");
    }
}
