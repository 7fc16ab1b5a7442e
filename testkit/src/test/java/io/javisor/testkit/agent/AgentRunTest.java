package io.javisor.testkit.agent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.agent.AgentProcess.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
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

    private Outcome run(Command command) throws IOException {
        try (Agent agent = files.start(directory)) {
            Outcome outcome = agent.run(command).endInput().await();
            if (outcome.refusal().isEmpty()) {
                assertEquals(0, agent.awaitDown());
            }
            return outcome;
        }
    }

    private String output(Command command) throws IOException {
        Outcome outcome = run(command);
        assertEquals(new Outcome(0, 0, false, outcome.output(), "", ""), outcome);
        return outcome.output();
    }

    private void refused(Command command, int status, String line) throws IOException {
        assertEquals(new Outcome(status, 0, false, "", "", line), run(command));
    }

    @ParameterizedTest
    @CsvSource({"true, 0", "false, 1", "exit 42, 42", "exit 255, 255"})
    void itsStatusIsTheProcesss(String script, int status) throws IOException {
        assertEquals(new Outcome(status, 0, false, "", "", ""), run(Command.shell(script)));
    }

    @Test
    void standardStreamsAreApart() throws IOException {
        assertEquals(new Outcome(0, 0, false, "out\n", "err\n", ""), run(Command.shell("echo out; echo err >&2")));
    }

    @Test
    void nothingOfMuchOutputIsLost() throws IOException {
        String script = "yes out | head -c %d & yes error | head -c %d >&2; wait".formatted(MUCH, MUCH);
        try (Agent agent = files.start(directory)) {
            AgentProcess process = agent.run(Command.shell(script));
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

    @Test
    void whatGoesInComesOutUntilTheEnd() throws IOException {
        byte[] bytes = new byte[MUCH / 4];
        new Random(1).nextBytes(bytes);
        try (Agent agent = files.start(directory)) {
            AgentProcess process = agent.run(Command.of("cat"));
            process.type(bytes).endInput();
            assertArrayEquals(bytes, process.outputBytes());
            assertEquals(0, process.await().status());
        }
    }

    @Test
    void aProcessThatDoesNotReadEndsAllTheSame() throws IOException {
        try (Agent agent = files.start(directory)) {
            AgentProcess process = agent.run(Command.shell("exec <&-; echo closed"));
            assertEquals("closed\n", process.awaitOutput("closed").await().output());
            assertEquals(0, agent.awaitDown());
        }
    }

    @Test
    void commandsThatAreNotThereOrNoProgramsAreRefused() throws IOException {
        refused(Command.of("ghost"), 127, "exec: \"ghost\": executable file not found in $PATH");
        refused(Command.of("/bin/ghost"), 127, "exec: \"/bin/ghost\": stat /bin/ghost: no such file or directory");
        refused(Command.of("/etc"), 126, "exec: \"/etc\": is a directory");
        refused(Command.of("/etc/passwd"), 126, "exec: \"/etc/passwd\": permission denied");
        refused(Command.of(), 125, "no command specified");
        Path text = files.root().resolve("tmp/text");
        Files.writeString(text, "no program");
        assertTrue(text.toFile().setExecutable(true, false));
        refused(Command.of("/tmp/text"), 126, "exec /tmp/text: exec format error");
        Files.writeString(text, "#!/bin/ghost\n");
        refused(Command.of("/tmp/text"), 127, "exec /tmp/text: no such file or directory");
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
                output(Command.of("env").variable("A=b c").variable("EMPTY=").hostname("box"))
                        .lines()
                        .sorted()
                        .toList());
        assertEquals(
                "/nowhere /bin\n",
                output(Command.of("sh", "-c", "echo $HOME $PATH")
                        .variable("HOME=/nowhere")
                        .variable("PATH=/bin")));
    }

    @Test
    void theWorkingDirectoryIsMade() throws IOException {
        assertEquals("/new/deep\n", output(Command.of("pwd").directory("/new/deep")));
        assertEquals("/\n", output(Command.of("pwd")));
        refused(Command.of("pwd").directory("/etc/passwd"), 126, "mkdir /etc/passwd: not a directory");
        refused(
                Command.of("pwd").directory("etc"),
                125,
                "the working directory 'etc' is invalid, it needs to be an absolute path");
    }

    @Test
    void usersAndGroupsAreTheImages() throws IOException {
        String script = "echo $(id -u) $(id -g) $(id -G) $HOME";
        assertEquals("0 0 0 /root\n", output(Command.shell(script)));
        assertEquals("33 33 33 4 50 /srv\n", output(Command.shell(script).user("www")));
        assertEquals("33 4 4 /srv\n", output(Command.shell(script).user("www:adm")));
        assertEquals("4711 0 0 /\n", output(Command.shell(script).user("4711")));
        assertEquals("4711 42 42 /\n", output(Command.shell(script).user("4711:42")));
        assertEquals(
                "33 33 33 4 50 99 /srv\n",
                output(Command.shell(script).user("www").group("adm").group("99")));
        refused(Command.of("id").user("ghost"), 125, "unable to find user ghost: no matching entries in passwd file");
        refused(
                Command.of("id").user("www:ghost"),
                125,
                "unable to find group ghost: no matching entries in group file");
        refused(Command.of("id").user("3000000000"), 125, "uids and gids must be in range 0-2147483647");
    }

    @Test
    void anyUserMayOpenItsStreamsByName() throws IOException {
        assertEquals(
                "by name\n", output(Command.shell("echo by name >/dev/stdout").user("www")));
    }

    @Test
    void capabilitiesAreDockers() throws IOException {
        String script = "grep -E '^Cap|^NoNew' /proc/self/status | cut -f 2 | tr '\\n' ' '";
        String none = "0000000000000000";
        String dockers = "00000000a80425fb";
        assertEquals(String.join(" ", none, dockers, dockers, dockers, none, "0 "), output(Command.shell(script)));
        assertEquals(
                String.join(" ", none, none, none, dockers, none, "0 "),
                output(Command.shell(script).user("www")));
        assertEquals(
                String.join(" ", none, none, none, none, none, "1 "),
                output(Command.shell(script).capabilities(0).noNewPrivileges()));
        assertEquals(
                String.join(" ", none, "0000000000000400", "0000000000000400", "0000000000000400", none, "0 "),
                output(Command.shell(script).capabilities(1 << 10)));
    }

    @Test
    void systemCallsAreDockers() throws IOException {
        String script = "grep '^Seccomp:' /proc/self/status | cut -f 2; unshare -U true; chroot / echo root";
        assertEquals(
                new Outcome(0, 0, false, "2\nroot\n", "unshare: unshare(0x10000000): Operation not permitted\n", ""),
                run(Command.shell(script)));
        assertEquals(
                "2\nroot\n", output(Command.shell(script).capabilities(1L << CAP_SYS_ADMIN | 1L << CAP_SYS_CHROOT)));
        assertEquals("0\nroot\n", output(Command.shell(script).unconfined()));
    }

    @Test
    void limitsAreSet() throws IOException {
        assertEquals(
                "123 456\n",
                output(Command.shell("echo $(ulimit -Sn) $(ulimit -Hn)").limit(RLIMIT_NOFILE, 123, 456)));
    }

    @Test
    void itHasNamespacesOfItsOwn() throws IOException {
        assertEquals("1 box\n", output(Command.shell("echo $$ $(hostname)").hostname("box")));
        assertEquals("1\n", output(Command.shell("ls -d /proc/[0-9]* | grep -c '^/proc/1$'")));
    }

    @Test
    void filesOfEtcAreNoChangeToTheImage() throws IOException {
        assertEquals(
                "box\n127.0.0.1 localhost\n",
                output(Command.of("cat", "/etc/hostname", "/etc/hosts")
                        .hostname("box")
                        .hosts("127.0.0.1 localhost\n")));
        assertEquals("the image's\n", Files.readString(files.root().resolve("etc/hosts")));
        assertEquals("", Files.readString(files.root().resolve("etc/hostname")));
    }

    @Test
    void devicesAndMountsAreDockers() throws IOException {
        assertEquals(
                "core fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero ",
                output(Command.shell("ls /dev | tr '\\n' ' '")));
        String mounts = output(Command.of("cat", "/proc/mounts"));
        for (String each : List.of(
                "proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0",
                "proc /proc/sys proc ro,nosuid,nodev,noexec,relatime 0 0",
                "sysfs /sys sysfs ro,nosuid,nodev,noexec,relatime 0 0")) {
            assertTrue(mounts.lines().anyMatch(each::equals), each + " in " + mounts);
        }
        assertTrue(mounts.contains("tmpfs /dev/shm tmpfs rw,nosuid,nodev,noexec,relatime,size=65536k"), mounts);
        assertFalse(mounts.contains(shared.toString()), mounts);
        assertEquals("0\n", output(Command.shell("cat /proc/timer_list /proc/keys | wc -c")));
    }

    @Test
    void aReadOnlyRootHasPlacesThatAreNot() throws IOException {
        Outcome outcome = run(Command.shell("touch /run/x && echo run; touch /tmp/x; touch /dev/shm/x && echo shm")
                .readOnly()
                .tmpfs("/run", "size=64k,mode=700"));
        assertEquals("run\nshm\n", outcome.output());
        assertEquals("touch: /tmp/x: Read-only file system\n", outcome.errors());
        Files.delete(files.root().resolve("run"));
    }

    @Test
    void aSignalEndsItOrDoesNot() throws IOException {
        try (Agent agent = files.start(directory)) {
            AgentProcess process = agent.run(
                    Command.shell("trap 'echo got it; exit 7' TERM; echo ready; while :; do sleep 0.01; done"));
            process.awaitOutput("ready");
            assertEquals(Frame.DONE, process.signal(SIGTERM).type());
            assertEquals(new Outcome(7, 0, false, "ready\ngot it\n", "", ""), process.await());
            assertEquals(0, agent.awaitDown());
        }
        try (Agent agent = files.start(directory)) {
            AgentProcess process = agent.run(Command.shell("echo ready; exec cat")); // process 1, without a handler
            process.awaitOutput("ready");
            assertEquals(Frame.DONE, process.signal(SIGTERM).type());
            process.type("still there\n").awaitOutput("still there");
            assertEquals(Frame.DONE, process.signal(SIGKILL).type());
            assertEquals(new Outcome(137, 9, false, "ready\nstill there\n", "", ""), process.await());
            assertEquals(0, agent.awaitDown());
        }
    }

    @Test
    void withInitASignalEndsItAndOrphansAreReaped() throws IOException {
        try (Agent agent = files.start(directory)) {
            AgentProcess process = agent.run(Command.shell("echo $$; exec cat").init());
            process.awaitOutput("2");
            for (int i = 0; i < 20; i++) {
                assertEquals(
                        0,
                        agent.exec(Command.shell("(sh -c 'exit 3' &) ; true"))
                                .await()
                                .status());
            }
            // Orphans end when they like; none stays a zombie.
            Outcome wait = agent.exec(Command.shell(
                            "until ! grep -l '^State:.Z' /proc/[0-9]*/status 2>/dev/null; do sleep 0.01; done;"
                                    + " cat /proc/1/comm"))
                    .await();
            assertEquals(
                    "init\n", wait.output().lines().reduce((_, last) -> last).orElse("") + "\n");
            assertEquals(Frame.DONE, process.signal(SIGTERM).type());
            assertEquals(new Outcome(143, 0, false, "2\n", "", ""), process.await());
            assertEquals(0, agent.awaitDown());
        }
        assertEquals(9, run(Command.shell("exit 9").init()).status());
        refused(Command.of("ghost").init(), 127, "exec: \"ghost\": executable file not found in $PATH");
    }

    @Test
    void afterARefusalItMayBeTriedAgainButNotBeside() throws IOException {
        try (Agent agent = files.start(directory)) {
            assertEquals(127, agent.run(Command.of("ghost")).await().status());
            // Until the refused one is reaped, there is one.
            AgentProcess process = agent.run(Command.of("cat"));
            while (process.pid() < 0) {
                process = agent.run(Command.of("cat"));
            }
            assertEquals(
                    "the container was started already",
                    agent.run(Command.of("true")).await().refusal());
            assertEquals(0, process.endInput().await().status());
            assertEquals(0, agent.awaitDown());
        }
        try (Agent agent = files.start(directory)) {
            AgentProcess process = agent.run(Command.of("cat"));
            AgentProcess beside = agent.run(Command.of("cat")); // the first one is on its way yet
            assertEquals("the container was started already", beside.await().refusal());
            assertEquals(0, process.endInput().await().status());
            assertEquals(0, agent.awaitDown());
        }
    }

    @Test
    void anEndThatIsNotAcknowledgedIsNotForgotten() throws Exception {
        try (Agent agent = files.start(directory)) {
            AgentProcess process = agent.run(Command.of("true"));
            assertEquals(0, process.awaitEnd().status());
            assertEquals(Frame.STATS, agent.ask(Frame.of(77, Frame.STATS)).type());
            assertFalse(agent.isDown());
            agent.send(Frame.of(process.id(), Frame.ACK));
            assertEquals(0, agent.awaitDown());
        }
    }

    @Test
    void whenTheHostGoesItEndsEverything() throws IOException {
        try (Agent agent = files.start(directory)) {
            AgentProcess process = agent.run(Command.of("sleep", "1000")).awaitStart();
            agent.exec(Command.of("sleep", "1000")).awaitStart();
            assertEquals(1, agent.cut());
            assertEquals("", new String(process.outputBytes(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void whatIsNoFrameEndsIt() throws Exception {
        try (Agent agent = files.start(directory)) {
            agent.sendRaw((byte) 5, (byte) 0, (byte) 0, (byte) 0);
            assertTrue(agent.awaitEnd());
        }
        try (Agent agent = files.start(directory)) {
            Frame answer = agent.ask(Frame.of(9, 999));
            assertEquals(Frame.ERROR, answer.type());
            assertEquals(999, answer.body().getShort());
            assertEquals(125, answer.body().getShort());
            assertEquals("unknown frame type 999", Frame.text(answer.body()));
        }
    }

    @Test
    void limitsThatCannotBeHadAreRefused() throws IOException {
        refused(
                Command.of("true").memory(1 << 20),
                125,
                "there are no control groups for limits of memory, processors or processes");
    }
}
