package io.javisor.oci.registry;

import io.javisor.oci.BlobContent;
import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.ImageTarget;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.OciException;
import io.javisor.oci.Reference;
import io.javisor.oci.registry.http.Request;
import io.javisor.oci.registry.http.Response;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A name in a registry that an image goes to (OCI distribution-spec 1.1, "Push"). */
final class RegistryTarget implements ImageTarget {
    private static final int MOUNTS_MAX = 4;
    private static final int OK = 200;
    private static final int CREATED = 201;
    private static final int ACCEPTED = 202;
    private static final int NOT_FOUND = 404;

    private final Reference reference;
    private final Server server;
    private final List<String> scopes;
    private final List<String> mountFrom;

    /**
     * Asks nothing yet.
     *
     * @param mountFrom images whose blobs the registry may have already: those of the same registry count, and of these
     * the first few repositories
     */
    RegistryTarget(Reference reference, Server server, List<Reference> mountFrom) {
        this.reference = reference;
        this.server = server;
        Set<String> repositories = new LinkedHashSet<>();
        for (Reference each : mountFrom) {
            if (each.registry().equals(reference.registry())
                    && !each.repository().equals(reference.repository())
                    && repositories.size() < MOUNTS_MAX) {
                repositories.add(each.repository());
            }
        }
        this.mountFrom = List.copyOf(repositories);
        List<String> rights = new ArrayList<>();
        rights.add("repository:" + reference.repository() + ":pull,push");
        this.mountFrom.forEach(each -> rights.add("repository:" + each + ":pull"));
        scopes = List.copyOf(rights);
    }

    @Override
    public String name() {
        return reference.familiar();
    }

    @Override
    public boolean has(Descriptor blob) {
        return has(reference.repository(), blob.digest(), true);
    }

    private boolean has(String repository, Digest digest, boolean own) {
        Request request = Request.of("HEAD", server.url(repository + "/blobs/" + digest));
        return server.patiently(request, scopes, response -> {
            if (response.status() != OK && response.status() != NOT_FOUND && own) {
                throw refused(request, response);
            }
            return response.status() == OK;
        });
    }

    @Override
    public void put(BlobContent blob, BytesTaken taken) {
        Descriptor descriptor = blob.descriptor();
        BlobUpload upload = new BlobUpload(server, reference, scopes, blob, taken);
        for (String each : mountFrom) {
            if (has(each, descriptor.digest(), false)) {
                upload.mount(each);
                return;
            }
        }
        upload.run();
    }

    @Override
    public void put(ManifestDocument manifest) {
        String identifier = reference.tag().orElse(manifest.digest().toString());
        Request request = Request.of("PUT", server.url(reference.repository() + "/manifests/" + identifier))
                .with(manifest.mediaType(), Authorizer.bytes(manifest.bytes()));
        boolean _ = server.patiently(request, scopes, response -> {
            if (response.status() != CREATED && response.status() != OK && response.status() != ACCEPTED) {
                throw refused(request, response);
            }
            response.header("Docker-Content-Digest").map(String::strip).ifPresent(text -> {
                if (text.startsWith(manifest.digest().algorithm())
                        && !text.equals(manifest.digest().toString())) {
                    throw new OciException(name() + ": the registry took the manifest for another one; it has "
                            + Digest.parse(text) + " in place of " + manifest.digest());
                }
            });
            return true;
        });
    }

    private OciException refused(Request request, Response response) {
        return refused(reference, request, response);
    }

    static OciException refused(Reference reference, Request request, Response response) {
        if (Problems.isDenied(response.status())) {
            return Problems.denied("push", reference, response);
        }
        return response.status() == 429 ? Problems.tooMany(response) : Problems.refused(request, response);
    }

    @Override
    public void close() {
        // What has no manifest the registry forgets in time.
    }
}
