package io.javisor.container.control;

import io.javisor.agent.AgentException;
import io.javisor.agent.Door;
import io.javisor.agent.ProcessExit;
import io.javisor.machine.config.ConfigException;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A process of a container in another process, and this client's connections to it. Closing it leaves the process as it is. Any thread. */
public final class RemoteProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RemoteProcess.class);

    /** An agent is given two minutes to start it. */
    private static final Duration START_LIMIT = Duration.ofMinutes(3);

    private final ContainerClient client;
    private final @Nullable String token; // null for the first process
    private final boolean terminal;
    private final Map<StreamKind, SocketChannel> connections;
    private final CompletableFuture<Integer> started = new CompletableFuture<>();
    private final CompletableFuture<ProcessExit> exit = new CompletableFuture<>();

    private RemoteProcess(
            ContainerClient client,
            @Nullable String token,
            boolean terminal,
            Map<StreamKind, SocketChannel> connections) {
        this.client = client;
        this.token = token;
        this.terminal = terminal;
        this.connections = connections;
    }

    /** @param further whether it is another than the first process */
    static RemoteProcess connect(
            ContainerClient client,
            Path socket,
            String token,
            boolean further,
            boolean terminal,
            Set<StreamKind> kinds) {
        Map<StreamKind, SocketChannel> connections = new EnumMap<>(StreamKind.class);
        try {
            byte[] bytes = HexFormat.of().parseHex(token);
            for (StreamKind kind : kinds) {
                SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
                connections.put(kind, channel);
                boolean _ = channel.connect(UnixDomainSocketAddress.of(socket));
                ByteBuffer head = ByteBuffer.allocate(bytes.length + 1)
                        .put(bytes)
                        .put(kind.number())
                        .flip();
                Session.writeAll(channel, head);
            }
        } catch (IOException | IllegalArgumentException e) {
            connections.values().forEach(Door::close);
            throw new ConfigException("the container has ended: " + e.getMessage(), e);
        }
        RemoteProcess process = new RemoteProcess(client, further ? token : null, terminal, connections);
        Thread _ = Thread.ofVirtual().name("container-events").start(process::listen);
        return process;
    }

    private void listen() {
        SocketChannel events = connections.get(StreamKind.EVENTS);
        AgentException end = new AgentException(AgentException.FAILED, "the container is gone");
        try (BufferedReader lines =
                new BufferedReader(Channels.newReader(Objects.requireNonNull(events), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode event = JsonMapper.shared().readTree(line);
                if (event.has(EventLine.STARTED)) {
                    started.complete(event.path(EventLine.PID).asInt());
                } else if (event.has(EventLine.EXITED)) {
                    exit.complete(new ProcessExit(
                            event.path(EventLine.EXITED).asInt(),
                            event.path(EventLine.SIGNAL).asInt(),
                            event.path(EventLine.OUT_OF_MEMORY).asBoolean()));
                } else if (event.has(EventLine.REFUSED)) {
                    end = new AgentException(
                            event.path(EventLine.REFUSED).asInt(),
                            event.path(EventLine.MESSAGE).asString("refused"));
                }
            }
        } catch (IOException | JacksonException e) {
            LOG.debug("the container's events", e);
        }
        started.completeExceptionally(end);
        exit.completeExceptionally(end);
    }

    /**
     * Waits until it runs; gives its number in the machine.
     *
     * @throws AgentException if it is refused, with its status
     */
    public int awaitStart() throws InterruptedException {
        try {
            return started.get(START_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new ConfigException("the container does not answer", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof AgentException refusal ? refusal : new IllegalStateException(e);
        }
    }

    /** Whether it has a terminal: its input and output are one connection then. */
    public boolean hasTerminal() {
        return terminal;
    }

    /** To write to, in blocking mode; null if it was not wanted. Shut down for output it ends the process's input, but for a terminal's. */
    public @Nullable SocketChannel input() {
        return connections.get(StreamKind.STDIN);
    }

    /** To read from, in blocking mode; null if it was not wanted. Ends when nothing more comes. */
    public @Nullable SocketChannel output() {
        return connections.get(terminal ? StreamKind.STDIN : StreamKind.STDOUT);
    }

    /** To read from, in blocking mode; null if it was not wanted, or there is a terminal. */
    public @Nullable SocketChannel errors() {
        return connections.get(StreamKind.STDERR);
    }

    /** Completed when the process has ended and all its output is on its way; by an {@link AgentException} if that can't be known. */
    public CompletableFuture<ProcessExit> exit() {
        return exit;
    }

    /** Sends it a signal. Refused by a {@link ConfigException}. */
    public void signal(int number, boolean wholeGroup) throws InterruptedException {
        client.signal(token, number, wholeGroup);
    }

    /** Changes its terminal's size. Refused by a {@link ConfigException}. */
    public void resize(int rows, int columns) throws InterruptedException {
        client.resize(token, rows, columns);
    }

    @Override
    public void close() {
        connections.values().forEach(Door::close);
    }
}
