package io.javisor.oci.registry;

import io.javisor.oci.BlobContent;
import io.javisor.oci.ImageTarget.BytesTaken;
import io.javisor.oci.OciException;
import io.javisor.oci.Reference;
import io.javisor.oci.registry.http.Request;
import io.javisor.oci.registry.http.Response;
import io.javisor.oci.registry.http.TransportException;
import io.javisor.oci.registry.http.Url;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Gives one blob to one registry: in one request as it can, which streams it; in chunks where the registry, or what is
 * before it, takes no such long request, and after a break what is missing.
 */
final class BlobUpload {
    /** What is sent in one request to registries that take no blob in one. */
    private static final long CHUNK_BYTES = 10 << 20;

    private static final long CHUNK_BYTES_MAX = 1L << 30;
    private static final int TRIES = 5;
    private static final long PROGRESS_BYTES = 1 << 20;
    private static final int OK = 200;
    private static final int CREATED = 201;
    private static final int ACCEPTED = 202;
    private static final int NO_CONTENT = 204;
    private static final String ANY_BYTES = "application/octet-stream";
    private static final Pattern RANGE = Pattern.compile("(?:bytes=)?0-([0-9]{1,18})");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,10}");

    private final Server server;
    private final Reference reference;
    private final List<String> scopes;
    private final BlobContent blob;
    private final BytesTaken taken;
    private final long size;
    private @Nullable Url location;
    private long offset;
    private long told;
    private long chunkBytes = Long.MAX_VALUE;
    private int failed;

    BlobUpload(Server server, Reference reference, List<String> scopes, BlobContent blob, BytesTaken taken) {
        this.server = server;
        this.reference = reference;
        this.scopes = scopes;
        this.blob = blob;
        this.taken = taken;
        size = blob.descriptor().sizeBytes();
    }

    /** Has the registry take the blob from another repository; if it does not do so, sends it. */
    void mount(String repository) {
        Request request = Request.of(
                "POST",
                uploads()
                        .with("mount", encoded(blob.descriptor().digest().toString()))
                        .with("from", encoded(repository)));
        boolean mounted = server.patiently(request, scopes, response -> {
            if (response.status() == ACCEPTED) {
                Url _ = opened(request, response);
            }
            return response.status() == CREATED;
        });
        if (!mounted) {
            run();
        }
    }

    private Url uploads() {
        return server.url(reference.repository() + "/blobs/uploads/");
    }

    private static String encoded(String text) {
        return text.replace(":", "%3A").replace("/", "%2F");
    }

    /**
     * Sends it.
     *
     * @throws OciException in one line
     */
    void run() {
        long reached = 0;
        while (true) {
            Url there = location == null ? begin() : location;
            Step step = step(there);
            try (Response response = server.ask(step.request(), scopes, false)) {
                if (took(step, response)) {
                    return;
                }
            } catch (IOException e) {
                if (failed + 1 >= TRIES || !Server.isPassing(e)) {
                    throw Problems.unreachable(step.request(), server, e);
                }
                server.sleep(server.timing().backoff(failed), step.request());
                failed++;
                resume(there);
            }
            if (offset - reached >= PROGRESS_BYTES) {
                reached = offset;
                failed = 0;
            }
        }
    }

    /** A request of an upload; the last one names the digest. */
    private record Step(Request request, boolean last, long end) {}

    private Step step(Url there) {
        long length = Math.min(chunkBytes, size - offset);
        boolean whole = offset == 0 && chunkBytes == Long.MAX_VALUE;
        if (whole || length == 0) {
            Url end = there.with("digest", encoded(blob.descriptor().digest().toString()));
            return new Step(Request.of("PUT", end).with(ANY_BYTES, new Part(offset, length)), true, size);
        }
        Request patch = Request.of("PATCH", there)
                .with("Content-Range", offset + "-" + (offset + length - 1))
                .with(ANY_BYTES, new Part(offset, length));
        return new Step(patch, false, offset + length);
    }

    /** Whether it is done; else what follows is prepared. */
    private boolean took(Step step, Response response) {
        int status = response.status();
        if (step.last() && (status == CREATED || status == OK || status == NO_CONTENT)) {
            tell(size);
            return true;
        }
        if (!step.last() && (status == ACCEPTED || status == NO_CONTENT || status == OK)) {
            opened(step.request(), response);
            offset = range(response).orElse(step.end() - 1) + 1;
            if (offset < step.end()) {
                failed++; // It kept less than it was given.
            }
            if (failed >= TRIES || offset > size) {
                throw new OciException(reference.familiar() + ": the registry has " + offset + " bytes of "
                        + blob.descriptor().digest() + " where " + step.end() + " were sent; try again");
            }
            return false;
        }
        if (failed + 1 < TRIES) {
            if (step.last()
                    && chunkBytes == Long.MAX_VALUE
                    && size > 0
                    && (status == 405 || status == 413 || status == 501)) {
                failed++;
                chunkBytes = CHUNK_BYTES;
                restart();
                return false;
            }
            if (status == 404 || status == 416) {
                failed++;
                restart(); // It forgot the upload, or has another idea of how far it is.
                return false;
            }
            Duration delay = server.delay(response, failed);
            if (delay != null) {
                server.sleep(delay, step.request());
                failed++;
                restart();
                return false;
            }
        }
        throw RegistryTarget.refused(reference, step.request(), response);
    }

    private void restart() {
        location = null;
        offset = 0;
    }

    private Url begin() {
        Request request = Request.of("POST", uploads());
        return server.patiently(request, scopes, response -> {
            if (response.status() != ACCEPTED) {
                throw RegistryTarget.refused(reference, request, response);
            }
            offset = 0;
            return opened(request, response);
        });
    }

    private Url opened(Request request, Response response) {
        String text = response.header("Location")
                .orElseThrow(
                        () -> new OciException(request.describe() + ": the registry does not say where to upload to"));
        try {
            Url next = response.url().resolve(text);
            if (request.url().origin().tls() && !next.origin().tls()) {
                throw new OciException(request.describe() + ": the registry leads from https to " + next.origin()
                        + ", which is refused; tell its operator");
            }
            location = next;
            if (chunkBytes != Long.MAX_VALUE) {
                chunkBytes = Math.max(chunkBytes, minimum(response));
            }
            return next;
        } catch (TransportException e) {
            throw Problems.unreachable(request, server, e);
        }
    }

    /** OCI distribution-spec 1.1, "Pushing a blob in chunks": of all but the last chunk. */
    private static long minimum(Response response) {
        return response.header("OCI-Chunk-Min-Length")
                .map(String::strip)
                .filter(text -> NUMBER.matcher(text).matches())
                .map(text -> Math.min(Long.parseLong(text), CHUNK_BYTES_MAX))
                .orElse(0L);
    }

    private static Optional<Long> range(Response response) {
        Matcher range = RANGE.matcher(response.header("Range").orElse("").strip());
        return range.matches() ? Optional.of(Long.parseLong(range.group(1))) : Optional.empty();
    }

    /** After a break: asks how much is there. If that can't be told, the upload begins anew. */
    private void resume(Url there) {
        restart();
        Request request = Request.of("GET", there);
        try (Response response = server.ask(request, scopes, true)) {
            // 0-0 is nothing with some registries and one byte with others: too little to keep.
            long last = range(response).orElse(0L);
            if (response.status() == NO_CONTENT && last > 0 && last < size) {
                if (response.header("Location").isPresent()) {
                    opened(request, response);
                } else {
                    location = there;
                }
                offset = last + 1;
            }
        } catch (IOException e) {
            if (!Server.isPassing(e)) {
                throw Problems.unreachable(request, server, e);
            }
        }
    }

    /** Never says less than before, whatever is sent again. */
    private void tell(long reached) {
        if (reached > told) {
            taken.taken(reached - told);
            told = reached;
        }
    }

    /** A part of the blob. */
    private final class Part implements Request.Body {
        private final long from;
        private final long length;

        Part(long from, long length) {
            this.from = from;
            this.length = length;
        }

        @Override
        public long sizeBytes() {
            return length;
        }

        @Override
        public InputStream open() {
            return length == 0 ? InputStream.nullInputStream() : blob.open(from);
        }

        @Override
        public void sent(long count) {
            tell(from + count);
        }
    }
}
