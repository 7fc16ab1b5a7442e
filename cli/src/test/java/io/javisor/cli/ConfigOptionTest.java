package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.guest.TinyKernel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code javisor run --config}. */
class ConfigOptionTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path directory = Path.of("");

    private Path write(String text) throws IOException {
        TinyKernel.writeTo(directory);
        return Files.writeString(directory.resolve("vm.json"), text);
    }

    @Test
    void theFileIsTheMachineAndOptionsOverrideIt() throws IOException {
        String config = write("""
            {"kernel": "tiny-kernel", "name": "one", "memory": "8M", "cpus": 2, "commandLine": "a", "acpi": false}
            """).toString();
        JsonNode asFile = dryRun("--config", config);
        assertEquals(
                directory.resolve("tiny-kernel").toString(),
                asFile.path("kernel").asString());
        assertEquals("one", asFile.path("name").asString());
        assertEquals(8 << 20, asFile.path("memoryBytes").asLong());
        assertEquals(2, asFile.path("cpus").asInt());
        assertEquals("a", asFile.path("commandLine").asString());
        assertEquals("mptable", asFile.path("systemTables").asString());
        assertEquals("auto", asFile.path("settings").path("accel").asString());
        assertTrue(asFile.path("settings").path("reboot").asBoolean());
        JsonNode overridden = dryRun(
                "--cpus",
                "3",
                "--acpi",
                "on",
                "--config",
                config,
                "--name",
                "other",
                "--cmdline",
                "b",
                "--accel",
                "software,translate=off");
        assertEquals(
                "software,translate=off",
                overridden.path("settings").path("accel").asString());
        assertEquals("software", overridden.path("engine").asString());
        assertEquals("other", overridden.path("name").asString());
        assertEquals(8 << 20, overridden.path("memoryBytes").asLong());
        assertEquals(3, overridden.path("cpus").asInt());
        assertTrue(overridden.path("commandLine").asString().endsWith("b"));
        assertEquals("acpi", overridden.path("systemTables").asString());
    }

    private JsonNode dryRun(String... arguments) {
        List<String> all = new ArrayList<>(List.of("run", "--dry-run", "--json"));
        all.addAll(List.of(arguments));
        out.getBuffer().setLength(0);
        assertEquals(0, run(all.toArray(String[]::new)), err::toString);
        return JsonMapper.shared().readTree(out.toString());
    }

    @Test
    void aMistakeIsOneLineAndStatus125() throws IOException {
        Path config = write("{\n  \"memroy\": \"1G\"\n}");
        assertEquals(125, run("run", "--config", config.toString()));
        assertEquals(
                "javisor: " + config + ":2:3: unknown key \"memroy\"; did you mean \"memory\"?"
                        + System.lineSeparator(),
                err.toString());
        assertEquals("", out.toString());
    }

    @Test
    void aRunWithoutAFileLoadsNoJsonParser() throws Exception {
        assertEquals(List.of(), loaded("--kernel", TinyKernel.writeTo(directory).toString()));
    }

    /** Guards the test above. */
    @Test
    void aRunWithAFileLoadsTheParserButNoDataBinding() throws Exception {
        List<String> loaded =
                loaded("--config", write("{\"kernel\": \"tiny-kernel\"}").toString());
        assertTrue(loaded.contains("tools.jackson.core.JsonParser"), loaded::toString);
        assertTrue(loaded.stream().noneMatch(name -> name.startsWith("tools.jackson.databind.")), loaded::toString);
    }

    /** Jackson's and the file reader's classes that a dry run loads, in a process of its own. */
    private List<String> loaded(String... arguments) throws Exception {
        Path log = directory.resolve("classes");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xlog:class+load:file=" + log + ":none",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "run",
                "--dry-run"));
        command.addAll(List.of(arguments));
        Program.Result result = Program.run(command);
        assertEquals(0, result.status(), result::toString);
        List<String> names = Files.readAllLines(log).stream()
                .map(line -> line.substring(0, Math.max(0, line.indexOf(' '))))
                .toList();
        assertTrue(names.contains(MachineOptions.class.getName()), "the log is read");
        return names.stream()
                .filter(name -> name.startsWith("tools.jackson.") || name.startsWith("io.javisor.cli.config.ConfigF"))
                .toList();
    }

    private int run(String... arguments) {
        CommandLine commandLine = Main.commandLine();
        commandLine.setOut(new PrintWriter(out, true));
        commandLine.setErr(new PrintWriter(err, true));
        return commandLine.execute(arguments);
    }
}
