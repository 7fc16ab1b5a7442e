package io.javisor.agent;

import static io.javisor.agent.AgentHost.command;
import static io.javisor.agent.AgentHost.shell;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.junit.AgentFiles;
import io.javisor.testkit.junit.HostTool;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Archives from and to a container, with GNU tar at the other end. */
class AgentTransferTest {
    private static final int EXECUTE = 0755;
    private static final int PERMISSIONS = 07777;
    private static final int MEBI = 1 << 20;

    @TempDir
    private static Path shared = Path.of("");

    private static AgentFiles files = new AgentFiles(Path.of(""), Path.of(""));

    @TempDir
    private Path directory = Path.of("");

    private AgentHost agent;

    @BeforeAll
    static void make() {
        files = AgentFiles.make(shared);
        HostTool.require("tar", "tar");
    }

    @BeforeEach
    void start() throws IOException {
        agent = AgentHost.start(files, directory);
    }

    @AfterEach
    void close() {
        agent.close();
    }

    /** A container that does nothing. */
    private void run() {
        assertFalse(agent.run(command("cat").tmpfs("/memory", "")).isRefused());
    }

    private void shellDoes(String script) {
        assertEquals(
                new AgentRun.Outcome(0, 0, false, "", "", ""),
                agent.exec(shell(script)).endInput().await());
    }

    private static byte[] all(SocketChannel channel) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        try {
            while (channel.read(buffer) >= 0) {
                bytes.write(buffer.array(), 0, buffer.position());
                buffer.clear();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] read(Transfer transfer) throws InterruptedException {
        try (transfer) {
            byte[] bytes = all(transfer.channel());
            Waits.await(transfer.done(), AgentHost.LIMIT, "late");
            return bytes;
        }
    }

    private void write(Transfer transfer, Path archive) throws IOException, InterruptedException {
        try (transfer) {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(archive));
            try {
                while (bytes.hasRemaining()) {
                    int _ = transfer.channel().write(bytes);
                }
                transfer.channel().shutdownOutput();
            } catch (IOException _) {
                // What is refused may be refused before all of it is sent.
            }
            Waits.await(transfer.done(), AgentHost.LIMIT, "late");
        }
    }

    private String list(byte[] archive) throws IOException {
        Path file = directory.resolve("got.tar");
        Files.write(file, archive);
        return HostTool.run(directory, "", "tar", "--numeric-owner", "-tf", file.toString());
    }

    private Path archive(String... arguments) {
        String[] command = new String[arguments.length + 3];
        command[0] = "tar";
        command[1] = "-cf";
        command[2] = directory.resolve("sent.tar").toString();
        System.arraycopy(arguments, 0, command, 3, arguments.length);
        HostTool.run(directory, "", command);
        return directory.resolve("sent.tar");
    }

    private static String refusal(int status, Executable what) {
        AgentException refusal = assertThrows(AgentException.class, what);
        assertEquals(status, refusal.status());
        return String.valueOf(refusal.getMessage());
    }

    @Test
    void itSaysWhatIsThere() throws InterruptedException {
        run();
        shellDoes("rm -rf /data /tmp/*; mkdir /data; echo 12345 >/data/file; chmod 4751 /data/file; ln -s ../data/file"
                + " /tmp/link; ln -s nowhere /tmp/dangling; ln -s /data /tmp/dir");
        ContainerFile file = agent.agent().find("/tmp/dir/../data/./file");
        assertEquals("/data/file", file.path());
        assertEquals("", file.target());
        assertEquals(6, file.size());
        assertEquals(04751, file.mode() & PERMISSIONS);
        assertFalse(file.isDirectory() || file.isLink());
        ContainerFile link = agent.agent().find("/tmp/link");
        assertEquals("/tmp/link -> /data/file", link.path() + " -> " + link.target());
        assertTrue(link.isLink());
        assertEquals(
                "/data/file",
                agent.agent().find("/tmp/link", TransferOption.FOLLOW).path());
        assertEquals("nowhere", agent.agent().find("/tmp/dangling").target());
        assertTrue(agent.agent().find("/tmp/dir/").isDirectory());
        assertEquals("/", agent.agent().find("../../..").path());
        assertEquals(
                "Could not find the file /none in container",
                refusal(AgentException.NOT_FOUND, () -> agent.agent().find("/none")));
        assertEquals(
                "Could not find the file /data/file/ in container",
                refusal(AgentException.NOT_FOUND, () -> agent.agent().find("/data/file/")));
    }

