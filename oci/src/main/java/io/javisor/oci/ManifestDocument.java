package io.javisor.oci;

import org.jspecify.annotations.Nullable;

/**
 * A manifest or an index of manifests, byte for byte as it was made: its digest is the hash of exactly these bytes.
 *
 * @param mediaType of {@link MediaTypes#MANIFESTS}
 * @param bytes its JSON; at most {@value #SIZE_MAX} of them; nobody writes to them
 */
@SuppressWarnings("ArrayRecordComponent") // the digest stands for the bytes in comparisons
public record ManifestDocument(String mediaType, Digest digest, byte[] bytes) {
    /** How long one may be: what registries take (OCI distribution-spec 1.1, "Pushing Manifests"). */
    public static final int SIZE_MAX = 4 << 20;

    public ManifestDocument {
        if (bytes.length > SIZE_MAX) {
            throw new OciException(
                    digest + ": a manifest of " + bytes.length + " bytes; " + SIZE_MAX + " are the most");
        }
    }

    /** How others refer to it. */
    public Descriptor descriptor() {
        return new Descriptor(mediaType, digest, bytes.length);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ManifestDocument document
                && mediaType.equals(document.mediaType)
                && digest.equals(document.digest);
    }

    @Override
    public int hashCode() {
        return digest.hashCode();
    }

    @Override
    public String toString() {
        return digest + " (" + mediaType + ", " + bytes.length + " bytes)";
    }
}
