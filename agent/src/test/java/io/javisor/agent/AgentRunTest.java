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
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A container's first process, from START to its acknowledged end. */
class AgentRunTest {
    private static final int SIGTERM = 15;
    private static final int SIGKILL = 9;
    private static final int RLIMIT_NOFILE = 7;
    private static final int CAP_SYS_CHROOT = 18;
    private static final int CAP_SYS_ADMIN = 21;
    private static final int MUCH = 10 << 20;

    @TempDir
    private static Path shared = Path.of("");

    private static AgentFiles files = new AgentFiles(Path.of(""), Path.of(""));

    @TempDir
    private Path directory = Path.of("");

    @BeforeAll
    static void make() {
        files = AgentFiles.make(shared);
    }

    private Outcome run(ProcessFields.Builder command) throws IOException {
        try (AgentHost agent = AgentHost.start(files, directory)) {
            Outcome outcome = agent.run(command).endInput().await();
            if (outcome.refusal().isEmpty()) {
                assertEquals(0, agent.awaitDown());
            }
            return outcome;
        }
    }

    private String output(ProcessFields.Builder command) throws IOException {
        Outcome outcome = run(command);
        assertEquals(new Outcome(0, 0, false, outcome.output(), "", ""), outcome);
        return outcome.output();
    }

    private void refused(ProcessFields.Builder command, int status, String line) throws IOException {
        assertEquals(new Outcome(status, 0, false, "", "", line), run(command));
    }

    @ParameterizedTest
    @CsvSource({"true, 0", "false, 1", "exit 42, 42", "exit 255, 255"})
    void itsStatusIsTheProcesss(String script, int status) throws IOException {
        assertEquals(new Outcome(status, 0, false, "", "", ""), run(shell(script)));
    }

    @Test
    void standardStreamsAreApart() throws IOException {
        assertEquals(new Outcome(0, 0, false, "out\n", "err\n", ""), run(shell("echo out; echo err >&2")));
    }

    @Test
    void nothingOfMuchOutputIsLost() throws IOException {
        String script = "yes out | head -c %d & yes error | head -c %d >&2; wait".formatted(MUCH, MUCH);
        try (AgentHost agent = AgentHost.start(files, directory)) {
            AgentRun process = agent.run(shell(script));
            assertArrayEquals(repeated("out\n"), process.outputBytes());
            assertArrayEquals(repeated("error\n"), process.errorBytes());
            assertEquals(0, process.await().status());
            assertEquals(0, agent.awaitDown());
        }
    }

    private static byte[] repeated(String line) {
        byte[] bytes = new byte[MUCH];
        for (int i = 0; i < MUCH; i++) {
            bytes[i] = (byte) line.charAt(i % line.length());
        }
        return bytes;
    }

    /** Several frames' worth, in the order in which they were given. */
    @Test
    void argumentsMayBeManyAndLong() throws IOException {
        ProcessFields.Builder fields = command("sh", "-c", "echo $# ${#1} ${#7} ${4000}; env | grep -c '^V'", "sh");
        for (int i = 1; i <= 7; i++) {
            fields.argument("x".repeat(50_000 + i));
        }
        for (int i = 8; i <= 4000; i++) {
            fields.argument("a" + i);
        }
        for (int i = 0; i < 4000; i++) {
            fields.variable("V" + i + "=v");
        }
        assertEquals("4000 50001 50007 a4000\n4000\n", output(fields));
        assertThrows(
                AgentException.class, () -> fields.argument("x".repeat(65_000)).argument("x".repeat(65_000)));
        assertThrows(AgentException.class, () -> shell("\0"));
        assertThrows(AgentException.class, () -> shell("x".repeat(70_000)));
    }

    @Test
    void whatGoesInComesOutUntilTheEnd() throws IOException {
        byte[] bytes = new byte[MUCH / 4];
        new Random(1).nextBytes(bytes);
        try (AgentHost agent = AgentHost.start(files, directory)) {
            AgentRun process = agent.run(command("cat"));
            process.type(bytes).endInput();
            assertArrayEquals(bytes, process.outputBytes());
            assertEquals(0, process.await().status());
        }
    }

