package io.javisor.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
import org.jspecify.annotations.Nullable;

/** A process that the agent was asked for, and what came of it. All its output is read and kept. */
final class AgentRun {
    /** How it came out: a status and a signal, or the agent's status and line for why it did not start. */
    record Outcome(int status, int signal, boolean oom, String output, String errors, String refusal) {}

    /** Starts it. */
    interface Start {
        AgentProcess now() throws InterruptedException;
    }

    private final @Nullable AgentProcess process;
    private final @Nullable AgentException refusal;
    private final Collector output;
    private final Collector errors;

    private AgentRun(@Nullable AgentProcess process, @Nullable AgentException refusal) {
        this.process = process;
        this.refusal = refusal;
        output = new Collector(process == null ? null : process.output());
        errors =
                process == null || process.errors().equals(process.output()) ? output : new Collector(process.errors());
    }

    static AgentRun of(Start start) {
        try {
            return new AgentRun(start.now(), null);
        } catch (AgentException e) {
            return new AgentRun(null, e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Everything that a stream brings. */
    private static final class Collector {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final CompletableFuture<Void> ended;

        Collector(@Nullable SocketChannel channel) {
            ended = channel == null
                    ? CompletableFuture.completedFuture(null)
                    : CompletableFuture.runAsync(() -> read(channel), Thread::startVirtualThread);
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
                // closed: nobody needs the rest
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

    static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(Await.TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    AgentProcess process() {
        if (process == null) {
            throw new AssertionError(refusal);
        }
        return process;
    }

    boolean isRefused() {
        return process == null;
    }

    AgentRun type(String text) {
        return type(text.getBytes(StandardCharsets.UTF_8));
    }

    AgentRun type(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        try {
            while (buffer.hasRemaining()) {
                int _ = process().input().write(buffer);
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return this;
    }

    /** Nothing where it was refused. */
    AgentRun endInput() {
        try {
            if (process != null) {
                process.input().shutdownOutput();
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return this;
    }

    AgentRun awaitOutput(String text) {
        Await.until(
                () -> "output with " + text + ": " + output.text() + errors.text(),
                () -> output.text().contains(text));
        return this;
    }

    AgentRun signal(int number) {
        return answered(() -> process().signal(number, false));
    }

    AgentRun resize(int rows, int columns) {
        return answered(() -> process().resize(rows, columns));
    }

    /** A request that waits. */
    interface Request {
        void now() throws InterruptedException;
    }

    private AgentRun answered(Request request) {
        try {
            request.now();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return this;
    }

    byte[] outputBytes() {
        return output.all();
    }

    byte[] errorBytes() {
        return errors.all();
    }

    boolean hasEnded() {
        return process().exit().isDone();
    }

    /** Waits for its end and for those of its streams, and acknowledges. */
    Outcome await() {
        Outcome outcome = awaitEnd();
        if (process != null) {
            process.acknowledge();
        }
        return outcome;
    }

    /** As above, without a word to the agent. */
    Outcome awaitEnd() {
        if (refusal != null) {
            assertEquals(null, process);
            return new Outcome(refusal.status(), 0, false, "", "", String.valueOf(refusal.getMessage()));
        }
        ProcessExit exit = get(process().exit());
        return new Outcome(
                exit.status(),
                exit.signal(),
                exit.outOfMemory(),
                new String(output.all(), StandardCharsets.UTF_8),
                new String(errors.all(), StandardCharsets.UTF_8),
                "");
    }
}
