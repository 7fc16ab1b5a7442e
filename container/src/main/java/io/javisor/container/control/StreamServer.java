package io.javisor.container.control;

import io.javisor.agent.Door;
import io.javisor.api.Fault;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Unix socket for bytes. A connection begins with the 16 bytes of a token, which an answer of the control socket gave, and the number of a
 * {@link StreamKind}. A token is good for one connection of each kind that its session wants, and for half a minute. Any thread.
 */
final class StreamServer implements AutoCloseable {
    static final int TOKEN_BYTES = 16;

    private static final Logger LOG = LoggerFactory.getLogger(StreamServer.class);
    private static final Duration TOKEN_LIFE = Duration.ofSeconds(30);
    private static final int MAX_SESSIONS = 256;
    private static final int MAX_NAMELESS = 64; // connections that have not sent their token
    private static final long RETRY_MILLIS = 100;
    private static final long LAST_MILLIS = 5;

    private final SecureRandom random = new SecureRandom();
    private final Duration tokenLife;
    private final Door door;
    private final Map<String, Session> sessions = new HashMap<>(); // under this
    private final LinkedHashSet<SocketChannel> nameless = new LinkedHashSet<>(); // under this
    private boolean closed; // under this

    private StreamServer(Door door, Duration tokenLife) {
        this.door = door;
        this.tokenLife = tokenLife;
    }

    /** @throws io.javisor.agent.AgentException if the socket can't be made */
    static StreamServer open(Path path) {
        return open(path, TOKEN_LIFE);
    }

    static StreamServer open(Path path, Duration tokenLife) {
        StreamServer server = new StreamServer(Door.open("container's socket", path), tokenLife);
        Thread _ = Thread.ofVirtual().name("container-streams").start(server::accept);
        return server;
    }

    /**
     * Makes a token for a session, which begins when all its connections are there, and is closed when they have not come in time.
     *
     * @throws Fault with status 409 if there are too many
     */
    String add(Session session) {
        byte[] bytes = new byte[TOKEN_BYTES];
        random.nextBytes(bytes);
        String token = HexFormat.of().formatHex(bytes);
        synchronized (this) {
            if (closed) {
                throw new Fault(409, "the container has ended");
            }
            if (sessions.size() >= MAX_SESSIONS) {
                throw new Fault(409, "there are " + MAX_SESSIONS + " sessions already");
            }
            sessions.put(token, session);
        }
        Thread _ = Thread.ofVirtual().name("container-session").start(() -> attend(token, session));
        return token;
    }

    private void attend(String token, Session session) {
        try {
            session.run(tokenLife);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            synchronized (this) {
                sessions.remove(token);
            }
            session.close();
        }
    }

    private void accept() {
        while (true) {
            try {
                take(door.accept());
            } catch (ClosedChannelException _) {
                return;
            } catch (IOException e) {
                LOG.debug("a connection to a container's socket", e); // no descriptor left, most likely
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
        synchronized (this) {
            if (closed) {
                Door.close(connection);
                return;
            }
            oldest = nameless.size() < MAX_NAMELESS ? null : nameless.removeFirst();
            nameless.add(connection);
        }
        Door.close(oldest);
        Thread _ = Thread.ofVirtual().name("container-stream").start(() -> hear(connection));
    }

    private void hear(SocketChannel connection) {
        boolean taken = false;
        try {
            ByteBuffer head = ByteBuffer.allocate(TOKEN_BYTES + 1);
            while (head.hasRemaining()) {
                if (connection.read(head) < 0) {
                    throw new EOFException("no token");
                }
            }
            String token = HexFormat.of().formatHex(head.array(), 0, TOKEN_BYTES);
            Session session;
            synchronized (this) {
                session = sessions.get(token);
            }
            taken = session != null
                    && StreamKind.of(head.get(TOKEN_BYTES))
                            .filter(kind -> session.connected(kind, connection))
                            .isPresent();
        } catch (IOException e) {
            LOG.debug("a connection to a container's socket", e);
        }
        synchronized (this) {
            nameless.remove(connection);
        }
        if (!taken) {
            Door.close(connection);
        }
    }

    /** Waits until no session is left, for their clients take the rest of what has been written; or for so long. */
    void awaitSessions(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (hasSessions() && System.nanoTime() - deadline < 0) {
            Thread.sleep(LAST_MILLIS);
        }
    }

    private synchronized boolean hasSessions() {
        return !sessions.isEmpty();
    }

    /** Removes the socket, and closes all sessions. */
    @Override
    public void close() {
        door.close();
        List<Session> present;
        List<SocketChannel> rest;
        synchronized (this) {
            closed = true;
            present = new ArrayList<>(sessions.values());
            rest = List.copyOf(nameless);
            nameless.clear();
        }
        present.forEach(Session::close);
        rest.forEach(Door::close);
    }
}
