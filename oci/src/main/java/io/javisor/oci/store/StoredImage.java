package io.javisor.oci.store;

import io.javisor.oci.Digest;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.Reference;
import io.javisor.oci.model.ImageConfig;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An image of the store. Two manifests with one configuration, such as a gzip'd and a plain one, are two of them with the same identity.
 *
 * @param id the image ID: the digest of its configuration
 * @param manifest as it came
 * @param index the list that the manifest was chosen from; empty if the name stood for the manifest
 * @param configBytes of {@code config}, as it came; nobody writes to them
 * @param names with a tag; none if it is dangling
 * @param digests {@code REPOSITORY@DIGEST} of what the names stood for when it was pulled; none of what came by a docker archive, which has no manifest
 * @param sizeBytes of its layers' files, unpacked
 * @param compressedBytes of its layers as they came
 * @param stored when
 */
@SuppressWarnings("ArrayRecordComponent") // the ID stands for the bytes in comparisons
public record StoredImage(
        Digest id,
        ManifestDocument manifest,
        Optional<ManifestDocument> index,
        ImageConfig config,
        byte[] configBytes,
        List<Reference> names,
        List<Reference> digests,
        long sizeBytes,
        long compressedBytes,
        Instant stored) {
    public StoredImage {
        names = List.copyOf(names);
        digests = List.copyOf(digests);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof StoredImage image
                && id.equals(image.id)
                && manifest.equals(image.manifest)
                && index.equals(image.index)
                && names.equals(image.names)
                && digests.equals(image.digests)
                && stored.equals(image.stored);
    }

    @Override
    public int hashCode() {
        return manifest.hashCode();
    }
}
