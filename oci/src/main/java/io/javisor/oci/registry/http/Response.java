package io.javisor.oci.registry.http;

import io.javisor.core.text.Printable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** An answer, whose body comes as it is read. For one thread. */
public final class Response implements AutoCloseable {
    private static final int DRAINED_MAX = 64 << 10;
    private static final Duration DRAINED_WITHIN = Duration.ofSeconds(1);
    private static final Duration EXPLAINED_WITHIN = Duration.ofSeconds(10);
    private static final int BUFFER_SIZE = 8 << 10;
    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");

    private final Connection connection;
    private final Connection.Head head;
    private final HttpClient pool;
    private final Url url;
    private boolean closed;

    Response(Connection connection, Connection.Head head, HttpClient pool, Url url) {
        this.connection = connection;
        this.head = head;
        this.pool = pool;
        this.url = url;
    }

    public int status() {
        return head.status();
    }

    /** {@code 404 Not Found}. */
    public String statusLine() {
        return head.status() + (head.reason().isBlank() ? "" : " " + Printable.asciiLine(head.reason()));
    }

    /** Where it is from, after redirects. */
    public Url url() {
        return url;
    }

    public Optional<String> header(String name) {
        return Optional.ofNullable(head.headers().get(name));
    }

    public List<String> headers(String name) {
        return head.headers().getAll(name);
    }

    /** How long the body is, if it was said. */
    public Optional<Long> contentLength() {
        return header("Content-Length")
                .filter(text -> LENGTH.matcher(text).matches())
                .map(Long::parseLong);
    }

    /**
     * The next bytes of the body: at least one, or -1 at its end.
     *
     * @throws TransportException if it ends before its end
     */
    public int read(byte[] bytes, int from, int length) throws IOException {
        return connection.read(bytes, from, length);
    }

    /**
     * All of the body.
     *
     * @throws TransportException if it is longer than {@code max} bytes, or ends before its end
     */
    public byte[] bytes(int max) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] buffer = new byte[BUFFER_SIZE];
        for (int count = read(buffer, 0, buffer.length); count >= 0; count = read(buffer, 0, buffer.length)) {
            if (all.size() + count > max) {
                throw new TransportException(
                        TransportException.Kind.PROTOCOL, "the answer has more than " + max + " bytes");
            }
            all.write(buffer, 0, count);
        }
        return all.toByteArray();
    }

    /** Bytes of the body up to {@code max}, as far as they come, within some seconds: for an explanation. */
    public byte[] excerpt(int max) {
        return excerpt(max, EXPLAINED_WITHIN);
    }

    private byte[] excerpt(int max, Duration longest) {
        connection.hasten(longest);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] buffer = new byte[BUFFER_SIZE];
        try {
            int count = 0;
            while (count >= 0 && all.size() < max) {
                all.write(buffer, 0, count);
                count = read(buffer, 0, Math.min(buffer.length, max - all.size()));
            }
        } catch (IOException broken) {
            // What came is all there is.
        }
        return all.toByteArray();
    }

    /** Ends the exchange. The connection serves the next one if little of the body is left, and comes at once. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (!connection.isFinished() && contentLength().orElse(0L) <= DRAINED_MAX) {
            byte[] _ = excerpt(DRAINED_MAX, DRAINED_WITHIN);
        }
        pool.giveBack(connection);
    }
}
