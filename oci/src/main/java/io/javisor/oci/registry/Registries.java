package io.javisor.oci.registry;

import io.javisor.oci.Digest;
import io.javisor.oci.ImageSource;
import io.javisor.oci.ImageTarget;
import io.javisor.oci.OciException;
import io.javisor.oci.Reference;
import io.javisor.oci.registry.http.HttpClient;
import io.javisor.oci.registry.http.Request;
import io.javisor.oci.registry.http.Response;
import io.javisor.oci.registry.http.Timing;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All registries, asked over HTTP or HTTPS by the OCI distribution-spec 1.1. Callers wait for answers, and may be
 * several threads; what is pulled comes as fast as it is taken, and no thread is made. Tokens and connections are kept
 * until this is closed.
 */
public final class Registries implements AutoCloseable {
    private static final int OK = 200;

    private final RegistryConfig config;
    private final Credentials credentials;
    private final HttpClient http;
    private final Map<String, Server> servers = new HashMap<>();

    private Registries(RegistryConfig config, Credentials credentials, Timing timing) {
        this.config = config;
        this.credentials = credentials;
        http = new HttpClient(timing, config.trust(), config.proxies());
    }

    /** Asks nothing and reads nothing yet. */
    public static Registries open(RegistryConfig config, Credentials credentials) {
        return open(config, credentials, Timing.DEFAULT);
    }

    static Registries open(RegistryConfig config, Credentials credentials, Timing timing) {
        return new Registries(config, credentials, timing);
    }

    private synchronized Server server(String registry) {
        Server server = servers.get(registry);
        if (server == null) {
            server = server(registry, credentials);
            servers.put(registry, server);
        }
        return server;
    }

    private Server server(String registry, Credentials from) {
        return new Server(registry, config, http, () -> from.of(registry));
    }

    /** An image to pull, by digest if the reference has one, else by tag. Nothing is asked before the source is. */
    public ImageSource source(Reference reference) {
        List<Server> all = config.mirrorsAndSelf(reference.registry()).stream()
                .map(this::server)
                .toList();
        return new RegistrySource(reference, all);
    }

    /**
     * A name to push to: by its tag, without one by the digest of what is pushed.
     *
     * @param mountFrom where the registry may have the image's blobs already, the likeliest first
     */
    public ImageTarget target(Reference reference, List<Reference> mountFrom) {
        return new RegistryTarget(reference, server(reference.registry()), mountFrom);
    }

    /**
     * The digest of an image's manifest, which does not count as a pull; empty if the registry does not tell.
     *
     * @throws OciException in one line, if there is no such image, or it may not be had
     */
    public Optional<Digest> head(Reference reference) {
        try (ImageSource source = source(reference)) {
            return source.topDigest();
        }
    }

    /**
     * Asks a registry whether it takes a login, which is not kept.
     *
     * @param registry as references name it
     * @throws OciException in one line, if it does not
     */
    public void checkLogin(String registry, Credentials.Login login) {
        Server server = new Server(registry, config, http, () -> Optional.of(login));
        Request request = Request.of("GET", server.url(""));
        try (Response response = server.ask(request, List.of(), true)) {
            if (response.status() != OK) {
                String words = ErrorBody.line(response.excerpt(ErrorBody.SIZE_MAX));
                throw new OciException("login attempt to " + request.url() + " failed with status: "
                        + response.statusLine() + (words.isEmpty() ? "" : ": " + words));
            }
        } catch (IOException e) {
            throw Problems.unreachable(request, server, e);
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
