package io.javisor.oci.store;

import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.ManifestDocument;
import java.util.ArrayList;
import java.util.List;

/**
 * What an image consists of.
 *
 * @param indexes the lists that led to the manifest, the outermost first
 * @param layers the lowest first
 */
public record ImageParts(
        ManifestDocument manifest, List<ManifestDocument> indexes, Descriptor config, List<Layer> layers) {
    public ImageParts {
        indexes = List.copyOf(indexes);
        layers = List.copyOf(layers);
    }

    /**
     * A layer.
     *
     * @param blob as it comes
     * @param diffId the digest of its tar
     */
    public record Layer(Descriptor blob, Digest diffId) {}

    List<Digest> diffIds() {
        return layers.stream().map(Layer::diffId).toList();
    }

    /** What of the store it is. */
    List<String> keys() {
        List<String> keys = new ArrayList<>();
        keys.add(StorePlaces.blobKey(manifest.digest()));
        indexes.forEach(index -> keys.add(StorePlaces.blobKey(index.digest())));
        keys.add(StorePlaces.blobKey(config.digest()));
        layers.forEach(layer -> {
            keys.add(StorePlaces.blobKey(layer.blob().digest()));
            keys.add(StorePlaces.layerKey(layer.diffId()));
        });
        keys.add(RootMetadata.key(diffIds()));
        return keys;
    }
}
