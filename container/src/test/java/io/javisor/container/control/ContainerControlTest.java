package io.javisor.container.control;

import static io.javisor.container.control.ControlledContainer.process;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.agent.AgentException;
import io.javisor.agent.ProcessExit;
import io.javisor.container.control.ContainerClient.Wanted;
import io.javisor.container.terminal.DetachKeys;
import io.javisor.container.terminal.TerminalSession;
import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.machine.config.ConfigException;
import io.javisor.testkit.Await;
import io.javisor.testkit.host.Pipe;
import io.javisor.testkit.junit.AgentFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes asked for over a control socket, their bytes over connections of their own; the agent is the real one. */
class ContainerControlTest {
    private static final int SIGTERM = 15;
    private static final int SIGKILL = 9;
    private static final Wanted ALL = new Wanted(true, true, true);
    private static final long MUCH = 64L << 20;

    @TempDir
    private static Path shared = Path.of("");

    private static AgentFiles files = new AgentFiles(Path.of(""), Path.of(""));

    @TempDir
    private Path directory = Path.of("");

    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private @Nullable ControlledContainer container;

    @BeforeAll
    static void make() {
        files = AgentFiles.make(shared);
    }

    @AfterEach
    void close() {
        if (container != null) {
            container.close();
        }
    }

    private ControlledContainer start(boolean terminal, boolean input, String script) throws Exception {
        ControlledContainer started = new ControlledContainer(
                files,
                directory,
                (bytes, length) -> {
                    synchronized (log) {
                        log.write(bytes, 0, length);
                    }
                },
                process(terminal, input, "sh", "-c", script));
        container = started;
        return started;
    }

    private ContainerClient sleeping() throws Exception {
        return start(false, false, "trap 'exit 5' TERM; while :; do sleep 0.01; done")
                .client();
    }

