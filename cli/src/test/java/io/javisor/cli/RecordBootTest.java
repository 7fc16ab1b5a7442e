package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The script that records a boot, with a script in place of the JVM. */
@Timeout(120)
class RecordBootTest {
    private static final String KEY = "0a1b";
    private static final FileTime LONG_AGO = FileTime.fromMillis(1_000_000);

    @TempDir
    private Path directory = Path.of("");

    private Path boots = Path.of("");
    private Path script = Path.of("");
    private Path kernel = Path.of("");

    @BeforeEach
    void install() throws IOException {
        boots = directory.resolve("cache/javisor/boots");
        script = directory.resolve("app/record-boot");
        kernel = Files.createFile(directory.resolve("vmlinuz"));
        Files.setLastModifiedTime(kernel, LONG_AGO);
        Files.createDirectory(script.getParent());
        Root.copy(Path.of("src/main/launcher/record-boot"), script);
        Files.setLastModifiedTime(Files.createFile(script.resolveSibling("built")), LONG_AGO);
    }

    /** One that does what javisor does: its guest is ready, and ends when it is told to; then the recording becomes a cache. */
    private static final String WORKS = """
        case $mode in
        record) echo 'javisor guest ready' && read -r typed && [ "$typed" = 'poweroff -f' ] && echo recorded >"$configuration" ;;
        create) [ "$(cat "$configuration")" = recorded ] && echo cache >"$output" ;;
        esac
        """;

