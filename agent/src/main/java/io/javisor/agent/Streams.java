package io.javisor.agent;

import io.javisor.core.log.LogLimit;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections for bytes: each begins with a frame that names it, and goes to who waits for that name. One that names what nobody waits for, or
 * nothing, is closed. Any thread.
 */
final class Streams implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Streams.class);

    /** Connections that have not said their names yet. With more the oldest goes: an agent says it at once. */
    private static final int MAX_NAMELESS = 64;

    private static final long RETRY_MILLIS = 100;

    private final SecureRandom random = new SecureRandom();
    private final Door door;
    private final LogLimit lines = new LogLimit();
    private final Map<Long, CompletableFuture<SocketChannel>> awaited = new LinkedHashMap<>(); // under its own lock
    private final LinkedHashSet<SocketChannel> nameless = new LinkedHashSet<>(); // under awaited
    private boolean closed; // under awaited

    private Streams(Door door) {
        this.door = door;
    }

    /** Closing it closes the door too, and every connection that nobody has taken. */
    static Streams open(Door door) {
        Streams streams = new Streams(door);
        Thread _ = Thread.ofVirtual().name("agent-streams").start(streams::accept);
        return streams;
    }

    /** A name that nobody can guess, with a future for its connection. */
    long expect(CompletableFuture<SocketChannel> connection) {
        synchronized (awaited) {
            while (true) {
                long token = random.nextLong();
                if (awaited.putIfAbsent(token, connection) == null) {
                    return token;
                }
            }
        }
    }

    /** Nobody waits for that name any more; a connection that has come is closed. */
    void forget(long token, CompletableFuture<SocketChannel> connection) {
        synchronized (awaited) {
            awaited.remove(token);
        }
        if (!connection.cancel(false) && !connection.isCompletedExceptionally()) {
            Door.close(connection.join());
        }
    }

    private void accept() {
        while (true) {
            try {
                take(door.accept());
            } catch (ClosedChannelException _) {
                return;
            } catch (IOException e) {
                lines.warn(LOG, "a stream of the agent: {}", e.getMessage()); // no descriptor left, most likely
                try {
                    Thread.sleep(RETRY_MILLIS);
                } catch (InterruptedException _) {
                    return;
                }
            }
        }
    }

    private void take(SocketChannel connection) {
        SocketChannel oldest;
        synchronized (awaited) {
            if (closed) {
                Door.close(connection);
                return;
            }
            oldest = nameless.size() < MAX_NAMELESS ? null : nameless.removeFirst();
            nameless.add(connection);
        }
        Door.close(oldest);
        Thread _ = Thread.ofVirtual().name("agent-stream").start(() -> hearName(connection));
    }

    private void hearName(SocketChannel connection) {
        CompletableFuture<SocketChannel> waiting = null;
        try {
            if (Message.of(Frame.read(connection, Long.BYTES)) instanceof Message.Stream(long token)) {
                synchronized (awaited) {
                    waiting = awaited.remove(token);
                }
            }
        } catch (IOException e) {
            LOG.debug("a stream of the agent", e);
        }
        synchronized (awaited) {
            nameless.remove(connection);
        }
        if (waiting == null || !waiting.complete(connection)) {
            // As one that was on its way when its process was refused.
            LOG.debug("a connection of the agent that nobody waits for is closed");
            Door.close(connection);
        }
    }

    @Override
    public void close() {
        door.close();
        Set<SocketChannel> rest;
        Map<Long, CompletableFuture<SocketChannel>> waiting;
        synchronized (awaited) {
            closed = true;
            rest = Set.copyOf(nameless);
            waiting = Map.copyOf(awaited);
            nameless.clear();
            awaited.clear();
        }
        rest.forEach(Door::close);
        waiting.values().forEach(each -> each.cancel(false));
    }
}
