package io.javisor.oci.registry;

import io.javisor.core.text.Printable;
import io.javisor.oci.BlobSink;
import io.javisor.oci.Descriptor;
import io.javisor.oci.OciException;
import io.javisor.oci.Reference;
import io.javisor.oci.registry.http.Request;
import io.javisor.oci.registry.http.Response;
import io.javisor.oci.registry.http.TransportException;
import io.javisor.oci.registry.http.TransportException.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Takes one blob from one registry, from where the sink is, and goes on after a break (RFC 9110 §14, "Range Requests"). */
final class BlobDownload {
    private static final int BUFFER_SIZE = 64 << 10;
    private static final int TRIES = 5;

    /** So much more, and the tries are counted anew. */
    private static final long PROGRESS_BYTES = 1 << 20;

    private static final int OK = 200;
    private static final int PARTIAL_CONTENT = 206;
    private static final int NOT_FOUND = 404;
    private static final int RANGE_NOT_SATISFIABLE = 416;
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\\*)");

    private final Server server;
    private final Reference reference;
    private final List<String> scopes;
    private final Descriptor blob;
    private final BlobSink sink;
    private final byte[] buffer = new byte[BUFFER_SIZE];
    private boolean given;
    private long endOfPart = -1;

    BlobDownload(Server server, Reference reference, List<String> scopes, Descriptor blob, BlobSink sink) {
        this.server = server;
        this.reference = reference;
        this.scopes = scopes;
        this.blob = blob;
        this.sink = sink;
    }

    /** The sink takes no more: no other registry has better bytes. */
    static final class SinkException extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient OciException why;

        SinkException(OciException why) {
            super(why);
            this.why = why;
        }

        OciException why() {
            return why;
        }
    }

    /**
     * Until the sink has all bytes.
     *
     * @throws OciException in one line, if the registry does not give them
     * @throws SinkException if the sink does not take them
     */
    void run() {
        Request request = Request.of("GET", server.url(reference.repository() + "/blobs/" + blob.digest()));
        int failed = 0;
        long reached = sink.offset();
        while (sink.offset() < blob.sizeBytes()) {
            IOException problem = null;
            Duration delay = null;
            try {
                delay = once(request, failed);
                if (delay == null && sink.offset() < blob.sizeBytes() && sink.offset() != endOfPart) {
                    problem = new TransportException(Kind.BROKEN, "unexpected EOF");
                }
            } catch (IOException e) {
                problem = e;
            }
            if (sink.offset() - reached >= PROGRESS_BYTES) {
                reached = sink.offset();
                failed = 0;
            }
            if (problem != null) {
                if (failed + 1 >= TRIES || !mayPass(problem, failed)) {
                    throw Problems.unreachable(request, server, problem);
                }
                delay = server.timing().backoff(failed);
            }
            if (delay != null) {
                failed++;
                server.sleep(delay, request);
            }
        }
    }

    /** Who was there may come back. */
    private boolean mayPass(IOException problem, int failed) {
        if (problem instanceof TransportException e && e.kind() == Kind.CONNECT) {
            return failed > 0 || sink.offset() > 0;
        }
        return Server.isPassing(problem);
    }

    /** One answer, taken as far as it goes; how long to wait before the next is asked for, if the server is to be asked again. */
    private @Nullable Duration once(Request request, int failed) throws IOException {
        long offset = sink.offset();
        endOfPart = -1;
        Request ranged = offset == 0 ? request : request.with("Range", "bytes=" + offset + "-");
        try (Response response = server.ask(ranged, scopes, false)) {
            return switch (response.status()) {
                case OK -> {
                    requireLength(response, 0, blob.sizeBytes());
                    if (offset > 0) {
                        restart();
                    }
                    take(response, Long.MAX_VALUE);
                    yield null;
                }
                case PARTIAL_CONTENT -> {
                    long end = end(response, offset);
                    if (end < 0) {
                        if (offset == 0) {
                            throw Problems.refused(ranged, response);
                        }
                        restart();
                        yield server.timing().backoff(failed);
                    }
                    requireLength(response, offset, end);
                    take(response, end - offset);
                    endOfPart = end;
                    yield null;
                }
                case RANGE_NOT_SATISFIABLE -> {
                    if (offset == 0) {
                        throw Problems.refused(ranged, response);
                    }
                    restart();
                    yield server.timing().backoff(failed);
                }
                default -> {
                    Duration delay = server.delay(response, failed);
                    if (delay == null) {
                        throw refused(ranged, response);
                    }
                    yield delay;
                }
            };
        }
    }

    private OciException refused(Request request, Response response) {
        if (Problems.isDenied(response.status())) {
            return Problems.denied("pull", reference, response);
        }
        if (response.status() == NOT_FOUND) {
            return new OciException(
                    reference.familiar() + ": " + blob.digest() + ": " + Problems.words(response, false));
        }
        return response.status() == 429 ? Problems.tooMany(response) : Problems.refused(request, response);
    }

    /** Where the part ends that begins at {@code offset}; -1 if this is none. It may be shorter than asked (RFC 9110 §15.3.7). */
    private long end(Response response, long offset) {
        Matcher range = CONTENT_RANGE.matcher(
                response.header("Content-Range").orElse("").strip());
        if (!range.matches() || Long.parseLong(range.group(1)) != offset) {
            return -1;
        }
        long end = Long.parseLong(range.group(2)) + 1;
        String total = range.group(3);
        if (!total.equals("*") && Long.parseLong(total) != blob.sizeBytes()) {
            throw wrongLength(total);
        }
        if (end > blob.sizeBytes()) {
            throw wrongLength(Long.toString(end));
        }
        return end > offset ? end : -1;
    }

    private void requireLength(Response response, long offset, long end) {
        long length = response.contentLength().orElse(end - offset);
        if (length != end - offset) {
            throw wrongLength(Long.toString(Math.addExact(offset, length)));
        }
    }

    private OciException wrongLength(String length) {
        return new OciException(reference.familiar() + ": " + blob.digest() + ": the manifest has it as "
                + blob.sizeBytes() + " bytes, the registry as " + Printable.asciiLine(length));
    }

    /** Whether the sink has anything of this registry's. */
    boolean hasGiven() {
        return given;
    }

    /** Has the sink forget what it has, whoever gave it. */
    void restart() {
        try {
            sink.restart();
        } catch (OciException e) {
            throw new SinkException(e);
        }
    }

    private void take(Response response, long most) throws IOException {
        long left = most;
        for (int count = response.read(buffer, 0, buffer.length);
                count >= 0;
                count = response.read(buffer, 0, buffer.length)) {
            if (count > left) {
                throw wrongLength("more than " + sink.offset());
            }
            left -= count;
            given = true;
            try {
                sink.write(buffer, 0, count);
            } catch (OciException e) {
                throw new SinkException(e);
            }
        }
    }
}
