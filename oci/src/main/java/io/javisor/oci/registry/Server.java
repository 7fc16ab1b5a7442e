package io.javisor.oci.registry;

import io.javisor.oci.OciException;
import io.javisor.oci.registry.http.HttpClient;
import io.javisor.oci.registry.http.Origin;
import io.javisor.oci.registry.http.Request;
import io.javisor.oci.registry.http.Response;
import io.javisor.oci.registry.http.RetryAfter;
import io.javisor.oci.registry.http.Timing;
import io.javisor.oci.registry.http.TransportException;
import io.javisor.oci.registry.http.Url;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One registry: who asks is made known to it, and one that is busy is asked again. Several threads may ask at once. */
final class Server {
    private static final int TRIES = 5;
    private static final int UNAUTHORIZED = 401;

    private final String registry;
    private final Origin origin;
    private final HttpClient http;
    private final Authorizer authorizer;
    private final String configFile;

    Server(String registry, RegistryConfig config, HttpClient http, Supplier<Optional<Credentials.Login>> login) {
        this.registry = registry;
        this.http = http;
        origin = config.server(registry);
        configFile = config.file();
        authorizer = new Authorizer(registry, config, http, login, System::nanoTime);
    }

    /** As references name it. */
    String registry() {
        return registry;
    }

    String configFile() {
        return configFile;
    }

    Timing timing() {
        return http.timing();
    }

    /** A path of its API. */
    Url url(String path) {
        return new Url(origin, "/v2/" + path);
    }

    /**
     * Asks once, or twice if it wants to know who asks.
     *
     * @param scopes what the request does, as token servers have it: {@code repository:NAME:pull}
     * @param whole whether the answer is taken as one
     * @return whatever it answers; the caller closes it
     * @throws OciException in one line, if it was asked in the clear and says that it speaks TLS
     */
    Response ask(Request request, List<String> scopes, boolean whole) throws IOException {
        // Uploads may be sent elsewhere, but not with what is for this server.
        boolean own = request.url().origin().equals(origin);
        String used = own ? authorizer.current(scopes) : null;
        Response response = http.send(request.authorized(used), whole);
        Optional<OciException> tls = own ? Problems.tlsWanted(request, this, response) : Optional.empty();
        if (tls.isPresent()) {
            response.close();
            throw tls.get();
        }
        if (response.status() != UNAUTHORIZED
                || !own
                || !response.url().origin().equals(origin)) {
            return response;
        }
        String fresh;
        try {
            fresh = authorizer.answer(response.headers("WWW-Authenticate"), scopes, used);
        } catch (IOException | RuntimeException e) {
            response.close();
            throw e;
        }
        if (fresh == null) {
            return response; // Its body says why.
        }
        response.close();
        return http.send(request.authorized(fresh), whole);
    }

    /** Takes an answer. */
    @FunctionalInterface
    interface Reader<T> {
        T read(Response response) throws IOException;
    }

    /**
     * As {@link #ask}, and again while it is too busy, or the connection breaks: for requests that may be repeated,
     * whose answers are taken as one.
     *
     * @param reader is given the answer, whatever it is
     * @throws OciException in one line, if there is no answer
     */
    <T> T patiently(Request request, List<String> scopes, Reader<T> reader) {
        for (int failed = 0; ; failed++) {
            Duration delay;
            try (Response response = ask(request, scopes, true)) {
                delay = delay(response, failed);
                if (delay == null) {
                    return reader.read(response);
                }
            } catch (IOException e) {
                if (failed + 1 >= TRIES || !isPassing(e)) {
                    throw Problems.unreachable(request, this, e);
                }
                delay = timing().backoff(failed);
            }
            sleep(delay, request);
        }
    }

    /** How long to wait before it is asked again; null if the answer is to be taken as it is. */
    @Nullable
    Duration delay(Response response, int failed) {
        boolean busy =
                switch (response.status()) {
                    case 429, 500, 502, 503, 504 -> true;
                    default -> false;
                };
        if (!busy || failed + 1 >= TRIES) {
            return null;
        }
        Duration delay = response.header("Retry-After")
                .flatMap(text -> RetryAfter.parse(text, Instant.now()))
                .orElse(timing().backoff(failed));
        return delay.compareTo(timing().retryAfter()) > 0 ? null : delay;
    }

    /** Whether another try may help. */
    static boolean isPassing(IOException e) {
        return e instanceof TransportException failure && failure.kind() == TransportException.Kind.BROKEN;
    }

    void sleep(Duration delay, Request request) {
        try {
            timing().sleeper().sleep(delay);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OciException(request.describe() + ": interrupted", e);
        }
    }
}
