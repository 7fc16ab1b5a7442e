package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.log.RotatedFile;
import io.javisor.manager.registry.MachineEntry;
import io.javisor.testkit.guest.TinyKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The log of the launcher's processes. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class LogIT {
    private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z ";

    /** What a run prints: the guest's console, and by which engine where that is not KVM. */
    private static final Program.Result NORMAL = new Program.Result(0, "ready\n", AutoEngine.SAID);

    /** A log that has as much is full. */
    private static final int FULL_BYTES = 8 << 20;

    @AutoClose
    private final MachineHome home = new MachineHome();

    LogIT() throws IOException {}

    /** In the foreground, to its end. */
    private Program.Result run(String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "printf q | \"$@\"", "sh"));
        command.addAll(home.command("run", "--memory", TinyKernel.MEMORY_MIB + "M"));
        command.addAll(List.of("--kernel", home.kernel.toString()));
        command.addAll(List.of(options));
        return Program.run(command);
    }

    private Path file() {
        return home.directory().resolve("log");
    }

    @Test
    void aNormalRunPrintsTheGuestsConsoleAndNothingElse() throws Exception {
        assertEquals(NORMAL, run());
        assertEquals(NORMAL, run("--log-level", "info"));
        assertEquals(NORMAL, run("--log-file", file().toString()));
        assertEquals("", Files.readString(file()));
    }

    @Test
    void theLogIsOnStandardError() throws Exception {
        Program.Result result = run("--log-level", "machine=debug");
        assertEquals("ready\n", result.out());
        assertTrue(result.err().contains(AutoEngine.SAID), result::err);
        String log = result.err().replace(AutoEngine.SAID, "");
        assertFalse(log.isEmpty());
        assertTrue(log.lines().allMatch(line -> line.startsWith("javisor: DEBUG ")), result::err);
    }

    @Test
    void orInAFileAsText() throws Exception {
        String[] options = {"--log-level", "debug", "--log-file", file().toString()};
        assertEquals(NORMAL, run(options));
        List<String> once = Files.readAllLines(file());
        assertTrue(
                once.stream().anyMatch(line -> line.matches(TIME + "DEBUG \\[.*\\] io\\.javisor\\.machine\\..*")),
                once::toString);
        assertEquals(NORMAL, run(options));
        assertEquals(once, Files.readAllLines(file()).subList(0, once.size()));
        assertTrue(Files.readAllLines(file()).size() > once.size());
    }

    @Test
    void orAsJson() throws Exception {
        assertEquals(NORMAL, run("--verbose", "--log-file", file().toString(), "--log-format", "json"));
        List<String> lines = Files.readAllLines(file());
        assertFalse(lines.isEmpty());
        for (String line : lines) {
            JsonNode event = JsonMapper.builder().build().readTree(line);
            assertTrue(event.isObject(), line);
            assertEquals("DEBUG", event.get("level").stringValue());
        }
    }

    @Test
    void aDetachedMachineLogsAsItsStarterSays() throws Exception {
        MachineEntry web = home.start("web", "--log-level", "debug");
        assertEquals("web\n", home.succeed("kill", "web"));
        List<String> log = Files.readAllLines(web.processLog());
        assertTrue(
                log.stream().anyMatch(line -> line.matches(TIME + "DEBUG \\[.*\\] io\\.javisor\\..*")), log::toString);

        assertEquals("web\n", home.succeed("start", "web"));
        assertEquals("web\n", home.succeed("kill", "web"));
        assertEquals(log, Files.readAllLines(web.processLog()), "nothing is said of a normal run");

        assertEquals(
                "web\n",
                home.succeed(
                        "start",
                        "web",
                        "--log-level",
                        "machine=debug",
                        "--log-file",
                        file().toString(),
                        "--log-format",
                        "json"));
        assertEquals("web\n", home.succeed("restart", "-t", "0", "web", "--log-level", "off"));
        assertTrue(Files.readString(file()).startsWith("{"), () -> file().toString());
        assertEquals(log, Files.readAllLines(web.processLog()));
    }

    private static Path fill(Path log) throws IOException {
        return Files.writeString(log, "of then\n".repeat(FULL_BYTES / 8));
    }

    private static void assertGaveWay(Path log) throws IOException {
        assertEquals(FULL_BYTES, Files.size(RotatedFile.older(log)));
        assertTrue(Files.size(log) < FULL_BYTES / 100);
    }

    @Test
    void aFileThatIsFullBecomesTheOlderOne() throws Exception {
        Path file = fill(file());
        assertEquals(NORMAL, run("--log-level", "debug", "--log-file", file.toString()));
        assertGaveWay(file);
        assertTrue(Files.readString(file).contains(" DEBUG "));
    }

    /** Whoever writes there: the log, or standard error. */
    @Test
    void soDoesTheLogOfAMachineInTheBackground() throws Exception {
        MachineEntry web = home.start("web");
        Path log = web.processLog();
        for (String[] options : List.of(new String[0], new String[] {"--log-file", file().toString()})) {
            assertEquals("web\n", home.succeed("kill", "web"));
            fill(log);
            String[] start =
                    Stream.concat(Stream.of("start", "web"), Stream.of(options)).toArray(String[]::new);
            assertEquals("web\n", home.succeed(start));
            assertGaveWay(log);
            assertEquals(
                    log.toRealPath(),
                    Path.of("/proc/" + web.status().pid() + "/fd/2").toRealPath());
        }
        assertEquals("web\n", home.succeed("kill", "web"));
        Files.writeString(log, "the last\n");
        assertEquals("of then\nthe last\n", home.succeed("logs", "--javisor", "--tail", "2", "web"));
    }

    @Test
    void aFileThatCannotBeOpenedIsOneLine() throws Exception {
        Path none = home.directory().resolve("no/log");
        home.javisor(home.runDetached("web", "--log-file", none.toString()))
                .assertFailed(ExitStatus.OWN_ERROR, "--log-file " + none + " can't be opened: the directory ");
        assertEquals("", home.succeed("ps", "-a", "-q"));
    }
}
