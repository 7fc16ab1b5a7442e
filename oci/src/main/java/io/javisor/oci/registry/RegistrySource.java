package io.javisor.oci.registry;

import io.javisor.oci.BlobSink;
import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.ImageSource;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.MediaTypes;
import io.javisor.oci.OciException;
import io.javisor.oci.Reference;
import io.javisor.oci.model.Manifests;
import io.javisor.oci.registry.http.Request;
import io.javisor.oci.registry.http.Response;
import io.javisor.oci.registry.http.TransportException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/** An image in a registry, or in a mirror of that. */
final class RegistrySource implements ImageSource {
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int TOO_MANY = 429;

    private final Reference reference;
    private final List<Server> servers;
    private final List<String> scopes;

    /** Mirrors that were not there are not asked again for each blob. */
    private final Set<Server> away = ConcurrentHashMap.newKeySet();

    /**
     * Asks nothing yet.
     *
     * @param servers mirrors in the order to ask them, the registry itself last
     */
    RegistrySource(Reference reference, List<Server> servers) {
        this.reference = reference;
        this.servers = List.copyOf(servers);
        scopes = List.of("repository:" + reference.repository() + ":pull");
    }

    @Override
    public String name() {
        return reference.familiar();
    }

    @Override
    public ManifestDocument top() {
        return fromAny(server -> manifest(server, identifier(), reference.digest()));
    }

    @Override
    public Optional<Digest> topDigest() {
        return reference.digest().or(() -> fromAny(this::head));
    }

    @Override
    public ManifestDocument manifest(Descriptor descriptor) {
        ManifestDocument document =
                fromAny(server -> manifest(server, descriptor.digest().toString(), Optional.of(descriptor.digest())));
        if (document.bytes().length != descriptor.sizeBytes()) {
            throw new OciException(name() + ": " + descriptor.digest() + ": the index has it as "
                    + descriptor.sizeBytes() + " bytes, the registry as " + document.bytes().length);
        }
        return document;
    }

    @Override
    public void blob(Descriptor descriptor, BlobSink sink) {
        AtomicBoolean isOfAnother = new AtomicBoolean();
        try {
            boolean _ = fromAny(server -> {
                BlobDownload download = new BlobDownload(server, reference, scopes, descriptor, sink);
                if (isOfAnother.get()) {
                    // What a server gave that then failed may be wrong, which shows only when all is there.
                    download.restart();
                }
                try {
                    download.run();
                } finally {
                    isOfAnother.set(download.hasGiven());
                }
                return true;
            });
        } catch (BlobDownload.SinkException e) {
            throw e.why();
        }
    }

    private String identifier() {
        return reference.digest().map(Digest::toString).or(reference::tag).orElse("latest");
    }

    /** The first answer; if there is none, why the registry itself gave none. */
    private <T> T fromAny(Function<Server, T> step) {
        for (Server mirror : servers.subList(0, servers.size() - 1)) {
            if (away.contains(mirror)) {
                continue;
            }
            try {
                return step.apply(mirror);
            } catch (OciException e) {
                if (Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                if (e.getCause() instanceof TransportException) {
                    away.add(mirror);
                }
            }
        }
        return step.apply(servers.getLast());
    }

    private Request request(Server server, String method, String identifier) {
        Request request = Request.of(method, server.url(reference.repository() + "/manifests/" + identifier));
        for (String each : MediaTypes.MANIFESTS) {
            request = request.with("Accept", each);
        }
        return request;
    }

    private ManifestDocument manifest(Server server, String identifier, Optional<Digest> expected) {
        Request request = request(server, "GET", identifier);
        return server.patiently(request, scopes, response -> {
            requireOk(request, response);
            byte[] bytes = response.bytes(ManifestDocument.SIZE_MAX);
            Digest digest = verified(expected.or(() -> said(response)), bytes);
            String type = response.header("Content-Type").orElse("");
            return new ManifestDocument(Manifests.document(name(), type, bytes).mediaType(), digest, bytes);
        });
    }

    private Optional<Digest> said(Response response) {
        try {
            return response.header("Docker-Content-Digest").map(text -> Digest.parse(text.strip()));
        } catch (OciException e) {
            throw new OciException(name() + ": Docker-Content-Digest: " + e.getMessage(), e);
        }
    }

    private Digest verified(Optional<Digest> expected, byte[] bytes) {
        Digest digest = expected.map(
                        each -> Digest.of(each.algorithm(), each.newHash().digest(bytes)))
                .orElseGet(() -> Digest.sha256(bytes));
        if (expected.isPresent() && !expected.get().equals(digest)) {
            throw new OciException(name() + ": manifest verification failed for digest " + expected.get()
                    + ": what the registry gives has " + digest);
        }
        return digest;
    }

    private Optional<Digest> head(Server server) {
        Request request = request(server, "HEAD", identifier());
        return server.patiently(request, scopes, response -> {
            if (response.status() == 400 || response.status() == 405 || response.status() == 501) {
                return Optional.empty(); // It does not know of this.
            }
            requireOk(request, response);
            return said(response);
        });
    }

    private void requireOk(Request request, Response response) {
        if (response.status() == OK) {
            return;
        }
        if (Problems.isDenied(response.status())) {
            throw Problems.denied("pull", reference, response);
        }
        if (response.status() == NOT_FOUND) {
            throw Problems.manifestUnknown(reference, response);
        }
        throw response.status() == TOO_MANY ? Problems.tooMany(response) : Problems.refused(request, response);
    }

    @Override
    public void close() {
        // Its connections are its registries'.
    }
}
