package io.javisor.agent;

import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A process of a {@link ConnectedAgent}. Its three streams are one with a terminal. */
final class ConnectedProcess implements AgentProcess {
    private static final int TERMINAL_STREAMS = 1;
    private static final int STREAMS = 3;

    private record Stream(long token, CompletableFuture<SocketChannel> connection) {}

    private final ConnectedAgent agent;
    private final Streams door;
    private final int id;
    private final List<Stream> streams = new ArrayList<>();
    private final CompletableFuture<Integer> started = new CompletableFuture<>();
    private final CompletableFuture<ProcessExit> exit = new CompletableFuture<>();
    private @Nullable ProcessExit end; // under this
    private boolean abandoned; // under this

    ConnectedProcess(ConnectedAgent agent, Streams door, int id, boolean terminal) {
        this.agent = agent;
        this.door = door;
        this.id = id;
        for (int i = 0; i < (terminal ? TERMINAL_STREAMS : STREAMS); i++) {
            CompletableFuture<SocketChannel> connection = new CompletableFuture<>();
            streams.add(new Stream(door.expect(connection), connection));
        }
    }

    int id() {
        return id;
    }

    long[] tokens() {
        return streams.stream().mapToLong(Stream::token).toArray();
    }

    /** Waits until it runs and its streams are there. */
    void awaitStart(Duration limit) throws InterruptedException {
        long until = System.nanoTime() + limit.toNanos();
        int _ = Waits.await(started, limit, ConnectedAgent.NO_ANSWER);
        for (Stream stream : streams) {
            Duration rest = Duration.ofNanos(Math.max(0, until - System.nanoTime()));
            SocketChannel _ = Waits.await(stream.connection, rest, "the agent does not open a process's streams");
        }
    }

    /** False if that can't be. */
    boolean startedAs(int pid) {
        boolean first = started.complete(pid);
        if (first && isAbandoned()) {
            agent.kill(this);
        }
        return first;
    }

    /** False if that can't be. */
    boolean refused(AgentException refusal) {
        return started.completeExceptionally(refusal);
    }

    /** False if that can't be. Who waits goes on in another thread than the caller's. */
    boolean endedBy(ProcessExit how) {
        synchronized (this) {
            if (end != null || !started.isDone() || started.isCompletedExceptionally()) {
                return false;
            }
            end = how;
        }
        Thread _ = Thread.ofVirtual().name("agent-exit").start(() -> exit.complete(how));
        if (isAbandoned()) {
            acknowledge();
        }
        return true;
    }

    /** The agent has gone; who waits goes on in another thread than the caller's. */
    void lost(AgentException reason) {
        started.completeExceptionally(reason);
        synchronized (this) {
            if (end != null) {
                return;
            }
        }
        Thread _ = Thread.ofVirtual().name("agent-exit").start(() -> exit.completeExceptionally(reason));
    }

    private synchronized boolean isAbandoned() {
        return abandoned;
    }

    /** Nobody will have it: if it runs, or comes to run, it is killed. */
    void abandon() {
        boolean hasEnded;
        synchronized (this) {
            abandoned = true;
            hasEnded = end != null;
        }
        closeStreams();
        if (hasEnded) {
            acknowledge();
        } else if (started.isDone() && !started.isCompletedExceptionally()) {
            agent.kill(this);
        }
    }

    /** Whether it is not there any more, or never was. */
    boolean isRefused() {
        return started.isCompletedExceptionally();
    }

    void closeStreams() {
        for (Stream stream : streams) {
            door.forget(stream.token, stream.connection);
        }
    }

    @Override
    public int pid() {
        return started.join();
    }

    @Override
    public SocketChannel input() {
        return streams.getFirst().connection.join();
    }

    @Override
    public SocketChannel output() {
        return streams.get(streams.size() / 2).connection.join();
    }

    @Override
    public SocketChannel errors() {
        return streams.getLast().connection.join();
    }

    @Override
    public CompletableFuture<ProcessExit> exit() {
        return exit;
    }

    @Override
    public void acknowledge() {
        synchronized (this) {
            if (end == null && !exit.isDone()) {
                throw new IllegalStateException("process " + id + " has not ended");
            }
        }
        agent.acknowledge(this);
        closeStreams();
    }

    @Override
    public void signal(int number, boolean wholeGroup) throws InterruptedException {
        ByteBuffer body = Frame.body(Short.BYTES + 1).putShort((short) number).put((byte) (wholeGroup ? 1 : 0));
        Message _ = agent.ask(id, Frame.SIGNAL, body.flip());
    }

    @Override
    public void resize(int rows, int columns) throws InterruptedException {
        ByteBuffer body = Frame.body(2 * Short.BYTES).putShort((short) rows).putShort((short) columns);
        Message _ = agent.ask(id, Frame.RESIZE, body.flip());
    }
}
