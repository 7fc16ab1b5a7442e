package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The files that a package brings for javisor's real commands. */
class ShareFilesTest {
    @TempDir
    private Path directory = Path.of("");

    @BeforeEach
    void generate() throws IOException {
        ShareFiles.main(new String[] {directory.toString(), "1.2.3", "2026-11-23T00:00:00Z"});
    }

    /** But for those that no user gives. */
    private static List<CommandLine> all(CommandLine command) {
        List<CommandLine> all = new ArrayList<>(List.of(command));
        command.getSubcommands().values().stream()
                .distinct() // an alias is the same
                .filter(sub -> !sub.getCommandSpec().usageMessage().hidden())
                .forEach(sub -> all.addAll(all(sub)));
        return all;
    }

    private Path page(CommandLine command) {
        return directory.resolve("man/man1/" + command.getCommandSpec().qualifiedName("-") + ".1");
    }

    private static String run(Path directory, int expectedStatus, String... command)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(expectedStatus, process.waitFor(), output);
        return output;
    }

    private static boolean isInstalled(String program) {
        return Stream.of(System.getenv("PATH").split(":", -1))
                .anyMatch(entry -> Files.isExecutable(Path.of(entry, program)));
    }

    @Test
    void everyOptionOfEveryCommandIsInItsPage() throws IOException {
        List<CommandLine> commands = all(Main.commandLine());
        assertTrue(commands.size() >= 4, "the commands are found");
        for (CommandLine command : commands) {
            String page = Files.readString(page(command));
            assertTrue(page.contains("\"javisor 1.2.3\""), page);
            for (OptionSpec option : command.getCommandSpec().options()) {
                for (String name : option.names()) {
                    String shown = option.negatable() ? "--[no-]" + name.substring(2) : name;
                    assertTrue(
                            page.contains("\\fB" + shown.replace("-", "\\-") + "\\fR"), () -> shown + " in\n" + page);
                }
            }
        }
        try (Stream<Path> pages = Files.list(directory.resolve("man/man1"))) {
            assertEquals(commands.size(), pages.count());
        }
    }

    @Test
    void everyOptionIsInTheZshFunction() throws IOException {
        String script = Files.readString(directory.resolve("zsh/site-functions/_javisor"));
        for (CommandLine command : all(Main.commandLine())) {
            for (OptionSpec option : command.getCommandSpec().options()) {
                assertTrue(script.contains(option.longestName()), () -> option.longestName() + " in\n" + script);
            }
        }
    }

    @Test
    void sameBytesEachTime() throws IOException {
        Map<Path, String> first = contents();
        generate();
        assertEquals(first, contents());
        assertTrue(first.size() >= 6, first.keySet()::toString);
        first.values().forEach(text -> assertTrue(!text.contains(directory.toString())));
    }

    private Map<Path, String> contents() throws IOException {
        Map<Path, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                contents.put(file, Files.readString(file));
            }
        }
        return contents;
    }

    @ParameterizedTest
    @CsvSource({
        "run --m, --memory --memory-backing --module --mount",
        "run --kern, --kernel",
        "do, doctor",
        "doctor --js, --json",
        "ima, image images",
        "image pr, prune",
        "images --dig, --digests",
        "pull --pro, --progress",
        "--verb, --verbose"
    })
    void bashCompletes(String words, String expected) throws IOException, InterruptedException {
        assertEquals(List.of(expected.split(" ", -1)), offeredByBash(words));
    }

    private List<String> offeredByBash(String words) throws IOException, InterruptedException {
        String script = "compopt() { :; }; source bash-completion/completions/javisor; COMP_LINE='javisor " + words
                + "'; COMP_WORDS=($COMP_LINE); COMP_CWORD=$((${#COMP_WORDS[@]} - 1));"
                + " _complete_javisor; printf '%s\\n' \"${COMPREPLY[@]}\"";
        return run(directory, 0, "env", "XDG_STATE_HOME=" + directory, "bash", "--norc", "-c", script)
                .lines()
                .sorted()
                .toList();
    }

    private void makeMachines(String... names) throws IOException {
        Path machines = Files.createDirectories(directory.resolve("javisor"));
        Files.createDirectory(machines.resolve("wrong"));
        for (String name : names) {
            Files.createSymbolicLink(machines.resolve(name), Path.of(".id"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "stop", "kill", "start", "restart", "pause", "resume", "rm", "wait", "logs", "console", "inspect",
                "stats", "rename", "resize"
            })
    void bashOffersMachines(String command) throws IOException, InterruptedException {
        assertEquals(List.of(""), offeredByBash(command + " w")); // printf's empty line
        makeMachines("web", "www", "db");
        assertEquals(List.of("web", "www"), offeredByBash(command + " w"));
    }

    @Test
    void zshOffersMachines() throws IOException, InterruptedException {
        assumeTrue(isInstalled("zsh"), "zsh is not installed");
        String script = Files.readString(directory.resolve("zsh/site-functions/_javisor"));
        String action =
                script.replaceAll("(?s).*_javisor_stop\\(\\) \\{.*?\\*:NAME:(\\{.*?compadd -a machines\\}).*", "$1");
        makeMachines("web", "db");
        // The one word of what completes that has no meaning outside.
        String shown = action.replace("compadd -a", "print -l").replace("print -l machines", "print -l $machines");
        assertEquals(
                "db\nweb\n",
                run(directory, 0, "env", "XDG_STATE_HOME=" + directory, "zsh", "-f", "-c", "f() " + shown + "; f"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mandoc -T lint -W warning", "groff -man -ww -z -Tutf8"})
    void pagesAreWellFormed(String checker) throws IOException, InterruptedException {
        List<String> words = List.of(checker.split(" ", -1));
        assumeTrue(isInstalled(words.getFirst()), words.getFirst() + " is not installed");
        for (CommandLine command : all(Main.commandLine())) {
            List<String> line = new ArrayList<>(words);
            line.add(page(command).toString());
            assertEquals("", run(directory, 0, line.toArray(String[]::new)));
        }
    }

    @Test
    void zshReadsItsFunction() throws IOException, InterruptedException {
        assumeTrue(isInstalled("zsh"), "zsh is not installed");
        assertEquals("", run(directory, 0, "zsh", "-f", "-n", "zsh/site-functions/_javisor"));
    }
}
