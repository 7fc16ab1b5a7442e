package io.javisor.agent;

import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What is asked of an agent about its container's files. */
final class FileRequests {
    /** As Linux has it, the zero byte included. */
    private static final int PATH_MAX = 4096;

    private static final byte LAYER = 8;

    private final ConnectedAgent agent;
    private final Streams streams;

    FileRequests(ConnectedAgent agent, Streams streams) {
        this.agent = agent;
        this.streams = streams;
    }

    private record Begun(
            Streams streams, long token, CompletableFuture<SocketChannel> connection, CompletableFuture<Void> done)
            implements Transfer {
        @Override
        public SocketChannel channel() {
            return connection.join();
        }

        @Override
        public void close() {
            streams.forget(token, connection);
        }
    }

    /** A path or name as the protocol has it. */
    private static byte[] text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length >= PATH_MAX || text.indexOf('\0') >= 0) {
            throw new AgentException(AgentException.FAILED, "a path is too long, or has a zero byte");
        }
        return bytes;
    }

    ContainerFile find(String path, TransferOption... options) throws InterruptedException {
        byte[] bytes = text(path);
        ByteBuffer body = Frame.body(1 + Short.BYTES + bytes.length)
                .put(TransferOption.bits(options))
                .putShort((short) bytes.length)
                .put(bytes)
                .flip();
        return switch (agent.ask(agent.nextId(), Frame.STAT, body)) {
            case Message.Found found -> found.file();
            default -> throw new AgentException(AgentException.FAILED, "the agent does not say what is at a path");
        };
    }

    Transfer archive(String path, String name, TransferOption... options) throws InterruptedException {
        return begin(Frame.ARCHIVE, TransferOption.bits(options), path, name);
    }

    Transfer extract(String path, TransferOption... options) throws InterruptedException {
        return begin(Frame.EXTRACT, TransferOption.bits(options), path, null);
    }

    Transfer changes(boolean layer) throws InterruptedException {
        return begin(Frame.CHANGES, layer ? LAYER : 0, null, null);
    }

    private Transfer begin(int type, byte flags, @Nullable String path, @Nullable String name)
            throws InterruptedException {
        byte[] first = path == null ? new byte[0] : text(path);
        byte[] second = name == null ? new byte[0] : text(name);
        CompletableFuture<SocketChannel> connection = new CompletableFuture<>();
        long token = streams.expect(connection);
        ByteBuffer body = Frame.body(1 + Long.BYTES + 2 * Short.BYTES + first.length + second.length)
                .put(flags)
                .putLong(token);
        if (path != null) {
            body.putShort((short) first.length).put(first);
        }
        if (name != null) {
            body.putShort((short) second.length).put(second);
        }
        boolean begun = false;
        try {
            CompletableFuture<Message> answer = agent.request(agent.nextId(), type, body.flip());
            awaitConnection(connection, answer);
            begun = true;
            return new Begun(streams, token, connection, answer.thenApply(_ -> null));
        } finally {
            if (!begun) {
                streams.forget(token, connection);
            }
        }
    }

    /** The connection comes first, unless the agent refuses before it opens one. */
    private static void awaitConnection(CompletableFuture<SocketChannel> connection, CompletableFuture<Message> answer)
            throws InterruptedException {
        Duration limit = ConnectedAgent.ANSWER_LIMIT;
        try {
            CompletableFuture.anyOf(connection, answer).get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException _) {
            // said below
        }
        if (answer.isCompletedExceptionally()) {
            Message _ = Waits.await(answer, limit, ConnectedAgent.NO_ANSWER);
        }
        SocketChannel _ = Waits.await(connection, limit, "the agent does not open a transfer's stream");
    }
}
