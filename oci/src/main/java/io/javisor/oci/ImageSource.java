package io.javisor.oci;

import java.util.Optional;

/** Where an image comes from: a registry, a directory or an archive. For several threads at once, but for {@link #close}. */
public interface ImageSource extends AutoCloseable {
    /** For messages, as the user named it. */
    String name();

    /**
     * The manifest, or index of manifests, that the name stands for.
     *
     * @throws OciException in one line, if there is none
     */
    ManifestDocument top();

    /** The digest of {@link #top}, asked for without taking it, which some registries count; empty where that can't be told. */
    default Optional<Digest> topDigest() {
        return Optional.empty();
    }

    /**
     * A manifest that an index names. What it says of size and digest was checked.
     *
     * @throws OciException in one line, if it is not there or is another
     */
    ManifestDocument manifest(Descriptor descriptor);

    /**
     * Gives a configuration or a layer to {@code sink}, from its {@link BlobSink#offset} on where that is possible. Returns when all its bytes were taken; whether they are the right ones,
     * the sink knows. A connection that breaks is taken up again, some times.
     *
     * @throws OciException in one line
     */
    void blob(Descriptor descriptor, BlobSink sink);

    @Override
    void close();
}
