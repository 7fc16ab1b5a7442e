package io.javisor.oci.store;

import io.javisor.oci.Digest;
import io.javisor.oci.Reference;
import java.util.List;

/**
 * What {@link ImageStore#prune} did.
 *
 * @param untagged as in {@link Removal}
 * @param deleted as in {@link Removal}
 * @param reclaimedBytes what the files took that are gone, downloads that nobody finished among them
 */
public record Pruned(List<Reference> untagged, List<Digest> deleted, long reclaimedBytes) {
    public Pruned {
        untagged = List.copyOf(untagged);
        deleted = List.copyOf(deleted);
    }
}