    @Test
    void aDirectoryComesOut() throws IOException, InterruptedException {
        run();
        shellDoes("rm -rf /data; mkdir -p /data/sub; echo one >/data/one; ln /data/one /data/sub/two; ln -s /etc/passwd"
                + " /data/link; mkfifo /data/pipe; chown 33:50 /data/one; dd if=/dev/zero of=/data/zeroes bs=1M"
                + " count=3 2>/dev/null");
        byte[] archive = read(agent.agent().archive("/data", "copy"));
        assertEquals("copy/\ncopy/link\ncopy/one\ncopy/pipe\ncopy/sub/\ncopy/sub/two\ncopy/zeroes\n", list(archive));
        HostTool.run(directory, "", "tar", "-xpf", "got.tar");
        assertEquals("one\n", Files.readString(directory.resolve("copy/sub/two")));
        assertEquals(33, Files.getAttribute(directory.resolve("copy/one"), "unix:uid"));
        assertEquals(2, Files.getAttribute(directory.resolve("copy/one"), "unix:nlink"));
        assertEquals(3 * MEBI, Files.size(directory.resolve("copy/zeroes")));
        assertEquals("one\n", list(read(agent.agent().archive("/data/one", "one"))));
        assertEquals("./\n./two\n", list(read(agent.agent().archive("/data/sub/.", "."))));
        assertEquals("two\n", list(read(agent.agent().archive("/data/sub", ""))));
        assertEquals("l\n", list(read(agent.agent().archive("/data/link", "l"))));
    }

    @Test
    void theKernelsFilesStayBehind() throws IOException, InterruptedException {
        run();
        shellDoes("echo x >/memory/x");
        String all = list(read(agent.agent().archive("/", ".")));
        assertTrue(all.contains("./proc/\n") && !all.contains("./proc/s"), all);
        assertTrue(all.contains("./memory/x\n") && all.contains("./dev/null\n"), all);
        String bare = list(read(agent.agent().archive("/", "", TransferOption.BARE)));
        assertTrue(bare.contains("bin/busybox\n") && bare.contains("memory/\n"), bare);
        assertFalse(bare.contains("memory/x") || bare.contains("dev/null"), bare);
    }

    @Test
    void anArchiveGoesIn() throws IOException, InterruptedException {
        run();
        Path tree = Files.createDirectories(directory.resolve("tree/sub"));
        Files.writeString(tree.resolve("file"), "content\n");
        Files.setPosixFilePermissions(tree.resolve("file"), PosixFilePermissions.fromString("rwxr-x---"));
        Files.write(tree.resolve("large"), new byte[5 * MEBI]);
        HostTool.run(directory, "", "chown", "-R", "33:50", "tree");
        write(agent.agent().extract("/srv"), archive("-C", "tree", "."));
        shellDoes("cmp /srv/sub/file - <<E\ncontent\nE");
        shellDoes("[ \"$(stat -c '%a %u %g' /srv/sub/file)\" = '750 0 0' ]");
        shellDoes("[ \"$(stat -c '%s' /srv/sub/large)\" = 5242880 ]");
        write(agent.agent().extract("/memory", TransferOption.OWNERS), archive("-C", "tree", "sub"));
        shellDoes("[ \"$(stat -c '%a %u %g' /memory/sub/file)\" = '750 33 50' ]");
        assertEquals(EXECUTE, agent.agent().find("/memory/sub").mode() & PERMISSIONS);
    }

    @Test
    void whatCannotGoInIsSaid() throws IOException, InterruptedException {
        run();
        Files.writeString(directory.resolve("bin"), "");
        Path archive = archive("bin");
        assertEquals(
                "cannot overwrite directory \"bin\" with non-directory",
                refusal(AgentException.FAILED, () -> write(agent.agent().extract("/"), archive)));
        assertEquals(
                "Could not find the file /none in container",
                refusal(AgentException.NOT_FOUND, () -> write(agent.agent().extract("/none"), archive)));
        assertEquals(
                "Could not find the file /etc/passwd in container",
                refusal(AgentException.NOT_FOUND, () -> write(agent.agent().extract("/etc/passwd"), archive)));
        Files.writeString(directory.resolve("sent.tar"), "this is no archive".repeat(100));
        assertEquals(
                "archive/tar: invalid tar header",
                refusal(AgentException.FAILED, () -> write(agent.agent().extract("/"), archive)));
        assertEquals(
                "container has no layer of what was written",
                refusal(AgentException.FAILED, () -> read(agent.agent().changes())));
    }

    @Test
    void itIsThereWithoutAProcess() throws IOException, InterruptedException {
        assertEquals(
                "container has no root file system",
                refusal(AgentException.FAILED, () -> agent.agent().find("/")));
        agent.agent()
                .mount(ProcessFields.builder().root(files.root().toString()).build());
        assertEquals("passwd\n", list(read(agent.agent().archive("/etc/passwd", "passwd"))));
        run();
        shellDoes("true");
    }

    @Test
    void oneThatIsLeftEnds() throws IOException, InterruptedException {
        run();
        shellDoes("dd if=/dev/zero of=/memory/zeroes bs=1M count=40 2>/dev/null");
        for (int i = 0; i < 40; i++) { // more than there may be at once
            try (Transfer transfer = agent.agent().archive("/memory", "m")) {
                assertTrue(transfer.channel().read(ByteBuffer.allocate(1)) == 1);
            }
        }
        shellDoes("true");
    }

    @Test
    void theEndOfTheContainerIsTheirs() throws InterruptedException {
        AgentRun first = agent.run(command("cat").tmpfs("/memory", ""));
        shellDoes("dd if=/dev/zero of=/memory/zeroes bs=1M count=20 2>/dev/null");
        Transfer transfer = agent.agent().archive("/memory", "m");
        assertEquals(0, first.endInput().await().status());
        assertEquals(0, agent.awaitDown());
        assertTrue(transfer.done().isCompletedExceptionally());
    }
}
