package io.javisor.oci.store;

import io.javisor.oci.Digest;
import io.javisor.oci.Reference;
import java.util.List;

/**
 * What {@link ImageStore#remove} did, in order.
 *
 * @param untagged names, then those with a digest
 * @param deleted the image's ID, then the chain IDs of those of its layers that no other image has, the topmost first (OCI image-spec 1.1, config.md, "Layer ChainID")
 */
public record Removal(List<Reference> untagged, List<Digest> deleted) {
    public Removal {
        untagged = List.copyOf(untagged);
        deleted = List.copyOf(deleted);
    }
}
