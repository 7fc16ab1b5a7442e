package io.javisor.testkit.agent;

import io.javisor.testkit.Await;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A process that the agent was asked for. */
final class AgentProcess {
    /** How it came out: a status and a signal, or the agent's status and line for why it did not start. */
    record Outcome(int status, int signal, boolean oom, String output, String errors, String refusal) {}

    /** What the agent says of its end. */
    private record End(int status, int signal, boolean oom, String refusal) {}

    private final Agent agent;
    private final int id;
    private final CompletableFuture<Integer> started = new CompletableFuture<>();
    private final CompletableFuture<End> ended = new CompletableFuture<>();
    private final CompletableFuture<SocketChannel> input;
    private final Collector output;
    private final Collector errors;

    /** @param errors equal to {@code output} with a terminal */
    AgentProcess(Agent agent, int id, long input, long output, long errors) {
        this.agent = agent;
        this.id = id;
        this.input = agent.stream(input);
        this.output = new Collector(agent.stream(output));
        this.errors = errors == output ? this.output : new Collector(agent.stream(errors));
    }

    /** Everything that a stream brings. */
    static final class Collector {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final CompletableFuture<Void> ended;

        Collector(CompletableFuture<SocketChannel> stream) {
            ended = stream.thenAcceptAsync(this::read, Thread::startVirtualThread);
        }

        private void read(SocketChannel channel) {
            ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
            try {
                while (channel.read(buffer) >= 0) {
                    synchronized (bytes) {
                        bytes.write(buffer.array(), 0, buffer.position());
                    }
                    buffer.clear();
                }
            } catch (IOException _) {
                // a reset: the agent has gone, or was told that nobody needs the rest
            }
        }

        byte[] bytes() {
            synchronized (bytes) {
                return bytes.toByteArray();
            }
        }

        String text() {
            return new String(bytes(), StandardCharsets.UTF_8);
        }

        byte[] all() {
            get(ended);
            return bytes();
        }
    }

    void startedAs(int pid) {
        started.complete(pid);
    }

    void refused(int status, String line) {
        started.complete(-1);
        ended.complete(new End(status, 0, false, line));
    }

    void exited(int status, int signal, boolean oom) {
        ended.complete(new End(status, signal, oom, ""));
    }

    static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(Await.TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    AgentProcess awaitStart() {
        int pid = get(started);
        if (pid < 0) {
            throw new AssertionError(get(ended).refusal());
        }
        return this;
    }

    /** Its number, as the agent sees it. */
    int pid() {
        return get(started);
    }

    int id() {
        return id;
    }

    AgentProcess type(String text) {
        return type(text.getBytes(StandardCharsets.UTF_8));
    }

    AgentProcess type(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        try {
            while (buffer.hasRemaining()) {
                get(input).write(buffer);
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return this;
    }

    /** Nothing where it was refused before it had streams. */
    AgentProcess endInput() {
        try {
            get(CompletableFuture.anyOf(input, ended));
            if (!input.isDone()) {
                return this;
            }
            get(input).shutdownOutput();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return this;
    }

    AgentProcess awaitOutput(String text) {
        Await.until(
                () -> "output with " + text + ": " + output.text() + errors.text(),
                () -> output.text().contains(text));
        return this;
    }

    Frame signal(int number) {
        return agent.ask(new Frame(
                id, Frame.SIGNAL, Frame.body(2).putShort((short) number).flip()));
    }

    Frame resize(int rows, int columns) {
        ByteBuffer body = Frame.body(4).putShort((short) rows).putShort((short) columns);
        return agent.ask(new Frame(id, Frame.RESIZE, body.flip()));
    }

    byte[] outputBytes() {
        return output.all();
    }

    byte[] errorBytes() {
        return errors.all();
    }

    boolean hasEnded() {
        return ended.isDone();
    }

    /** Waits for its end and for those of its streams, and acknowledges. */
    Outcome await() {
        Outcome outcome = awaitEnd();
        if (outcome.refusal().isEmpty()) {
            agent.send(Frame.of(id, Frame.ACK));
        }
        return outcome;
    }

    /** As above, without a word to the agent. */
    Outcome awaitEnd() {
        End end = get(ended);
        boolean ran = end.refusal().isEmpty();
        return new Outcome(
                end.status(),
                end.signal(),
                end.oom(),
                ran ? new String(output.all(), StandardCharsets.UTF_8) : "",
                ran ? new String(errors.all(), StandardCharsets.UTF_8) : "",
                end.refusal());
    }
}