    @Test
    void aProcessThatDoesNotReadEndsAllTheSame() throws IOException {
        try (AgentHost agent = AgentHost.start(files, directory)) {
            AgentRun process = agent.run(shell("exec <&-; echo closed"));
            assertEquals("closed\n", process.awaitOutput("closed").await().output());
            assertEquals(0, agent.awaitDown());
        }
    }

    @Test
    void commandsThatAreNotThereOrNoProgramsAreRefused() throws IOException {
        refused(command("ghost"), 127, "exec: \"ghost\": executable file not found in $PATH");
        refused(command("/bin/ghost"), 127, "exec: \"/bin/ghost\": stat /bin/ghost: no such file or directory");
        refused(command("/etc"), 126, "exec: \"/etc\": is a directory");
        refused(command("/etc/passwd"), 126, "exec: \"/etc/passwd\": permission denied");
        refused(command(), 125, "no command specified");
        Path text = files.root().resolve("tmp/text");
        Files.writeString(text, "no program");
        assertTrue(text.toFile().setExecutable(true, false));
        refused(command("/tmp/text"), 126, "exec /tmp/text: exec format error");
        Files.writeString(text, "#!/bin/ghost\n");
        refused(command("/tmp/text"), 127, "exec /tmp/text: no such file or directory");
    }

