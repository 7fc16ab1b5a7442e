package io.javisor.testkit.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.Await;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A running agent, in namespaces of its own, and its host. Closing it ends all that it started. */
final class Agent implements AutoCloseable {
    private static final int CONTROL_PORT = 1024;
    private static final int STREAM_PORT = 1025;
    private static final int BACKLOG = 256;

    private final Path root;
    private final Path socket;
    private final Process process;
    private final ServerSocketChannel controls;
    private final ServerSocketChannel streams;
    private final SocketChannel control;
    private final Map<Long, CompletableFuture<SocketChannel>> waiting = new ConcurrentHashMap<>();
    private final Map<Integer, AgentProcess> processes = new ConcurrentHashMap<>();
    private final List<SocketChannel> connections = new CopyOnWriteArrayList<>();
    private final BlockingQueue<Frame> answers = new LinkedBlockingQueue<>();
    private final CompletableFuture<Boolean> down = new CompletableFuture<>();
    private final AtomicInteger ids = new AtomicInteger();
    private final AtomicLong tokens = new AtomicLong(0x1234_5678_9abcL);

    private Agent(Path program, Path directory, Path root, String... options) throws IOException {
        this.root = root;
        socket = directory.resolve("agent.sock");
        controls = listen(CONTROL_PORT);
        streams = listen(STREAM_PORT);
        List<String> command = new ArrayList<>(List.of(
                "unshare",
                "--fork",
                "--kill-child",
                "--pid",
                "--mount",
                "--uts",
                "--ipc",
                "--cgroup",
                program.toString(),
                "--unix",
                socket.toString()));
        command.addAll(Arrays.asList(options));
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("agent.log").toFile())
                .start();
        // A thread that waits for a connection has an end: close() closes what it waits on.
        CompletableFuture<SocketChannel> first = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            try {
                first.complete(controls.accept());
            } catch (IOException e) {
                first.completeExceptionally(e);
            }
        });
        control = AgentProcess.get(first);
    }

    /** The connection is made, hello is said. */
    static Agent start(Path program, Path directory, Path root, String... options) throws IOException {
        Agent agent = new Agent(program, directory, root, options);
        Frame hello = Frame.read(agent.control);
        assertEquals(Frame.HELLO, hello.type());
        assertEquals(1, hello.body().getShort());
        agent.send(new Frame(0, Frame.HELLO, Frame.body(2).putShort((short) 1).flip()));
        Thread.startVirtualThread(agent::readFrames);
        Thread.startVirtualThread(agent::acceptStreams);
        return agent;
    }

    private ServerSocketChannel listen(int port) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        Path path = Path.of(socket + "_" + port);
        Files.deleteIfExists(path);
        return server.bind(UnixDomainSocketAddress.of(path), BACKLOG);
    }

    private void acceptStreams() {
        try {
            while (true) {
                SocketChannel channel = streams.accept();
                connections.add(channel);
                Frame frame = Frame.read(channel);
                assertEquals(Frame.STREAM, frame.type());
                stream(frame.body().getLong()).complete(channel);
            }
        } catch (IOException _) {
            // closed
        }
    }

    private void readFrames() {
        try {
            while (true) {
                take(Frame.read(control));
            }
        } catch (IOException _) {
            down.complete(false);
        }
    }

    private void take(Frame frame) {
        AgentProcess process = processes.get(frame.id());
        ByteBuffer body = frame.body().duplicate().order(frame.body().order());
        switch (frame.type()) {
            case Frame.STARTED -> process(process).startedAs(body.getInt());
            case Frame.EXIT -> process(process).exited(body.getInt(), body.getInt(), body.get() != 0);
            case Frame.DOWN -> down.complete(true);
            case Frame.ERROR -> {
                int request = body.getShort();
                if (process != null && (request == Frame.START || request == Frame.EXEC || request == Frame.FIELDS)) {
                    process.refused(body.getShort(), Frame.text(body));
                } else {
                    answers.add(frame);
                }
            }
            default -> answers.add(frame);
        }
    }

    private static AgentProcess process(@Nullable AgentProcess process) {
        if (process == null) {
            throw new AssertionError("a frame for a process that nobody asked for");
        }
        return process;
    }

    CompletableFuture<SocketChannel> stream(long token) {
        return waiting.computeIfAbsent(token, _ -> new CompletableFuture<>());
    }

    synchronized void send(Frame frame) {
        try {
            frame.write(control);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends it, and waits for the answer: DONE, ERROR, or what was asked for. */
    synchronized Frame ask(Frame frame) {
        send(frame);
        try {
            Frame answer = answers.poll(Await.TIMEOUT_SECONDS, TimeUnit.SECONDS);
            if (answer == null) {
                throw new AssertionError("no answer");
            }
            assertEquals(frame.id(), answer.id());
            return answer;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The container's first process. */
    AgentProcess run(Command command) {
        return begin(command.root(root.toString()), Frame.START);
    }

    /** A further process. */
    AgentProcess exec(Command command) {
        return begin(command, Frame.EXEC);
    }

    /** As {@link #run}, with a terminal in the place of three streams. */
    AgentProcess runOnTerminal(Command command, int rows, int columns) {
        return beginOnTerminal(command.root(root.toString()), Frame.START, rows, columns);
    }

    AgentProcess execOnTerminal(Command command, int rows, int columns) {
        return beginOnTerminal(command, Frame.EXEC, rows, columns);
    }

    private AgentProcess beginOnTerminal(Command command, int type, int rows, int columns) {
        long token = tokens.incrementAndGet();
        int id = ids.incrementAndGet();
        return begin(new AgentProcess(this, id, token, token, token), command.terminal(token, rows, columns), type);
    }

    private AgentProcess begin(Command command, int type) {
        long token = tokens.getAndAdd(3);
        int id = ids.incrementAndGet();
        AgentProcess process = new AgentProcess(this, id, token, token + 1, token + 2);
        return begin(process, command.streams(token, token + 1, token + 2), type);
    }

    private AgentProcess begin(AgentProcess process, Command command, int type) {
        processes.put(process.id(), process);
        send(new Frame(process.id(), type, ByteBuffer.wrap(command.fields())));
        return process;
    }

    /** The agent has killed what was left, and has nothing more to say; it ends when the connection does. */
    int awaitDown() {
        assertTrue(AgentProcess.get(down), "the agent went without its last word");
        try {
            control.close();
            assertTrue(process.waitFor(Await.TIMEOUT_SECONDS, TimeUnit.SECONDS));
            return process.exitValue();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Whether it said its last word. */
    boolean isDown() {
        return down.isDone();
    }

    /** The connection is cut; gives the agent's exit status. */
    int cut() {
        try {
            control.close();
            assertTrue(process.waitFor(Await.TIMEOUT_SECONDS, TimeUnit.SECONDS));
            return process.exitValue();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Sends bytes that need not be frames. */
    void sendRaw(byte... bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            if (control.write(buffer) < 0) {
                throw new EOFException();
            }
        }
    }

    boolean awaitEnd() throws InterruptedException {
        return process.waitFor(Await.TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly(); // unshare, and by --kill-child all processes of the namespace
        controls.close();
        streams.close();
        control.close();
        for (SocketChannel connection : connections) {
            connection.close();
        }
        try {
            if (!process.waitFor(Await.TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("the agent does not end");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
