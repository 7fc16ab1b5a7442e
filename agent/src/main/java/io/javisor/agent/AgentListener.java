package io.javisor.agent;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Waits for an agent at the Unix sockets {@code PATH_1024} and {@code PATH_1025}, which it makes and removes. One agent, once: the first connection
 * is the agent's, or nobody's. Any thread.
 */
public final class AgentListener implements AutoCloseable {
    private static final String CONTROL_SUFFIX = "_1024";
    private static final String STREAM_SUFFIX = "_1025";
    private static final String SOCKET = "agent's socket";
    private static final int GENERATION = 1;

    private final Door controls;
    private final Streams streams;
    private final Duration answerLimit;
    private final CompletableFuture<ConnectedAgent> connected = new CompletableFuture<>();
    private @Nullable SocketChannel greeting; // under this: a connection whose hello is not said yet
    private boolean closed; // under this

    private AgentListener(Door controls, Streams streams, Duration answerLimit) {
        this.answerLimit = answerLimit;
        this.controls = controls;
        this.streams = streams;
    }

    /**
     * Listens; only the user, and root, can connect. Sockets that a dead process has left are replaced.
     *
     * @param vsock the path of a hybrid vsock socket, which another makes, in a directory that nobody but the user may write to
     * @throws AgentException if a path is too long, in use, something else, or in such a directory
     */
    public static AgentListener open(Path vsock) {
        return open(vsock, ConnectedAgent.ANSWER_LIMIT);
    }

    /** As {@link #open(Path)}, with another time that the agent may take for an answer. */
    static AgentListener open(Path vsock, Duration answerLimit) {
        Door controls = Door.open(SOCKET, Path.of(vsock + CONTROL_SUFFIX));
        Streams streams;
        try {
            streams = Streams.open(Door.open(SOCKET, Path.of(vsock + STREAM_SUFFIX)));
        } catch (RuntimeException e) {
            controls.close();
            throw e;
        }
        AgentListener listener = new AgentListener(controls, streams, answerLimit);
        Thread _ = Thread.ofVirtual().name("agent-hello").start(listener::greet);
        return listener;
    }

    private void greet() {
        SocketChannel connection = null;
        try {
            connection = controls.accept();
            controls.close(); // one connection for the machine's life
            if (!take(connection)) {
                throw new IOException("this is closed");
            }
            Frame first = Frame.read(connection, Frame.MAX_BODY_SIZE);
            if (!(Message.of(first) instanceof Message.Hello)) {
                throw new ProtocolException("the first frame has type " + first.type());
            }
            ByteBuffer hello = hello(Instant.now());
            while (hello.hasRemaining()) {
                int _ = connection.write(hello);
            }
            ConnectedAgent agent = new ConnectedAgent(connection, streams, answerLimit);
            if (!connected.complete(agent)) {
                agent.close();
            }
        } catch (IOException e) {
            Door.close(connection);
            connected.completeExceptionally(
                    new AgentException(AgentException.FAILED, "the agent does not say hello: " + e.getMessage()));
        }
    }

    private synchronized boolean take(SocketChannel connection) {
        greeting = connection;
        return !closed;
    }

    private static ByteBuffer hello(Instant now) {
        ByteBuffer body = Frame.body(Short.BYTES + Long.BYTES)
                .putShort((short) GENERATION)
                .putLong(ConnectedAgent.nanos(now));
        return new Frame(0, Frame.HELLO, body.flip()).bytes();
    }

    /**
     * Waits for the agent's hello, which is answered with the host's time. May be called again when it did not come in time.
     *
     * @throws AgentException if it does not come in time, or this is closed
     */
    public Agent accept(Duration limit) throws InterruptedException {
        return Waits.await(connected, limit, "the agent has not come within " + limit.toMillis() + " ms");
    }

    /** Removes the sockets, and closes the agent. */
    @Override
    public void close() {
        controls.close();
        streams.close();
        synchronized (this) {
            closed = true;
            if (!connected.isDone()) {
                Door.close(greeting);
            }
        }
        if (!connected.completeExceptionally(new AgentException(AgentException.FAILED, "the agent is not waited for"))
                && !connected.isCompletedExceptionally()) {
            connected.join().close();
        }
    }
}
