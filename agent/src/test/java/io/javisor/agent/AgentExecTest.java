package io.javisor.agent;

import static io.javisor.agent.AgentHost.command;
import static io.javisor.agent.AgentHost.shell;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.agent.AgentRun.Outcome;
import io.javisor.testkit.Await;
import io.javisor.testkit.junit.AgentFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Further processes of a container, terminals, and what is asked of the agent while they run. */
class AgentExecTest {
    private static final int SIGKILL = 9;
    private static final int MANY = 50;

    @TempDir
    private static Path shared = Path.of("");

    private static AgentFiles files = new AgentFiles(Path.of(""), Path.of(""));

    @TempDir
    private Path directory = Path.of("");

    private AgentHost agent;
    private AgentRun first;

    @BeforeAll
    static void make() {
        files = AgentFiles.make(shared);
    }

    @BeforeEach
    void start() throws IOException {
        agent = AgentHost.start(files, directory);
        first = agent.run(command("cat").hostname("box").variable("FIRST=1"));
    }

    @AfterEach
    void close() throws IOException {
        agent.close();
    }

    private Outcome exec(ProcessFields.Builder command) {
        return agent.exec(command).endInput().await();
    }

    private String output(ProcessFields.Builder command) {
        Outcome outcome = exec(command);
        assertEquals(new Outcome(0, 0, false, outcome.output(), "", ""), outcome);
        return outcome.output();
    }

    private void endFirst() {
        assertEquals(new Outcome(0, 0, false, "", "", ""), first.endInput().await());
        assertEquals(0, agent.awaitDown());
    }

    @Test
    void itRunsInTheNamespacesOfTheFirst() {
        String script =
                "for n in mnt pid uts ipc cgroup; do [ $(readlink /proc/self/ns/$n) = $(readlink /proc/1/ns/$n) ] ||"
                        + " echo $n; done; hostname; pwd";
        assertEquals("box\n/\n", output(shell(script)));
        assertEquals("cat\n", output(command("cat", "/proc/1/comm")));
        endFirst();
    }

    @Test
    void itHasItsOwnStatusUserDirectoryAndEnvironment() {
        assertEquals(42, exec(shell("exit 42")).status());
        assertEquals(new Outcome(137, 9, false, "", "", ""), exec(shell("kill -9 $$")));
        assertEquals("33 /srv\n", output(shell("echo $(id -u) $PWD").user("www").directory("/srv")));
        assertEquals("2/\n", output(shell("echo $SECOND/$FIRST").variable("SECOND=2")));
        assertEquals(
                new Outcome(127, 0, false, "", "", "exec: \"ghost\": executable file not found in $PATH"),
                exec(command("ghost")));
        assertEquals(
                new Outcome(127, 0, false, "", "", "chdir to cwd (\"/ghost\") failed: no such file or directory"),
                exec(command("pwd").directory("/ghost")));
        assertEquals("00000000a80425fb\n", output(shell("grep CapEff /proc/self/status | cut -f 2")));
        endFirst();
    }

    @Test
    void manyRunAtOnceAndEachGetsItsOwn() {
        List<AgentRun> processes = new ArrayList<>();
        List<byte[]> inputs = new ArrayList<>();
        Random random = new Random(2);
        for (int i = 0; i < MANY; i++) {
            processes.add(agent.exec(shell("cat; echo " + i + " >&2; exit " + i)));
        }
        for (AgentRun process : processes) {
            byte[] input = new byte[10_000 + random.nextInt(100_000)];
            random.nextBytes(input);
            inputs.add(input);
            process.type(input);
        }
        for (int i = 0; i < MANY; i++) {
            AgentRun process = processes.get(i).endInput();
            assertArrayEquals(inputs.get(i), process.outputBytes());
            assertEquals(i + "\n", new String(process.errorBytes(), StandardCharsets.UTF_8));
            assertEquals(i, process.await().status());
        }
        endFirst();
    }

    @Test
    void moreThanThereArePlacesForAreRefused() {
        List<AgentRun> processes = new ArrayList<>();
        for (int i = 0; i < 127; i++) {
            processes.add(agent.exec(command("cat")));
        }
        for (AgentRun process : processes) {
            assertFalse(process.isRefused());
        }
        Outcome refused = agent.exec(command("cat")).await();
        assertEquals("there are 128 processes already", refused.refusal());
        for (AgentRun process : processes) {
            assertEquals(0, process.endInput().await().status());
        }
        endFirst();
    }

    @Test
    void allEndWithTheFirstAndNoneComesAfter() {
        AgentRun other = agent.exec(shell("sleep 1000 & echo ready; wait"));
        other.awaitOutput("ready");
        first.signal(SIGKILL);
        assertEquals(137, first.awaitEnd().status());
        assertEquals(new Outcome(137, 9, false, "ready\n", "", ""), other.await());
        assertEquals(
                "container is not running", agent.exec(command("true")).await().refusal());
        assertEquals(137, first.await().status());
        assertEquals(0, agent.awaitDown());
    }

