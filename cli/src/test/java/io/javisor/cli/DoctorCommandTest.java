package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.machine.doctor.Check;
import io.javisor.machine.doctor.HostReport;
import io.javisor.testkit.junit.KvmTest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DoctorCommandTest {
    private final StringWriter out = new StringWriter();

    private static final HostReport MIXED = new HostReport(List.of(
            Check.ok("java", "25"),
            Check.warning("tun", "closed", "open it"),
            Check.failure("kvm-device", "none", "load it")));

    private int run(String... arguments) {
        CommandLine commandLine = Main.commandLine(arguments);
        commandLine.setOut(new PrintWriter(out, true));
        return commandLine.execute(arguments);
    }

    @Test
    @KvmTest
    void thisHostAsText() {
        assertEquals(0, run("doctor"));
        assertTrue(out.toString().contains("javisor can run here: 0 failures, "), out::toString);
        assertTrue(out.toString().lines().anyMatch(line -> line.matches("ok +kvm-device +/dev/kvm can be opened")));
        assertTrue(out.toString().lines().anyMatch(line -> line.matches("(ok|warning) +default-guest .*")));
    }

    @Test
    @KvmTest
    void thisHostAsJson() {
        assertEquals(0, run("doctor", "--json"));
        JsonNode document = JsonMapper.builder().build().readTree(out.toString());
        assertTrue(document.get("canRun").asBoolean());
        assertTrue(document.get("checks").size() > 10);
        for (JsonNode check : document.get("checks")) {
            assertEquals(Set.of("id", "status", "found", "remedy"), new HashSet<>(check.propertyNames()));
            assertEquals(
                    check.get("status").asString().equals("ok"),
                    check.get("remedy").isNull(),
                    check::toString);
        }
    }

    @Test
    void aVariableThatCannotBeReadIsAFinding() {
        HostReport report = DoctorCommand.report(Map.of("JAVISOR_ACCEL", "foo"));
        assertFalse(report.canRun());
        Check last = report.checks().getLast();
        assertEquals("environment", last.id());
        assertEquals("JAVISOR_ACCEL: 'foo' is none of auto, kvm, software", last.found());
        assertEquals("unset JAVISOR_ACCEL", last.remedy());
        assertTrue(report.checks().size() > 5);
    }

    @ParameterizedTest
    @CsvSource({
        "software,,",
        "'software,perf-map=on',,",
        "'software,translate=off',nothing is translated,export JAVISOR_ACCEL=software",
        "'software,translate=check',compared with single steps,export JAVISOR_ACCEL=software",
    })
    void anEngineThatTheVariableMakesSlowIsAWarning(String variable, @Nullable String found, @Nullable String remedy) {
        HostReport report = DoctorCommand.report(Map.of("JAVISOR_ACCEL", variable));
        Check accel = report.checks().stream()
                .filter(check -> check.id().equals("accel"))
                .findFirst()
                .orElseThrow();
        assertEquals(found == null ? Check.Status.OK : Check.Status.WARNING, accel.status());
        assertEquals(remedy, accel.remedy());
        if (found != null) {
            assertTrue(
                    accel.found().startsWith(variable + ": ") && accel.found().contains(found), accel::found);
        }
    }

    @Test
    void textNamesTheRemedyBelowWhatIsNotOk() {
        assertEquals("""
            ok       java        25
            warning  tun         closed
                     try: open it
            failure  kvm-device  none
                     try: load it

            javisor can't run here: 1 failure, 1 warning.
            """, new DoctorReport(MIXED).text(Help.defaultColorScheme(Ansi.OFF)));
    }

    @Test
    void jsonHasTheSame() {
        JsonNode document = JsonMapper.builder().build().readTree(new DoctorReport(MIXED).json());
        assertFalse(document.get("canRun").asBoolean());
        assertEquals(
                "{\"id\":\"kvm-device\",\"status\":\"failure\",\"found\":\"none\",\"remedy\":\"load it\"}",
                document.get("checks").get(2).toString());
        assertTrue(document.get("checks").get(0).get("remedy").isNull());
    }

    @Test
    void helpSaysWhatTheStatusesMean() {
        assertEquals(0, run("doctor", "--help"));
        for (String part : new String[] {"--json", "--verbose", "Exit status:", "  0 ", "  1 ", "  125 "}) {
            assertTrue(out.toString().contains(part), out::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "doctor"})
    void everyCommandTellsTheVersion(String command) {
        assertEquals(0, run(command, "--version"));
        assertTrue(out.toString().startsWith("javisor "), out::toString);
    }

    /** Start-up time is what a user feels: a run must not pay for another command. */
    @Test
    void runLoadsNothingOfAnotherCommand() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xlog:class+load",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.javisor.cli.Main",
                        "run",
                        "--kernel",
                        "/nonexistent",
                        "--dry-run")
                .redirectErrorStream(true)
                .start();
        String log = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(125, process.waitFor());
        assertTrue(log.contains(" io.javisor.cli.RunCommand "), "the log shows what is loaded");
        List<String> loaded = Stream.of("Doctor", ".doctor.", "DefaultGuestCheck", "HelpCommand", "tools.jackson")
                .filter(log::contains)
                .toList();
        assertEquals(List.of(), loaded);
    }
}
