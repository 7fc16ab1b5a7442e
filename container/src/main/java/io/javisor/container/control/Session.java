package io.javisor.container.control;

import io.javisor.agent.AgentException;
import io.javisor.agent.AgentProcess;
import io.javisor.agent.Door;
import io.javisor.agent.ProcessExit;
import io.javisor.api.Fault;
import io.javisor.api.json.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client and a process: its connections, what goes over them and what is told of its end. {@link EventLine} says in which words. The client may go at
 * any time; the process does not end by that. Any thread.
 */
abstract class Session implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    private final Set<StreamKind> wanted;
    private final Map<StreamKind, SocketChannel> connections = new EnumMap<>(StreamKind.class); // under this
    private final CompletableFuture<Boolean> complete = new CompletableFuture<>();
    private boolean closed; // under this

    /** @param wanted {@link StreamKind#EVENTS} among them */
    Session(Set<StreamKind> wanted) {
        this.wanted = Set.copyOf(wanted);
    }

    /** Whether the client wants that stream. */
    final boolean wants(StreamKind kind) {
        return wanted.contains(kind);
    }

    /** A connection has come; false if it is not wanted, or not any more. */
    final synchronized boolean connected(StreamKind kind, SocketChannel connection) {
        if (closed || !wanted.contains(kind) || connections.putIfAbsent(kind, connection) != null) {
            return false;
        }
        if (connections.size() == wanted.size()) {
            complete.complete(true);
        }
        return true;
    }

    final synchronized @Nullable SocketChannel connection(StreamKind kind) {
        return connections.get(kind);
    }

    /** From the first connection to the end; returns at once where they do not come. */
    final void run(Duration limit) throws InterruptedException {
        try {
            if (!complete.get(limit.toNanos(), TimeUnit.NANOSECONDS)) {
                return;
            }
        } catch (TimeoutException | ExecutionException e) {
            LOG.debug("a session's connections have not come", e);
            return;
        }
        try {
            Thread _ = Thread.ofVirtual().name("container-client").start(this::awaitClient);
            serve();
        } catch (AgentException e) {
            tell(EventLine.refused(e.status(), String.valueOf(e.getMessage())));
        } catch (Fault e) {
            tell(EventLine.refused(AgentException.FAILED, String.valueOf(e.getMessage())));
        }
    }

    /** All connections are there: to the process's end, or the client's leaving. */
    abstract void serve() throws InterruptedException;

    /** The client has gone; the process has not. */
    abstract void clientGone();

    /** The client says nothing by the connection for events: what comes is its end. */
    private void awaitClient() {
        SocketChannel events = connection(StreamKind.EVENTS);
        try {
            ByteBuffer nothing = ByteBuffer.allocate(64);
            while (events != null && events.read(nothing.clear()) >= 0) {
                LOG.debug("a client speaks where it should listen");
            }
        } catch (IOException e) {
            LOG.debug("a client has gone", e);
        }
        clientGone();
    }

    /** Tells the client, if it is there. */
    final void tell(Map<String, ?> line) {
        SocketChannel events = connection(StreamKind.EVENTS);
        if (events == null) {
            return;
        }
        ByteBuffer bytes = ByteBuffer.wrap((Json.text(line) + "\n").getBytes(StandardCharsets.UTF_8));
        try {
            writeAll(events, bytes);
        } catch (IOException e) {
            LOG.debug("a client has gone", e);
        }
    }

    /** How it ended, when it has. */
    final void tellEnd(AgentProcess process) throws InterruptedException {
        try {
            ProcessExit exit = process.exit().get();
            tell(EventLine.exited(exit));
        } catch (ExecutionException e) {
            tell(EventLine.refused(AgentException.FAILED, reason(e)));
        }
    }

    private static String reason(ExecutionException e) {
        Throwable cause = e.getCause();
        return String.valueOf(cause == null ? e.getMessage() : cause.getMessage());
    }

    /** Takes output for the client: nothing if it does not want it. */
    final OutputSink sink(StreamKind kind, boolean closeAtEnd) {
        SocketChannel connection = connection(kind);
        if (connection == null) {
            return OutputSink.NONE;
        }
        return new OutputSink() {
            @Override
            public void write(byte[] bytes, int length) throws IOException {
                writeAll(connection, ByteBuffer.wrap(bytes, 0, length));
            }

            @Override
            public void end() {
                if (closeAtEnd) {
                    Door.close(connection);
                } else {
                    shutDownOutput(connection);
                }
            }
        };
    }

    static void writeAll(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            int _ = channel.write(bytes);
        }
    }

    static void shutDownOutput(SocketChannel channel) {
        try {
            SocketChannel _ = channel.shutdownOutput();
        } catch (IOException e) {
            LOG.debug("the other end has gone", e);
        }
    }

    /** Whether it has come to its end. */
    final synchronized boolean isClosed() {
        return closed;
    }

    /** Closes the connections. */
    @Override
    public final void close() {
        Map<StreamKind, SocketChannel> present;
        synchronized (this) {
            closed = true;
            present = Map.copyOf(connections);
        }
        complete.complete(false);
        present.values().forEach(Door::close);
    }
}
