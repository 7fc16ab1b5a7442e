package io.javisor.oci.registry.http;

import io.javisor.oci.registry.http.TransportException.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * Asks servers, and keeps connections for the next exchange. Redirects are followed; credentials go no further than the
 * server they were meant for, and no one is led from https to http. Several threads may ask at once.
 */
public final class HttpClient implements AutoCloseable {
    private static final int REDIRECTS_MAX = 5;
    private static final int REPEATED_BODY_MAX = 64 << 10;
    private static final int IDLE_CONNECTIONS_MAX = 8;
    private static final Duration IDLE_CONNECTION_MAX = Duration.ofSeconds(20);

    private final Timing timing;
    private final Trust trust;
    private final Proxies proxies;
    private final Map<Origin, Deque<Connection>> idle = new HashMap<>();
    private int idleCount;
    private boolean closed;

    public HttpClient(Timing timing, Trust trust, Proxies proxies) {
        this.timing = timing;
        this.trust = trust;
        this.proxies = proxies;
    }

    public Timing timing() {
        return timing;
    }

    /**
     * Asks, and follows where that leads.
     *
     * @param whole whether the answer is taken as one, within {@link Timing#whole}
     * @return whatever was answered; the caller closes it
     * @throws TransportException if there is no answer
     */
    public Response send(Request request, boolean whole) throws IOException {
        Request current = request;
        for (int redirects = 0; ; redirects++) {
            Response response = once(current, whole);
            Optional<String> location = redirection(current, response);
            if (location.isEmpty()) {
                return response;
            }
            response.close();
            if (redirects == REDIRECTS_MAX) {
                throw new TransportException(Kind.PROTOCOL, "stopped after " + REDIRECTS_MAX + " redirects");
            }
            Url next = current.url().resolve(location.get());
            if (current.url().origin().tls() && !next.origin().tls()) {
                throw new TransportException(
                        Kind.DOWNGRADE,
                        "it leads from https to " + next.origin()
                                + ", which is refused, as nothing would be encrypted");
            }
            boolean same = next.origin().equals(current.url().origin());
            if (!same && current.body() != null && current.body().isSecret()) {
                throw new TransportException(
                        Kind.PROTOCOL,
                        "it leads to " + next.origin() + ", which is refused, as a secret would go there");
            }
            current = current.to(next, same);
        }
    }

    private static Optional<String> redirection(Request request, Response response) {
        boolean reads = request.method().equals("GET") || request.method().equals("HEAD");
        boolean led =
                switch (response.status()) {
                    case 301, 302, 303 -> reads;
                    case 307, 308 -> true;
                    default -> false;
                };
        return led ? response.header("Location") : Optional.empty();
    }

    private Response once(Request request, boolean whole) throws IOException {
        Duration timeout = whole ? timing.whole() : null;
        Origin server = request.url().origin();
        Connection kept = take(server);
        if (kept != null) {
            try {
                return exchange(kept, request, timeout);
            } catch (TransportException e) {
                // What is no answer may be what follows the last one: a body of what has none.
                boolean old = e.kind() == Kind.BROKEN || e.kind() == Kind.PROTOCOL;
                if (!old || !kept.wasClosedMeanwhile() || isLong(request)) {
                    throw e;
                }
            }
        }
        return exchange(open(server), request, timeout);
    }

    /** Of a long body the server may have kept some: who sends it asks for that. */
    private static boolean isLong(Request request) {
        return request.body() != null && request.body().sizeBytes() > REPEATED_BODY_MAX;
    }

    private Response exchange(Connection connection, Request request, @Nullable Duration timeout) throws IOException {
        boolean answered = false;
        try {
            Connection.Head head = connection.exchange(request, timeout, timing.whole());
            answered = true;
            return new Response(connection, head, this, request.url());
        } finally {
            if (!answered) {
                connection.close();
            }
        }
    }

    private Connection open(Origin server) throws IOException {
        Route route = new Route(server, proxies.of(server));
        if (route.proxy().isEmpty()) {
            return secure(route, Wire.connect(server, timing));
        }
        Wire wire = Wire.connect(route.proxy().get().origin(), timing);
        if (server.tls()) {
            wire.setTimeout(timing.whole());
            Tunnel.open(wire, route);
        }
        return secure(route, wire);
    }

    private Connection secure(Route route, Wire wire) throws TransportException {
        SSLEngine engine = null;
        boolean ready = false;
        try {
            wire.setTimeout(timing.whole());
            engine = route.server().tls() ? trust.engine(route.server()) : null;
            ready = true;
        } finally {
            if (!ready) {
                wire.close();
            }
        }
        return Connection.open(route, wire, engine);
    }

    private @Nullable Connection take(Origin server) {
        long now = System.nanoTime();
        synchronized (this) {
            Deque<Connection> connections = idle.get(server);
            while (connections != null && !connections.isEmpty()) {
                Connection connection = connections.pop();
                idleCount--;
                if (connection.unpark(now, IDLE_CONNECTION_MAX)) {
                    return connection;
                }
                connection.close();
            }
            return null;
        }
    }

    /** Takes a connection whose exchange is over, whole or not. */
    void giveBack(Connection connection) {
        if (connection.park(System.nanoTime())) {
            synchronized (this) {
                if (!closed && idleCount < IDLE_CONNECTIONS_MAX) {
                    idle.computeIfAbsent(connection.route().server(), _ -> new ArrayDeque<>())
                            .push(connection);
                    idleCount++;
                    return;
                }
            }
        }
        connection.close();
    }

    /** Closes the connections that wait. Those in use end with their exchange. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            idle.values().forEach(connections -> connections.forEach(Connection::close));
            idle.clear();
            idleCount = 0;
        }
    }
}