    @Test
    void aSecondContainerIsRefused() {
        assertEquals(
                "the container was started already",
                agent.run(command("true")).await().refusal());
        endFirst();
    }

    @Test
    void whatKeepsAStreamOpenDoesNotHoldUpTheEnd() {
        AgentRun process = agent.exec(shell("sleep 1000 & echo $!"));
        Await.until("an end", process::hasEnded);
        process.awaitOutput("\n");
        process.process().acknowledge(); // the host wants no more of its streams
        assertFalse(new String(process.outputBytes(), StandardCharsets.UTF_8).isBlank());
        endFirst();
    }

    @Test
    void requestsForWhatIsNotThereAreRefused() {
        AgentRun process = agent.exec(command("true"));
        process.awaitEnd();
        assertRefused(
                "process " + id(process) + " is not running",
                () -> process.process().signal(SIGKILL, false));
        process.await();
        assertRefused("process 999 has not ended", () -> ask(999, Frame.ACK));
        assertRefused("invalid signal: 99", () -> first.process().signal(99, false));
        assertRefused("invalid signal: 0", () -> first.process().signal(0, true));
        assertRefused(
                "process " + id(first) + " has no terminal",
                () -> first.process().resize(1, 1));
        assertRefused("process " + id(first) + " has not ended", () -> ask(id(first), Frame.ACK));
        assertRefused("a frame of type 9 is too short", () -> ask(id(first), Frame.SIGNAL));
        assertRefused("unknown frame type 999", () -> ask(5, 999));
        assertRefused("this is no machine: its clock stays", () -> agent.agent().setTime(Instant.EPOCH));
        endFirst();
    }

    private static int id(AgentRun run) {
        return ((ConnectedProcess) run.process()).id();
    }

    private void ask(int id, int type) throws InterruptedException {
        Message _ = ((ConnectedAgent) agent.agent()).ask(id, type, Frame.body(0));
    }

    private static void assertRefused(String line, Executable request) {
        AgentException refusal = assertThrows(AgentException.class, request);
        assertEquals(line, refusal.getMessage());
        assertEquals(125, refusal.status());
    }

    @Test
    void aTerminalHasASizeThatChanges() {
        AgentRun process = agent.exec(
                shell("tty; stty size; trap 'stty size; exit 3' WINCH; echo ready; while :; do sleep 0.01; done")
                        .terminal(24, 80));
        process.awaitOutput("ready");
        process.resize(50, 132);
        Outcome outcome = process.await();
        assertEquals("/dev/pts/0\r\n24 80\r\nready\r\n50 132\r\n", outcome.output());
        assertEquals(3, outcome.status());
        endFirst();
    }

    @Test
    void controlCIsASignal() {
        AgentRun process = agent.exec(shell("stty -echo; echo ready; exec cat").terminal(24, 80));
        process.awaitOutput("ready").type("line\n").awaitOutput("line").type("\003");
        assertEquals(
                new Outcome(130, 2, false, "ready\r\nline\r\n^C", "ready\r\nline\r\n^C", ""),
                withoutEcho(process.await()));
        endFirst();
    }

    /** Whether ^C shows depends on echoctl, which follows echo in some kernels. */
    private static Outcome withoutEcho(Outcome outcome) {
        String output = outcome.output().replace("^C", "") + "^C";
        return new Outcome(outcome.status(), outcome.signal(), outcome.oom(), output, output, outcome.refusal());
    }

    @Test
    void aTerminalBelongsToItsUserAndEndsByControlD() {
        AgentRun process = agent.exec(shell("stty -echo; stat -c %u $(tty); echo $TERM >/dev/tty; exec cat")
                .user("www")
                .terminal(0, 0));
        process.awaitOutput("xterm").type("\004");
        assertEquals("33\r\nxterm\r\n", process.await().output());
        endFirst();
    }

    @Test
    void theFirstProcessMayHaveATerminalWhichIsTheConsole() throws IOException {
        endFirst();
        close();
        agent = AgentHost.start(files, directory);
        AgentRun shell = agent.run(shell("stty -echo; tty; echo console >/dev/console; exec cat")
                .init()
                .terminal(30, 90));
        shell.awaitOutput("console");
        assertEquals(
                "30 90\r\n",
                agent.exec(command("stty", "size").terminal(30, 90)).await().output());
        shell.type("\003");
        Outcome outcome = shell.await();
        assertEquals(130, outcome.status());
        assertTrue(outcome.output().startsWith("/dev/pts/0\r\nconsole\r\n"), outcome.output());
        assertEquals(0, agent.awaitDown());
    }

    @Test
    void muchGoesThroughATerminalInOrder() {
        AgentRun process = agent.exec(shell("seq 1 100000").terminal(24, 80));
        StringBuilder expected = new StringBuilder();
        for (int i = 1; i <= 100_000; i++) {
            expected.append(i).append("\r\n");
        }
        assertEquals(expected.toString(), process.await().output());
        endFirst();
    }
}