    private static CompletableFuture<byte[]> all(@Nullable SocketChannel channel) {
        CompletableFuture<byte[]> bytes = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
            try {
                while (channel != null && channel.read(buffer.clear()) >= 0) {
                    out.write(buffer.array(), 0, buffer.position());
                }
                bytes.complete(out.toByteArray());
            } catch (IOException e) {
                bytes.completeExceptionally(e);
            }
        });
        return bytes;
    }

    private static String text(CompletableFuture<byte[]> bytes) throws Exception {
        return new String(get(bytes), StandardCharsets.UTF_8);
    }

    private static @Nullable String message(ExecutionException e) {
        Throwable cause = e.getCause();
        return cause == null ? null : cause.getMessage();
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(Await.TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    private static void type(RemoteProcess process, byte[] bytes) throws IOException {
        Session.writeAll(input(process), ByteBuffer.wrap(bytes));
    }

    private static SocketChannel input(RemoteProcess process) {
        SocketChannel input = process.input();
        if (input == null) {
            throw new AssertionError("no input");
        }
        return input;
    }

    @Test
    void execHasItsOwnStreamsAndStatus() throws Exception {
        ContainerClient client = sleeping();
        try (RemoteProcess process =
                client.exec(process(false, true, "sh", "-c", "cat; echo err >&2; exit 42"), 0, 0, ALL)) {
            assertTrue(process.awaitStart() > 0);
            CompletableFuture<byte[]> output = all(process.output());
            CompletableFuture<byte[]> errors = all(process.errors());
            type(process, "in\n".getBytes(StandardCharsets.UTF_8));
            SocketChannel _ = input(process).shutdownOutput();
            assertEquals("in\n", text(output));
            assertEquals("err\n", text(errors));
            assertEquals(new ProcessExit(42, 0, false), get(process.exit()));
        }
    }

    @Test
    void whatIsRefusedHasDockersStatusAndWords() throws Exception {
        ContainerClient client = sleeping();
        try (RemoteProcess process = client.exec(process(false, false, "ghost"), 0, 0, ALL)) {
            AgentException refusal = assertThrows(AgentException.class, process::awaitStart);
            assertEquals(127, refusal.status());
            assertEquals("exec: \"ghost\": executable file not found in $PATH", refusal.getMessage());
            ExecutionException end = assertThrows(ExecutionException.class, () -> get(process.exit()));
            assertEquals(refusal.getMessage(), message(end));
        }
        assertEquals(
                "no command specified",
                assertThrows(ConfigException.class, () -> client.exec(process(false, false), 0, 0, ALL))
                        .getMessage());
    }

    @Test
    void nothingIsLostEitherWay() throws Exception {
        byte[] bytes = new byte[8 << 20];
        new Random(3).nextBytes(bytes);
        ContainerClient client = sleeping();
        try (RemoteProcess process = client.exec(process(false, true, "cat"), 0, 0, ALL)) {
            CompletableFuture<byte[]> output = all(process.output());
            type(process, bytes);
            SocketChannel _ = input(process).shutdownOutput();
            assertArrayEquals(bytes, get(output));
            assertEquals(0, get(process.exit()).status());
        }
    }

    @Test
    void aReaderThatWaitsLosesNothing() throws Exception {
        ContainerClient client = sleeping();
        try (RemoteProcess process =
                client.exec(process(false, false, "sh", "-c", "head -c " + (4 << 20) + " /dev/zero"), 0, 0, ALL)) {
            process.awaitStart();
            Thread.sleep(1500); // longer than a quiet stream is waited for after the end
            assertEquals(4 << 20, get(all(process.output())).length);
            assertEquals(0, get(process.exit()).status());
        }
    }

    @Test
    void whatKeepsAStreamOpenDoesNotHoldUpTheEnd() throws Exception {
        ContainerClient client = sleeping();
        try (RemoteProcess process =
                client.exec(process(false, false, "sh", "-c", "sleep 1000 & echo begun"), 0, 0, ALL)) {
            assertEquals("begun\n", text(all(process.output())));
            assertEquals(0, get(process.exit()).status());
        }
    }

    @Test
    void aProcessOutlivesItsClient() throws Exception {
        ContainerClient client = sleeping();
        try (RemoteProcess process = client.exec(
                process(false, true, "sh", "-c", "sleep 0.3; yes | head -c 1000000; touch /tmp/done"), 0, 0, ALL)) {
            process.awaitStart();
        }
        Await.until(
                "the process's end",
                () -> files.root().resolve("tmp/done").toFile().exists());
    }

    @Test
    void detachedItHasNoStreams() throws Exception {
        ContainerClient client = sleeping();
        try (RemoteProcess process =
                client.exec(process(false, false, "sh", "-c", "cat; echo lost; exit 3"), 0, 0, Wanted.NOTHING)) {
            assertEquals(3, get(process.exit()).status());
        }
    }

    @Test
    void aTerminalIsOneConnectionAndHasASize() throws Exception {
        ContainerClient client = sleeping();
        try (RemoteProcess process = client.exec(
                process(true, true, "sh", "-c", "stty -echo; stty size; read x; stty size; exit 6"), 33, 101, ALL)) {
            CompletableFuture<byte[]> output = all(process.output());
            process.awaitStart();
            process.resize(44, 99);
            type(process, "go\n".getBytes(StandardCharsets.UTF_8));
            String text = text(output);
            assertTrue(text.endsWith("44 99\r\n"), text);
            assertEquals(6, get(process.exit()).status());
        }
    }

    @Test
    void signalsGoToWhomTheyAreMeantFor() throws Exception {
        ContainerClient client = sleeping();
        try (RemoteProcess process = client.exec(process(false, false, "sleep", "1000"), 0, 0, ALL)) {
            process.awaitStart();
            process.signal(SIGKILL, false);
            assertEquals(new ProcessExit(137, SIGKILL, false), get(process.exit()));
            Await.until(
                    "the session's end",
                    () -> "there is no such process"
                            .equals(assertThrows(ConfigException.class, () -> process.signal(SIGKILL, false))
                                    .getMessage()));
        }
        client.signal(SIGTERM, false);
        assertEquals(5, requireContainer().end().status());
        assertThrows(ConfigException.class, () -> client.signal(SIGTERM, false));
    }

    private ControlledContainer requireContainer() {
        if (container == null) {
            throw new AssertionError("no container");
        }
        return container;
    }

    @Test
    void attachedSeveralSeeTheSameFromThenOn() throws Exception {
        ContainerClient client = start(
                        false, true, "echo early; while read x; do echo got $x; done; echo end >&2; exit 9")
                .client();
        Await.until("the first line", () -> log().equals("early\n"));
        try (RemoteProcess one = client.attach(false, true, ALL);
                RemoteProcess two = client.attach(false, false, new Wanted(false, true, true))) {
            one.awaitStart();
            two.awaitStart();
            CompletableFuture<byte[]> output = all(one.output());
            CompletableFuture<byte[]> errors = all(one.errors());
            CompletableFuture<byte[]> other = all(two.output());
            Thread.sleep(200); // what comes before they listen is not theirs
            type(one, "a\n".getBytes(StandardCharsets.UTF_8));
            SocketChannel _ = input(one).shutdownOutput();
            assertEquals("got a\n", text(output));
            assertEquals("end\n", text(errors));
            assertEquals("got a\n", text(other));
            assertEquals(9, get(one.exit()).status());
            assertEquals(9, get(two.exit()).status());
        }
        assertEquals(9, requireContainer().end().status());
        assertEquals("early\ngot a\nend\n", log());
    }

    @Test
    void whoDetachesLeavesItRunning() throws Exception {
        ContainerClient client = start(true, true, "stty -echo; while read x; do echo got $x; done")
                .client();
        try (RemoteProcess one = client.attach(true, false, ALL)) {
            one.awaitStart();
        }
        try (RemoteProcess two = client.attach(true, false, ALL)) {
            two.awaitStart();
            CompletableFuture<byte[]> output = all(two.output());
            Thread.sleep(200); // what comes before it listens is not its own
            type(two, "b\n".getBytes(StandardCharsets.UTF_8));
            Await.until("an answer", () -> log().contains("got b\r\n"));
            type(two, new byte[] {4}); // ctrl-d
            assertTrue(text(output).contains("got b\r\n"));
            assertEquals(0, get(two.exit()).status());
        }
    }

    private String log() {
        synchronized (log) {
            return log.toString(StandardCharsets.UTF_8);
        }
    }

    @Test
    void whenTheMachineGoesClientsAreTold() throws Exception {
        ContainerClient client = sleeping();
        try (RemoteProcess process = client.exec(process(false, false, "sleep", "1000"), 0, 0, ALL)) {
            process.awaitStart();
            requireContainer().pullPlug();
            ExecutionException end = assertThrows(ExecutionException.class, () -> get(process.exit()));
            assertEquals("the agent is gone", message(end));
        }
    }

    @Test
    void aTokenIsGoodOnceAndNoOtherIs() throws Exception {
        ContainerClient client = sleeping();
        try (RemoteProcess process = client.exec(process(false, true, "cat"), 0, 0, ALL)) {
            process.awaitStart();
            for (byte kind : new byte[] {0, 1, 2, 3, 4, -1}) {
                try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                    boolean _ = channel.connect(
                            UnixDomainSocketAddress.of(directory.resolve(ContainerRoutes.STREAM_SOCKET)));
                    byte[] head = new byte[StreamServer.TOKEN_BYTES + 1];
                    head[StreamServer.TOKEN_BYTES] = kind;
                    Session.writeAll(channel, ByteBuffer.wrap(head));
                    assertEquals(-1, channel.read(ByteBuffer.allocate(1)));
                }
            }
            SocketChannel _ = input(process).shutdownOutput();
            assertEquals(0, get(process.exit()).status());
        }
    }

    @Test
    void aConsoleBringsAllOfItAndTheStatus() throws Exception {
        ContainerClient client = sleeping();
        Path output = directory.resolve("output");
        Path errors = directory.resolve("errors");
        try (Fd input = Fd.own("input", Libc.open("/proc/self/exe", HostConstants.O_RDONLY, 0));
                Fd out = Fd.own(
                        "output", Libc.open(output.toString(), HostConstants.O_WRONLY | HostConstants.O_CREAT, 0600));
                Fd err = Fd.own(
                        "errors", Libc.open(errors.toString(), HostConstants.O_WRONLY | HostConstants.O_CREAT, 0600))) {
            RemoteConsole.End end = RemoteConsole.run(
                    client.exec(process(false, true, "sh", "-c", "cat; echo err >&2; exit 7"), 0, 0, ALL),
                    new TerminalSession.Options(input.value(), false, true, DetachKeys.DEFAULT, false),
                    out.value(),
                    err.value());
            assertEquals(new RemoteConsole.End.Exited(new ProcessExit(7, 0, false)), end);
        }
        assertEquals(-1, Files.mismatch(Path.of("/proc/self/exe"), output));
        assertEquals("err\n", Files.readString(errors));
    }

    @Test
    void aConsoleThatNobodyReadsEndsWithoutTheProcess() throws Exception {
        ContainerClient client = sleeping();
        try (Pipe pipe = Pipe.open()) {
            pipe.reader().close();
            RemoteConsole.End end = RemoteConsole.run(
                    client.exec(process(false, false, "yes"), 0, 0, ALL),
                    new TerminalSession.Options(0, false, false, DetachKeys.DEFAULT, false),
                    pipe.writer().value(),
                    pipe.writer().value());
            assertEquals(new RemoteConsole.End.OutputGone(Errno.EPIPE), end);
        }
    }

    @Test
    void aConsoleOfWhatIsRefusedIsRefused() throws Exception {
        ContainerClient client = sleeping();
        RemoteProcess process = client.exec(process(false, false, "ghost"), 0, 0, ALL);
        TerminalSession.Options options = new TerminalSession.Options(0, false, false, DetachKeys.DEFAULT, false);
        assertEquals(
                127,
                assertThrows(AgentException.class, () -> RemoteConsole.run(process, options, 1, 2))
                        .status());
    }

    /** Not how fast, which depends on the host, but that it is no matter of seconds; the rate is printed. */
    @Test
    void muchComesFastAndWhole() throws Exception {
        ContainerClient client = sleeping();
        try (RemoteProcess process = client.exec(
                process(false, false, "sh", "-c", "dd if=/dev/zero bs=64k count=" + (MUCH >> 16) + " 2>/dev/null"),
                0,
                0,
                ALL)) {
            process.awaitStart();
            long start = System.nanoTime();
            long count = 0;
            ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 17);
            SocketChannel output = process.output();
            while (output != null) {
                int read = output.read(buffer.clear());
                if (read < 0) {
                    break;
                }
                count += read;
            }
            long millis = (System.nanoTime() - start) / 1_000_000;
            assertEquals(MUCH, count);
            assertEquals(0, get(process.exit()).status());
            System.out.printf("%d MiB in %d ms%n", MUCH >> 20, millis);
        }
    }
}