    @Test
    void theEnvironmentIsTheHostsWithDockersDefaults() throws IOException {
        assertEquals(
                List.of(
                        "A=b c",
                        "EMPTY=",
                        "HOME=/root",
                        "HOSTNAME=box",
                        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
                output(command("env").variable("A=b c").variable("EMPTY=").hostname("box"))
                        .lines()
                        .sorted()
                        .toList());
        assertEquals(
                "/nowhere /bin\n",
                output(command("sh", "-c", "echo $HOME $PATH")
                        .variable("HOME=/nowhere")
                        .variable("PATH=/bin")));
    }

    @Test
    void theWorkingDirectoryIsMade() throws IOException {
        assertEquals("/new/deep\n", output(command("pwd").directory("/new/deep")));
        assertEquals("/\n", output(command("pwd")));
        refused(command("pwd").directory("/etc/passwd"), 126, "mkdir /etc/passwd: not a directory");
        refused(
                command("pwd").directory("etc"),
                125,
                "the working directory 'etc' is invalid, it needs to be an absolute path");
    }

    @Test
    void usersAndGroupsAreTheImages() throws IOException {
        String script = "echo $(id -u) $(id -g) $(id -G) $HOME";
        assertEquals("0 0 0 /root\n", output(shell(script)));
        assertEquals("33 33 33 4 50 /srv\n", output(shell(script).user("www")));
        assertEquals("33 4 4 /srv\n", output(shell(script).user("www:adm")));
        assertEquals("4711 0 0 /\n", output(shell(script).user("4711")));
        assertEquals("4711 42 42 /\n", output(shell(script).user("4711:42")));
        assertEquals(
                "33 33 33 4 50 99 /srv\n",
                output(shell(script).user("www").group("adm").group("99")));
        refused(command("id").user("ghost"), 125, "unable to find user ghost: no matching entries in passwd file");
        refused(command("id").user("www:ghost"), 125, "unable to find group ghost: no matching entries in group file");
        refused(command("id").user("3000000000"), 125, "uids and gids must be in range 0-2147483647");
    }

    @Test
    void anyUserMayOpenItsStreamsByName() throws IOException {
        assertEquals("by name\n", output(shell("echo by name >/dev/stdout").user("www")));
    }

    @Test
    void capabilitiesAreDockers() throws IOException {
        String script = "grep -E '^Cap|^NoNew' /proc/self/status | cut -f 2 | tr '\\n' ' '";
        String none = "0000000000000000";
        String dockers = "00000000a80425fb";
        assertEquals(String.join(" ", none, dockers, dockers, dockers, none, "0 "), output(shell(script)));
        assertEquals(
                String.join(" ", none, none, none, dockers, none, "0 "),
                output(shell(script).user("www")));
        assertEquals(
                String.join(" ", none, none, none, none, none, "1 "),
                output(shell(script).capabilities(0).noNewPrivileges()));
        assertEquals(
                String.join(" ", none, "0000000000000400", "0000000000000400", "0000000000000400", none, "0 "),
                output(shell(script).capabilities(1 << 10)));
    }

    @Test
    void systemCallsAreDockers() throws IOException {
        String script = "grep '^Seccomp:' /proc/self/status | cut -f 2; unshare -U true; chroot / echo root";
        assertEquals(
                new Outcome(0, 0, false, "2\nroot\n", "unshare: unshare(0x10000000): Operation not permitted\n", ""),
                run(shell(script)));
        assertEquals("2\nroot\n", output(shell(script).capabilities(1L << CAP_SYS_ADMIN | 1L << CAP_SYS_CHROOT)));
        assertEquals("0\nroot\n", output(shell(script).unconfined()));
    }

    @Test
    void limitsAreSet() throws IOException {
        assertEquals(
                "123 456\n", output(shell("echo $(ulimit -Sn) $(ulimit -Hn)").limit(RLIMIT_NOFILE, 123, 456)));
    }

    @Test
    void itHasNamespacesOfItsOwn() throws IOException {
        assertEquals("1 box\n", output(shell("echo $$ $(hostname)").hostname("box")));
        assertEquals("1\n", output(shell("ls -d /proc/[0-9]* | grep -c '^/proc/1$'")));
    }

    @Test
    void filesOfEtcAreNoChangeToTheImage() throws IOException {
        assertEquals(
                "box\n127.0.0.1 localhost\n",
                output(command("cat", "/etc/hostname", "/etc/hosts")
                        .hostname("box")
                        .hosts("127.0.0.1 localhost\n")));
        assertEquals("the image's\n", Files.readString(files.root().resolve("etc/hosts")));
        assertEquals("", Files.readString(files.root().resolve("etc/hostname")));
    }

    @Test
    void devicesAndMountsAreDockers() throws IOException {
        assertEquals(
                "core fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero ",
                output(shell("ls /dev | tr '\\n' ' '")));
        String mounts = output(command("cat", "/proc/mounts"));
        for (String each : List.of(
                "proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0",
                "proc /proc/sys proc ro,nosuid,nodev,noexec,relatime 0 0",
                "sysfs /sys sysfs ro,nosuid,nodev,noexec,relatime 0 0")) {
            assertTrue(mounts.lines().anyMatch(each::equals), each + " in " + mounts);
        }
        assertTrue(mounts.contains("tmpfs /dev/shm tmpfs rw,nosuid,nodev,noexec,relatime,size=65536k"), mounts);
        assertFalse(mounts.contains(shared.toString()), mounts);
        assertEquals("0\n", output(shell("cat /proc/timer_list /proc/keys | wc -c")));
    }

    @Test
    void aReadOnlyRootHasPlacesThatAreNot() throws IOException {
        Outcome outcome = run(shell("touch /run/x && echo run; touch /tmp/x; touch /dev/shm/x && echo shm")
                .readOnly()
                .tmpfs("/run", "size=64k,mode=700"));
        assertEquals("run\nshm\n", outcome.output());
        assertEquals("touch: /tmp/x: Read-only file system\n", outcome.errors());
        Files.delete(files.root().resolve("run"));
    }

    @Test
    void aSignalEndsItOrDoesNot() throws IOException {
        try (AgentHost agent = AgentHost.start(files, directory)) {
            AgentRun process =
                    agent.run(shell("trap 'echo got it; exit 7' TERM; echo ready; while :; do sleep 0.01; done"));
            process.awaitOutput("ready");
            process.signal(SIGTERM);
            assertEquals(new Outcome(7, 0, false, "ready\ngot it\n", "", ""), process.await());
            assertEquals(0, agent.awaitDown());
        }
        try (AgentHost agent = AgentHost.start(files, directory)) {
            AgentRun process = agent.run(shell("echo ready; exec cat")); // process 1, without a handler
            process.awaitOutput("ready");
            process.signal(SIGTERM);
            process.type("still there\n").awaitOutput("still there");
            process.signal(SIGKILL);
            assertEquals(new Outcome(137, 9, false, "ready\nstill there\n", "", ""), process.await());
            assertEquals(0, agent.awaitDown());
        }
    }

    @Test
    void withInitASignalEndsItAndOrphansAreReaped() throws IOException {
        try (AgentHost agent = AgentHost.start(files, directory)) {
            AgentRun process = agent.run(shell("echo $$; exec cat").init());
            process.awaitOutput("2");
            for (int i = 0; i < 20; i++) {
                assertEquals(
                        0,
                        agent.exec(shell("(sh -c 'exit 3' &) ; true")).await().status());
            }
            // Orphans end when they like; none stays a zombie.
            Outcome wait = agent.exec(
                            shell("until ! grep -l '^State:.Z' /proc/[0-9]*/status 2>/dev/null; do sleep 0.01; done;"
                                    + " cat /proc/1/comm"))
                    .await();
            assertEquals(
                    "init\n", wait.output().lines().reduce((_, last) -> last).orElse("") + "\n");
            process.signal(SIGTERM);
            assertEquals(new Outcome(143, 0, false, "2\n", "", ""), process.await());
            assertEquals(0, agent.awaitDown());
        }
        assertEquals(9, run(shell("exit 9").init()).status());
        refused(command("ghost").init(), 127, "exec: \"ghost\": executable file not found in $PATH");
    }

    @Test
    void afterARefusalItMayBeTriedAgainButNotBeside() throws IOException {
        try (AgentHost agent = AgentHost.start(files, directory)) {
            assertEquals(127, agent.run(command("ghost")).await().status());
            // Until the refused one is reaped, there is one.
            AgentRun process = agent.run(command("cat"));
            while (process.isRefused()) {
                process = agent.run(command("cat"));
            }
            assertEquals(
                    "the container was started already",
                    agent.run(command("true")).await().refusal());
            assertEquals(0, process.endInput().await().status());
            assertEquals(0, agent.awaitDown());
        }
        try (AgentHost agent = AgentHost.start(files, directory)) {
            AgentRun process = agent.run(command("cat"));
            AgentRun beside = agent.run(command("cat")); // the first one is on its way yet
            assertEquals("the container was started already", beside.await().refusal());
            assertEquals(0, process.endInput().await().status());
            assertEquals(0, agent.awaitDown());
        }
    }

    @Test
    void anEndThatIsNotAcknowledgedIsNotForgotten() throws Exception {
        try (AgentHost agent = AgentHost.start(files, directory)) {
            AgentRun process = agent.run(command("true"));
            assertEquals(0, process.awaitEnd().status());
            assertEquals(Map.of(), agent.agent().statistics()); // there is no control group
            assertFalse(agent.isDown());
            process.process().acknowledge();
            assertEquals(0, agent.awaitDown());
        }
    }

    @Test
    void whenTheHostGoesItEndsEverything() throws IOException {
        try (AgentHost agent = AgentHost.start(files, directory)) {
            AgentRun process = agent.run(command("sleep", "1000"));
            assertFalse(agent.exec(command("sleep", "1000")).isRefused());
            assertEquals(1, agent.cut());
            assertEquals("", new String(process.outputBytes(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void whatIsNoFrameEndsIt() throws Exception {
        try (Door controls = Door.open("socket", directory.resolve("vsock_1024"))) {
            Process process = files.start(directory);
            try (SocketChannel agent = controls.accept()) {
                assertEquals(Frame.HELLO, Frame.read(agent, Frame.MAX_BODY_SIZE).type());
                assertEquals(4, agent.write(ByteBuffer.wrap(new byte[] {5, 0, 0, 0})));
                assertTrue(process.waitFor(Await.TIMEOUT_SECONDS, TimeUnit.SECONDS));
            } finally {
                AgentHost.end(process);
            }
        }
    }

    @Test
    void limitsThatCannotBeHadAreRefused() throws IOException {
        refused(
                command("true").memory(1 << 20),
                125,
                "there are no control groups for limits of memory, processors or processes");
    }
}