    private List<String> command(String behaviour) throws IOException {
        Path jvm = Files.writeString(directory.resolve("jvm"), """
            echo "$$ $*" >>%s
            for word; do
                case $word in
                -XX:AOTMode=*) mode=${word#*=} ;;
                -XX:AOTConfiguration=*) configuration=${word#*=} ;;
                -XX:AOTCache=*) output=${word#*=} ;;
                esac
            done
            """.formatted(directory.resolve("log")) + behaviour);
        Path java = Files.writeString(directory.resolve("java"), "#!/bin/sh\nexec sh " + jvm + " \"$@\"\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
        return Root.command(
                "sh", script, boots, KEY, kernel, java, "-XX:AOTCache=/the/launchers", "-cp", "a jar", "Main");
    }

    private Program.Result run(String behaviour) throws IOException, InterruptedException {
        return Program.run(command(behaviour));
    }

    private List<String> runs() {
        Path log = directory.resolve("log");
        try {
            return Files.exists(log) ? Files.readAllLines(log) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> left() throws IOException {
        try (Stream<Path> files = Files.list(boots)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals(".lock"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void itIsMadeOnce() throws Exception {
        Program.Result result = run(WORKS);
        assertEquals(0, result.status(), result::toString);
        assertEquals("", result.out());
        assertEquals(1, result.err().lines().count(), result::toString);
        assertTrue(result.err().startsWith("javisor: recording a boot"), result::toString);
        assertTrue(result.err().contains("JAVISOR_BOOT_CACHE=off"), result::toString);
        Path made = boots.resolve(KEY + ".aot");
        assertEquals("cache\n", Files.readString(made));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(made)));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(boots)));
        assertEquals(List.of(KEY + ".aot"), left());
        assertEquals(2, runs().size());
        assertTrue(runs().getFirst().endsWith("-cp a jar Main run --accel software"), runs()::toString);
        assertFalse(runs().toString().contains("/the/launchers"), runs()::toString);

        result = run(WORKS);
        assertEquals(0, result.status(), result::toString);
        assertEquals("", result.out() + result.err());
        assertEquals(2, runs().size());
    }

    /** By a package or a kernel that is younger. */
    @Test
    void anOldOneIsMadeAgain() throws Exception {
        Path made = boots.resolve(KEY + ".aot");
        assertEquals(0, run(WORKS).status());
        for (Path younger : List.of(kernel, script.resolveSibling("built"))) {
            Files.writeString(made, "old");
            Files.setLastModifiedTime(younger, FileTime.fromMillis(System.currentTimeMillis() + 3_600_000));
            assertEquals(0, run(WORKS).status());
            assertEquals("cache\n", Files.readString(made));
            Files.setLastModifiedTime(younger, LONG_AGO);
        }
    }

    @Test
    void theOldestGo() throws Exception {
        Files.createDirectories(
                boots, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        for (int i : IntStream.range(0, 6).toArray()) {
            Files.setLastModifiedTime(
                    Files.createFile(boots.resolve(i + ".aot")), FileTime.fromMillis(1_000_000 + i * 10_000));
        }
        Files.createDirectory(boots.resolve(".work.left"));
        assertEquals(0, run(WORKS).status());
        assertEquals(List.of(KEY + ".aot", "3.aot", "4.aot", "5.aot"), left());
    }

    @Test
    void oneAtATime() throws Exception {
        Files.createDirectories(
                boots, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Program.Result result = Program.run(Root.command("flock", boots.resolve(".lock"), command(WORKS)));
        assertEquals(1, result.status(), result::toString);
        assertEquals("another one is at it\n", result.out());
        assertEquals("", result.err());
        assertEquals(List.of(), left());
    }

    @Test
    void whatFailsIsMarkedAndSaidInOneLine() throws Exception {
        for (String behaviour : List.of(
                "echo no guest; exit 3",
                "[ $mode = create ] || echo javisor guest ready; echo no guest; exit 3",
                WORKS + "[ $mode = record ] || { echo no guest; exit 1; }")) {
            Program.Result result = run(behaviour);
            assertEquals(1, result.status(), result::toString);
            assertEquals(1, result.out().lines().count(), result::toString);
            assertTrue(result.out().endsWith(": no guest\n"), result::toString);
            assertEquals(List.of(KEY + ".failed"), left());
        }
        assertEquals(0, run(WORKS).status());
        assertEquals(List.of(KEY + ".aot"), left());
    }

    @Test
    void interruptedItLeavesNothing() throws Exception {
        for (String signal : List.of("TERM", "INT", "KILL")) {
            List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
            command.addAll(command("sleep 100"));
            int before = runs().size();
            try (Program program = Program.start(command)) {
                Await.until(() -> "the JVM runs", () -> runs().size() > before);
                long jvm = Long.parseLong(runs().getLast().split(" ", -1)[0]);
                assertEquals(
                        0,
                        Program.run(
                                        "kill",
                                        "-" + signal,
                                        Long.toString(program.process().pid()))
                                .status());
                assertTrue(program.awaitEnd(Await.TIMEOUT_SECONDS).status() > 128);
                Await.until(() -> "the JVM ends", () -> ProcessHandle.of(jvm).isEmpty());
            }
            if (!signal.equals("KILL")) {
                assertEquals(List.of(), left());
            }
        }
        assertEquals(0, run(WORKS).status());
        assertEquals(List.of(KEY + ".aot"), left());
    }

    /** Before the JVM has its process group. */
    @Test
    void interruptedAtItsBeginItLeavesNothing() throws Exception {
        Path slow = Files.createDirectory(directory.resolve("slow"));
        Path setsid = Files.writeString(
                slow.resolve("setsid"),
                "#!/bin/sh\necho \"$$ setsid\" >>" + directory.resolve("log") + "\nexec sleep 100\n");
        Files.setPosixFilePermissions(setsid, PosixFilePermissions.fromString("rwxr-xr-x"));
        List<String> command = new ArrayList<>(List.of("env", "PATH=" + slow + ":" + System.getenv("PATH")));
        command.addAll(command(WORKS));
        try (Program program = Program.start(command)) {
            Await.until(() -> "it begins", () -> !runs().isEmpty());
            long begun = Long.parseLong(runs().getFirst().split(" ", -1)[0]);
            try {
                program.process().destroy();
                assertTrue(program.awaitEnd(Await.TIMEOUT_SECONDS).status() > 128);
                assertTrue(ProcessHandle.of(begun).isEmpty());
            } finally {
                ProcessHandle.of(begun).ifPresent(ProcessHandle::destroyForcibly);
            }
        }
        assertEquals(List.of(), left());
    }

    @Test
    void noPlaceForIt() throws Exception {
        Files.createFile(directory.resolve("cache"));
        Program.Result result = run(WORKS);
        assertEquals("cannot write to " + boots + "\n", result.out());
        assertEquals(1, result.status());
        assertEquals("", result.err());
    }

    @Test
    void othersMayWriteThere() throws Exception {
        Files.createDirectories(boots);
        Files.setPosixFilePermissions(boots, PosixFilePermissions.fromString("rwxrwxr-x"));
        Program.Result result = run(WORKS);
        assertEquals("others may write to " + boots + "\n", result.out());
        assertEquals(1, result.status());
        try (Stream<Path> files = Files.list(boots)) {
            assertEquals(List.of(), files.toList());
        }
    }
}
