package io.javisor.oci;

/** Where an image goes to: a registry, a directory or an archive. Blobs come first, the manifest last. For one thread. */
public interface ImageTarget extends AutoCloseable {
    /** For messages, as the user named it. */
    String name();

    /** Whether it has this blob already. */
    boolean has(Descriptor blob);

    /**
     * Takes a configuration or a layer.
     *
     * @param taken is told how many more bytes are there, for progress; nothing if the target has them from elsewhere
     * @throws OciException in one line
     */
    void put(BlobContent blob, BytesTaken taken);

    /**
     * Takes the manifest, by the name the target was opened for.
     *
     * @throws OciException in one line
     */
    void put(ManifestDocument manifest);

    /** Finishes an archive; without a manifest put nothing is left of it. */
    @Override
    void close();

    /** Told of bytes that got there. */
    @FunctionalInterface
    interface BytesTaken {
        void taken(long bytes);
    }
}
