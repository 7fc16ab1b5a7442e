package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.api.http.ControlClient;
import io.javisor.manager.live.Control;
import io.javisor.manager.registry.MachineEntry;
import io.javisor.manager.registry.MachinePhase;
import io.javisor.testkit.Await;
import io.javisor.testkit.guest.TinyKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands for machines that have names, each a process as its user starts it; the guests are tiny. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class OperateIT {
    @AutoClose
    private final MachineHome home = new MachineHome();

    OperateIT() throws IOException {}

    private static MachinePhase phase(MachineEntry machine) {
        return machine.status().phase();
    }

    @Test
    void aMachineFromStartToRemoval() throws Exception {
        MachineEntry web = home.start("web");
        assertEquals(MachinePhase.RUNNING, phase(web));
        assertEquals(
                "web running 1\t4M\n", home.succeed("ps", "--format", "{{name}} {{.State}} {{cpus}}\\t{{memory}}"));
        JsonNode listed = JsonMapper.shared()
                .readTree(home.succeed("ps", "--format", "json"))
                .get(0);
        assertEquals(web.status().pid(), listed.get("pid").asLong());
        assertTrue(listed.get("exitStatus").isNull(), listed::toString);
        assertTrue(MachineHome.talk(web, "", "ready\n").endsWith("ready\n"));

        assertEquals("web\n", home.succeed("pause", "web"));
        assertEquals(MachinePhase.PAUSED, phase(web));
        home.javisor("pause", "web").assertFailed(125, "machine web is paused");
        assertEquals("web\n", home.succeed("resume", "web"));
        assertEquals(MachinePhase.RUNNING, phase(web));
        assertTrue(MachineHome.talk(web, "\001", "A").endsWith("A"));

        JsonNode inspected =
                JsonMapper.shared().readTree(home.succeed("inspect", "web")).get(0);
        assertEquals("running", inspected.get("state").asString());
        assertEquals(
                home.kernel.toString(), inspected.get("settings").get("kernel").asString());
        assertEquals("4M", inspected.get("settings").get("memory").asString());
        assertEquals(1, inspected.get("machine").get("cpus").asInt());

        assertEquals("ready\nA", home.succeed("logs", "web"));
        JsonNode stats = JsonMapper.shared()
                .readTree(home.succeed("stats", "--format", "json"))
                .get(0);
        assertEquals("web", stats.get("name").asString());
        assertEquals(7, stats.get("consoleBytes").asInt());
        assertTrue(stats.get("cpuPercent").asDouble() > 10, stats::toString); // the guest polls
        assertTrue(stats.get("residentBytes").asLong() > 10 << 20, stats::toString);
        assertEquals(
                "software".equals(stats.get("engine").asString()),
                !stats.get("steps").isEmpty(),
                stats::toString);

        home.javisor("rm", "web").assertFailed(125, "machine 'web' runs; stop it first, or: javisor rm --force web");
        assertEquals("web\n", home.succeed("stop", "--timeout", "0", "web"));
        assertEquals(MachinePhase.STOPPED, phase(web));
        assertEquals("", home.succeed("ps", "--quiet"));
        assertEquals("web\n", home.succeed("ps", "--quiet", "--all"));
        assertEquals("ready\nA", home.succeed("logs", "web"));
        Program.Result waited = home.javisor("wait", "web");
        assertEquals("0\n", waited.out());
        home.javisor("stop", "web").assertFailed(125, "machine 'web' is stopped; to start it: javisor start web");

        assertEquals("web\n", home.succeed("rm", "web"));
        assertEquals("", home.succeed("ps", "--quiet", "--all"));
        home.awaitNoProcess();
        String events = home.succeed("events", "--no-follow");
        assertEquals(
                List.of("create", "start", "pause", "resume", "end", "remove"),
                events.lines().map(line -> line.split(" ", 4)[2]).toList(),
                events);
        assertTrue(events.lines().allMatch(line -> line.matches("20[0-9T:.-]+Z web .*")), events);
    }

    /** Its control socket speaks Firecracker's API too, and what is done there is seen here. */
    @Test
    void aMachineIsDrivenThroughFirecrackersApi() throws Exception {
        MachineEntry web = home.start("web", "--rng", "rate=1K");
        JsonNode info = ask(web, "GET", "/", null);
        assertEquals("web", info.get("id").asString());
        assertEquals("Running", info.get("state").asString());
        assertEquals(
                4, ask(web, "GET", "/machine-config", null).get("mem_size_mib").asInt());
        JsonNode config = ask(web, "GET", "/vm/config", null);
        assertEquals(
                home.kernel.toString(),
                config.get("boot-source").get("kernel_image_path").asString());
        assertEquals(
                1024,
                config.get("entropy")
                        .get("rate_limiter")
                        .get("bandwidth")
                        .get("size")
                        .asInt());
        assertTrue(ask(web, "PATCH", "/vm", "{\"state\":\"Paused\"}").isMissingNode());
        assertEquals(MachinePhase.PAUSED, phase(web));
        assertTrue(ask(web, "PATCH", "/vm", "{\"state\":\"Resumed\"}").isMissingNode());
        assertEquals(MachinePhase.RUNNING, phase(web));
        assertTrue(ask(web, "PUT", "/actions", "{\"action_type\":\"InstanceStart\"}")
                .get("fault_message")
                .asString()
                .contains("after the microVM has been started"));
    }

    private static JsonNode ask(MachineEntry machine, String method, String path, @Nullable String body)
            throws InterruptedException {
        return JsonMapper.shared()
                .readTree(ControlClient.send(machine.controlSocket(), method, path, body, Duration.ofSeconds(30))
                        .body());
    }

    @Test
    void aNameThatIsNotGivenIsMadeUp() throws Exception {
        String name = home.succeed("run", "-d", "-m", "4M", "--kernel", home.kernel.toString())
                .strip();
        assertTrue(name.matches("[a-z]+-[a-z]+"), name);
        assertEquals(MachinePhase.RUNNING, phase(home.registry.find(name)));
    }

    @Test
    void theExitStatusIsTheGuests() throws Exception {
        MachineEntry web = home.start("web");
        try (Program waiting = Program.start(home.command("wait", "web"))) {
            String _ = MachineHome.talk(web, "e", "never");
            Program.Result waited = waiting.awaitEnd(Await.TIMEOUT_SECONDS);
            assertEquals(TinyKernel.EXIT_STATUS, waited.status());
            assertEquals(TinyKernel.EXIT_STATUS + "\n", waited.out());
        }
        assertEquals("stopped (7)\n", home.succeed("ps", "-a", "--format", "{{state}}"));
    }

    @Test
    void aMachineThatCannotRunSaysWhyAndKeepsNoName() throws Exception {
        Path disk = home.directory().resolve("none.img");
        home.javisor(home.runDetached("web", "--disk", disk.toString()))
                .assertFailed(125, "disk " + disk + " does not exist");
        assertEquals("", home.succeed("ps", "-q", "-a"));
        home.awaitNoProcess();
    }

    @Test
    void aTakenNameIsRefused() throws Exception {
        MachineEntry web = home.start("web");
        home.javisor(home.runDetached("web")).assertFailed(125, "there is a machine 'web' already", "javisor rm web");
        assertEquals(MachinePhase.RUNNING, phase(web));
    }

    @Test
    void wrongNamesGetAHint() throws Exception {
        MachineEntry _ = home.start("web");
        for (String command :
                List.of("stop", "kill", "pause", "resume", "rm", "inspect", "logs", "wait", "console", "start")) {
            Program.Result result = home.javisor(command, "wbe");
            assertEquals(125, result.status(), result::toString);
            assertTrue(
                    result.err().contains("there is no machine or container 'wbe'; did you mean 'web'?"),
                    result::toString);
        }
    }

    @Test
    void anEndedMachineIsStartedAgainWithItsSettings() throws Exception {
        MachineEntry web = home.start("web", "--serial", "stdio", "--serial", "null");
        assertEquals("web\n", home.succeed("kill", "web"));
        home.javisor("resume", "web").assertFailed(125, "machine 'web' is stopped");
        long before = web.status().startedMillis();
        assertEquals("web\n", home.succeed("start", "web"));
        assertEquals(MachinePhase.RUNNING, phase(web));
        assertNotEquals(before, web.status().startedMillis());
        assertTrue(Files.exists(web.consoleSocket("com2")));
        home.javisor("start", "web").assertFailed(125, "machine 'web' runs already");
        assertEquals("ready\nready\n", home.succeed("logs", "web"));
        assertEquals("ready\n", home.succeed("logs", "--tail", "1", "web"));
        assertEquals("", home.succeed("logs", "--since", "2100-01-01", "web"));

        long pid = web.status().pid();
        assertEquals("web\n", home.succeed("restart", "--timeout", "0", "web"));
        assertEquals(MachinePhase.RUNNING, phase(web));
        assertNotEquals(pid, web.status().pid());
    }

    @Test
    void aMachineIsRenamedWhileItRuns() throws Exception {
        MachineEntry web = home.start("web");
        assertEquals("", home.succeed("rename", "web", "www"));
        home.javisor("stop", "web")
                .assertFailed(125, "there is no machine or container 'web'; 'javisor ps --all' lists");
        assertEquals("www\n", home.succeed("pause", "www"));
        assertEquals(MachinePhase.PAUSED, phase(web));
        assertEquals("www\n", home.succeed("rm", "--force", "www"));
        assertTrue(web.isGone());
    }

    @Test
    void nothingIsKeptWhereThatIsWanted() throws Exception {
        MachineEntry web = home.start("web", "--rm");
        String _ = MachineHome.talk(web, "q", "never");
        Await.until(() -> "the removal", web::isGone);
        assertEquals("", home.succeed("ps", "-q", "-a"));
        Await.until(
                () -> "the end of " + home.processes(), () -> home.processes().isEmpty());
    }

    /** As after a boot of the host, or a logout. */
    @Test
    void aMachineIsStartedWhereNoSocketsAreLeft() throws Exception {
        MachineEntry web = home.start("web");
        assertEquals("web\n", home.succeed("kill", "web"));
        home.awaitNoProcess();
        try (Stream<Path> paths = Files.walk(home.runtime)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
        Path _ = Files.createDirectory(home.runtime);
        assertEquals("web\n", home.succeed("start", "web"));
        assertTrue(MachineHome.talk(web, "\004", "D").endsWith("D"));
        assertEquals("web\n", home.succeed("pause", "web"));
    }

    @Test
    void anEventThatWasCutIsPassedOver() throws Exception {
        Files.createDirectories(home.state.resolve("javisor"));
        Files.setPosixFilePermissions(home.state.resolve("javisor"), PosixFilePermissions.fromString("rwx------"));
        Files.writeString(home.registry.events().file(), "{\"timeMillis\":1,\"na\n");
        MachineEntry _ = home.start("web");
        Program.Result events = home.javisor("events", "--no-follow");
        assertEquals(0, events.status());
        assertEquals("javisor: an event can't be read: {\"timeMillis\":1,\"na\n", events.err());
        assertEquals(2, events.out().lines().count(), events::toString);
    }

    @Test
    void twoStartsOfOneNameRaceSafely() throws Exception {
        try (Program first = Program.start(home.command(home.runDetached("web")));
                Program second = Program.start(home.command(home.runDetached("web")))) {
            Program.Result one = first.awaitEnd(Await.TIMEOUT_SECONDS);
            Program.Result two = second.awaitEnd(Await.TIMEOUT_SECONDS);
            assertEquals(125, one.status() + two.status(), () -> one + " " + two);
        }
        assertEquals("web running\n", home.succeed("ps", "-a", "--format", "{{name}} {{state}}"));
        assertEquals("web\n", home.succeed("kill", "web"));
        try (Program first = Program.start(home.command("start", "web"));
                Program second = Program.start(home.command("start", "web"))) {
            Program.Result one = first.awaitEnd(Await.TIMEOUT_SECONDS);
            Program.Result two = second.awaitEnd(Await.TIMEOUT_SECONDS);
            assertEquals(125, one.status() + two.status(), () -> one + " " + two);
        }
        assertEquals("web running\n", home.succeed("ps", "-a", "--format", "{{name}} {{state}}"));
    }

    @Test
    void theConsoleIsAFilterToo() throws Exception {
        MachineEntry web = home.start("web");
        try (Program console = Program.start(home.command("console", "--ro", "web"))) {
            Await.until(() -> "what the console shows", () -> console.printed().contains("ready"));
            String _ = MachineHome.talk(web, "\002", "B");
            assertEquals("web\n", home.succeed("kill", "web"));
            assertEquals("ready\nB", console.awaitEnd(Await.TIMEOUT_SECONDS).out());
        }
        // A machine comes before a file of its name.
        Path _ = Files.createDirectory(home.directory().resolve("web"));
        List<String> there =
                new ArrayList<>(List.of("env", "-C", home.directory().toString()));
        there.addAll(home.command("console", "web"));
        Program.run(there).assertFailed(125, "machine 'web' is stopped");
        home.javisor("console", "web").assertFailed(125, "machine 'web' is stopped");
    }

    @Test
    void aConsoleThatIsNotThereIsNamed() throws Exception {
        MachineEntry _ = home.start("web");
        home.javisor("console", "web", "com2").assertFailed(125, "machine 'web' has no serial port 'com2'");
    }

    @Test
    void aForegroundRunIsListedAndLeft() throws Exception {
        List<String> run = List.of("run", "--memory", TinyKernel.MEMORY_MIB + "M", "--kernel", home.kernel.toString());
        try (TerminalSession session = TerminalSession.launch(home.directory(), home.environment(), run)) {
            session.pty().await("ready");
            // A guest may run before its machine is listed.
            Await.until(() -> "a machine", () -> !home.registry.list().isEmpty());
            MachineEntry machine = home.registry.list().getFirst();
            Await.until(() -> "the guest", () -> phase(machine) == MachinePhase.RUNNING);
            assertEquals(machine.name() + "\n", home.succeed("ps", "-q"));
            ProcessHandle jvm = session.jvm();
            session.pty().type("\001d");
            session.pty().await("javisor: detached; the machine goes on: javisor console " + machine.name());
            assertEquals(0, session.awaitStatus());
            session.assertRestored();
            session.pty().hangUp();
            assertTrue(MachineHome.talk(machine, "\003", "C").endsWith("ready\nC"));
            assertTrue(jvm.isAlive());
            assertEquals(MachinePhase.RUNNING, phase(machine));
            assertEquals(machine.name() + "\n", home.succeed("kill", machine.name()));
            TerminalSession.awaitEnd(jvm);
            assertEquals("ready\nC", home.succeed("logs", machine.name()));
            assertEquals(machine.name() + "\n", home.succeed("rm", machine.name()));
        }
    }

    @Test
    void whatWasNotToBeKeptIsNotWhenItIsLeft() throws Exception {
        List<String> run = List.of(
                "run",
                "--rm",
                "--name",
                "web",
                "--memory",
                TinyKernel.MEMORY_MIB + "M",
                "--kernel",
                home.kernel.toString());
        try (TerminalSession session = TerminalSession.launch(home.directory(), home.environment(), run)) {
            session.pty().await("ready");
            Await.until(
                    () -> "a machine that runs",
                    () -> home.registry.list().stream().anyMatch(machine -> phase(machine) == MachinePhase.RUNNING));
            ProcessHandle jvm = session.jvm();
            session.pty().type("\001d");
            assertEquals(0, session.awaitStatus());
            assertEquals("web\n", home.succeed("kill", "web"));
            TerminalSession.awaitEnd(jvm);
            assertEquals("", home.succeed("ps", "-q", "-a"));
        }
    }

    @Test
    void aForegroundRunLeavesNothingUnlessItWasNamed() throws Exception {
        List<String> run = List.of("run", "--memory", TinyKernel.MEMORY_MIB + "M", "--kernel", home.kernel.toString());
        try (TerminalSession session = TerminalSession.launch(home.directory(), home.environment(), run)) {
            session.pty().await("ready");
            session.pty().type("e");
            session.assertEnds(TinyKernel.EXIT_STATUS);
        }
        assertEquals("", home.succeed("ps", "-q", "-a"));
        Files.delete(home.directory().resolve("status"));
        List<String> named = new ArrayList<>(run);
        named.addAll(List.of("--name", "web"));
        try (TerminalSession session = TerminalSession.launch(home.directory(), home.environment(), named)) {
            session.pty().await("ready");
            session.pty().type("e");
            session.assertEnds(TinyKernel.EXIT_STATUS);
        }
        assertEquals("web stopped (7)\n", home.succeed("ps", "-a", "--format", "{{name}} {{state}}"));
        assertEquals("ready\n", home.succeed("logs", "web"));
        assertEquals("web\n", home.succeed("start", "web"));
    }

    @Test
    void aSignalEndsAForegroundRunAndIsWrittenDown() throws Exception {
        for (String name : new String[] {"web", ""}) {
            List<String> run = new ArrayList<>(
                    home.command("run", "--memory", TinyKernel.MEMORY_MIB + "M", "--kernel", home.kernel.toString()));
            run.addAll(name.isEmpty() ? List.of() : List.of("--name", name));
            try (Program program = Program.start(run)) {
                Await.until(
                        () -> "a machine that runs",
                        () -> home.registry.list().stream()
                                .anyMatch(machine -> phase(machine) == MachinePhase.RUNNING));
                program.process().destroy();
                assertEquals(143, program.awaitEnd(Await.TIMEOUT_SECONDS).status());
            }
            assertEquals("web stopped (143)\n", home.succeed("ps", "-a", "--format", "{{name}} {{state}}"));
        }
    }

    /** Its guest may run before its control socket is open. */
    @Test
    void aMachineAnswersFromItsFirstMoment() throws Exception {
        String[] run = {"run", "--name", "web", "-m", TinyKernel.MEMORY_MIB + "M", "--kernel", home.kernel.toString()};
        try (Program _ = Program.start(home.command(run))) {
            Await.until(
                    () -> "a machine that runs",
                    () -> home.registry.list().stream().anyMatch(machine -> phase(machine) == MachinePhase.RUNNING));
            JsonNode answer = Control.ask(home.registry.find("web"), "GET", "machine", null);
            assertEquals("running", answer.path("state").asString());
        }
    }

    /** It ends with its connection, which there is none of yet. */
    @Test
    void aPasstThatIsBeingStartedEndsWithTheMachine() throws Exception {
        Path programs = Files.createDirectory(home.directory().resolve("bin"));
        Path passt = Files.writeString(programs.resolve("passt"), "#!/bin/sh\nexec sleep 1234\n");
        Files.setPosixFilePermissions(passt, PosixFilePermissions.fromString("rwxr-xr-x"));
        List<String> run = new ArrayList<>(List.of("env", "PATH=" + programs + ":" + System.getenv("PATH")));
        run.addAll(home.command("run", "--net", "user", "-m", "4M", "--kernel", home.kernel.toString()));
        try (Program program = Program.start(run)) {
            Await.until(
                    () -> "a passt among " + home.processes(),
                    () -> home.processes().stream()
                            .anyMatch(process ->
                                    process.info().command().orElse("").endsWith("/sleep")));
            program.process().destroy();
            assertEquals(143, program.awaitEnd(Await.TIMEOUT_SECONDS).status());
        }
        home.awaitNoProcess();
    }

    @Test
    void whatDoesNotGoTogetherIsRefused() throws Exception {
        home.javisor("run", "--restart", "always").assertFailed(125, "--restart goes with --detach");
        home.javisor(home.runDetached("web", "--restart", "often")).assertFailed(125, "'often' is not no|on-failure");
        home.javisor(home.runDetached("web", "--rm", "--restart", "always")).assertFailed(125, "contradict");
        home.javisor(home.runDetached("web", "--stats")).assertFailed(125, "--stats does not go with --detach");
        home.javisor("ps", "--format", "{{colour}}").assertFailed(125, "there is no column 'colour'");
        home.javisor("ps", "--format", "wide").assertFailed(125, "neither table nor json");
        assertFalse(Files.exists(home.state));
    }
}
