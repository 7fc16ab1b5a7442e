package io.javisor.testkit.agent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.Await;
import io.javisor.testkit.agent.AgentProcess.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
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

    private Agent agent;
    private AgentProcess first;

    @BeforeAll
    static void make() {
        files = AgentFiles.make(shared);
    }

    @BeforeEach
    void start() throws IOException {
        agent = files.start(directory);
        first = agent.run(Command.of("cat").hostname("box").variable("FIRST=1")).awaitStart();
    }

    @AfterEach
    void close() throws IOException {
        agent.close();
    }

    private Outcome exec(Command command) {
        return agent.exec(command).endInput().await();
    }

    private String output(Command command) {
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
        assertEquals("box\n/\n", output(Command.shell(script)));
        assertEquals("cat\n", output(Command.of("cat", "/proc/1/comm")));
        endFirst();
    }

    @Test
    void itHasItsOwnStatusUserDirectoryAndEnvironment() {
        assertEquals(42, exec(Command.shell("exit 42")).status());
        assertEquals(new Outcome(137, 9, false, "", "", ""), exec(Command.shell("kill -9 $$")));
        assertEquals(
                "33 /srv\n",
                output(Command.shell("echo $(id -u) $PWD").user("www").directory("/srv")));
        assertEquals("2/\n", output(Command.shell("echo $SECOND/$FIRST").variable("SECOND=2")));
        assertEquals(
                new Outcome(127, 0, false, "", "", "exec: \"ghost\": executable file not found in $PATH"),
                exec(Command.of("ghost")));
        assertEquals(
                new Outcome(127, 0, false, "", "", "chdir to cwd (\"/ghost\") failed: no such file or directory"),
                exec(Command.of("pwd").directory("/ghost")));
        assertEquals("00000000a80425fb\n", output(Command.shell("grep CapEff /proc/self/status | cut -f 2")));
        endFirst();
    }

    @Test
    void manyRunAtOnceAndEachGetsItsOwn() {
        List<AgentProcess> processes = new ArrayList<>();
        List<byte[]> inputs = new ArrayList<>();
        Random random = new Random(2);
        for (int i = 0; i < MANY; i++) {
            processes.add(agent.exec(Command.shell("cat; echo " + i + " >&2; exit " + i)));
        }
        for (AgentProcess process : processes) {
            byte[] input = new byte[10_000 + random.nextInt(100_000)];
            random.nextBytes(input);
            inputs.add(input);
            process.type(input);
        }
        for (int i = 0; i < MANY; i++) {
            AgentProcess process = processes.get(i).endInput();
            assertArrayEquals(inputs.get(i), process.outputBytes());
            assertEquals(i + "\n", new String(process.errorBytes(), StandardCharsets.UTF_8));
            assertEquals(i, process.await().status());
        }
        endFirst();
    }

    @Test
    void moreThanThereArePlacesForAreRefused() {
        List<AgentProcess> processes = new ArrayList<>();
        for (int i = 0; i < 127; i++) {
            processes.add(agent.exec(Command.of("cat")));
        }
        for (AgentProcess process : processes) {
            process.awaitStart();
        }
        Outcome refused = agent.exec(Command.of("cat")).await();
        assertEquals("there are 128 processes already", refused.refusal());
        for (AgentProcess process : processes) {
            assertEquals(0, process.endInput().await().status());
        }
        endFirst();
    }

    @Test
    void allEndWithTheFirstAndNoneComesAfter() {
        AgentProcess other = agent.exec(Command.shell("sleep 1000 & echo ready; wait"));
        other.awaitOutput("ready");
        assertEquals(Frame.DONE, first.signal(SIGKILL).type());
        assertEquals(137, first.awaitEnd().status());
        assertEquals(new Outcome(137, 9, false, "ready\n", "", ""), other.await());
        assertEquals(
                "container is not running",
                agent.exec(Command.of("true")).await().refusal());
        assertEquals(137, first.await().status());
        assertEquals(0, agent.awaitDown());
    }

    @Test
    void aSecondContainerIsRefused() {
        assertEquals(
                "the container was started already",
                agent.run(Command.of("true")).await().refusal());
        endFirst();
    }

    @Test
    void whatKeepsAStreamOpenDoesNotHoldUpTheEnd() {
        AgentProcess process = agent.exec(Command.shell("sleep 1000 & echo $!"));
        Await.until("an end", process::hasEnded);
        process.awaitOutput("\n");
        agent.send(Frame.of(process.id(), Frame.ACK)); // the host wants no more of its streams
        assertFalse(new String(process.outputBytes(), StandardCharsets.UTF_8).isBlank());
        endFirst();
    }

    @Test
    void requestsForWhatIsNotThereAreRefused() {
        AgentProcess process = agent.exec(Command.of("true"));
        process.awaitEnd();
        assertError("process " + process.id() + " is not running", process.signal(SIGKILL));
        agent.send(Frame.of(process.id(), Frame.ACK));
        assertError("process 999 has not ended", agent.ask(Frame.of(999, Frame.ACK)));
        assertError("invalid signal: 99", first.signal(99));
        assertError("invalid signal: 0", first.signal(0));
        assertError("process " + first.id() + " has no terminal", first.resize(1, 1));
        assertError("process " + first.id() + " has not ended", agent.ask(Frame.of(first.id(), Frame.ACK)));
        assertError("a frame of type 9 is too short", agent.ask(Frame.of(first.id(), Frame.SIGNAL)));
        assertError(
                "this is no machine: its clock stays",
                agent.ask(new Frame(5, Frame.SET_TIME, Frame.body(8).putLong(1).flip())));
        endFirst();
    }

    private static void assertError(String line, Frame answer) {
        assertEquals(Frame.ERROR, answer.type());
        var body = answer.body();
        body.getShort(); // of the request
        assertEquals(125, body.getShort());
        assertEquals(line, Frame.text(body));
    }

    @Test
    void aTerminalHasASizeThatChanges() {
        AgentProcess process = agent.execOnTerminal(
                Command.shell(
                        "tty; stty size; trap 'stty size; exit 3' WINCH; echo ready; while :; do sleep 0.01; done"),
                24,
                80);
        process.awaitOutput("ready");
        assertEquals(Frame.DONE, process.resize(50, 132).type());
        Outcome outcome = process.await();
        assertEquals("/dev/pts/0\r\n24 80\r\nready\r\n50 132\r\n", outcome.output());
        assertEquals(3, outcome.status());
        endFirst();
    }

    @Test
    void controlCIsASignal() {
        AgentProcess process = agent.execOnTerminal(Command.shell("stty -echo; echo ready; exec cat"), 24, 80);
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
        AgentProcess process = agent.execOnTerminal(
                Command.shell("stty -echo; stat -c %u $(tty); echo $TERM >/dev/tty; exec cat")
                        .user("www"),
                0,
                0);
        process.awaitOutput("xterm").type("\004");
        assertEquals("33\r\nxterm\r\n", process.await().output());
        endFirst();
    }

    @Test
    void theFirstProcessMayHaveATerminalWhichIsTheConsole() throws IOException {
        endFirst();
        close();
        agent = files.start(directory);
        AgentProcess shell = agent.runOnTerminal(
                Command.shell("stty -echo; tty; echo console >/dev/console; exec cat")
                        .init(),
                30,
                90);
        shell.awaitOutput("console");
        assertEquals(
                "30 90\r\n",
                agent.execOnTerminal(Command.of("stty", "size"), 30, 90).await().output());
        shell.type("\003");
        Outcome outcome = shell.await();
        assertEquals(130, outcome.status());
        assertTrue(outcome.output().startsWith("/dev/pts/0\r\nconsole\r\n"), outcome.output());
        assertEquals(0, agent.awaitDown());
    }

    @Test
    void muchGoesThroughATerminalInOrder() {
        AgentProcess process = agent.execOnTerminal(Command.shell("seq 1 100000"), 24, 80);
        StringBuilder expected = new StringBuilder();
        for (int i = 1; i <= 100_000; i++) {
            expected.append(i).append("\r\n");
        }
        assertEquals(expected.toString(), process.await().output());
        endFirst();
    }
}
