package io.javisor.oci;

import java.util.Optional;

/**
 * Names a content that is elsewhere (OCI image-spec 1.1, descriptor.md). It comes from outside: the content is as long as this says and hashes to
 * this digest, or it is refused.
 *
 * @param mediaType one of {@link MediaTypes}, or another that is not known here; may be empty in files of old tools
 * @param sizeBytes at least 0
 * @param platform what it is for, where a list names it
 */
public record Descriptor(String mediaType, Digest digest, long sizeBytes, Optional<Platform> platform) {
    public Descriptor {
        if (sizeBytes < 0) {
            throw new OciException(digest + ": its size can't be " + sizeBytes);
        }
    }

    public Descriptor(String mediaType, Digest digest, long sizeBytes) {
        this(mediaType, digest, sizeBytes, Optional.empty());
    }
}
