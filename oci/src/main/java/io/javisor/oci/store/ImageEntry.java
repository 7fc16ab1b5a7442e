package io.javisor.oci.store;

import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.Reference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An image in the catalog: all that can be said of it without another file.
 *
 * @param indexes the lists that led to the manifest, the outermost first
 * @param metadataBytes how long the file of its metadata is
 * @param storedMillis since 1970
 * @param names with a tag, without a digest
 * @param digests with a digest, without a tag
 */
record ImageEntry(
        Descriptor manifest,
        List<Descriptor> indexes,
        Descriptor config,
        List<StoredLayer> layers,
        long metadataBytes,
        long storedMillis,
        List<Reference> names,
        List<Reference> digests) {
    ImageEntry {
        indexes = List.copyOf(indexes);
        layers = List.copyOf(layers);
        names = List.copyOf(names);
        digests = List.copyOf(digests);
    }

    /** @param dataBytes how long the file of its data is */
    record StoredLayer(Descriptor blob, Digest diffId, long dataBytes) {}

    /** The image ID. */
    Digest id() {
        return config.digest();
    }

    List<Digest> diffIds() {
        return layers.stream().map(StoredLayer::diffId).toList();
    }

    /** What the name stood for. */
    Descriptor top() {
        return indexes.isEmpty() ? manifest : indexes.getFirst();
    }

    /** The list that the manifest was chosen from. */
    Optional<Descriptor> index() {
        return indexes.isEmpty() ? Optional.empty() : Optional.of(indexes.getLast());
    }

    /** All that it is known by. */
    List<Reference> references() {
        List<Reference> all = new ArrayList<>(names);
        all.addAll(digests);
        return all;
    }

    ImageEntry with(List<Reference> newNames, List<Reference> newDigests) {
        return new ImageEntry(manifest, indexes, config, layers, metadataBytes, storedMillis, newNames, newDigests);
    }

    /** What of the store it needs. */
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

    /** The layers with all that is below each, the topmost first (OCI image-spec 1.1, config.md, "Layer ChainID"). */
    List<Digest> chainIds() {
        List<Digest> chain = new ArrayList<>();
        for (StoredLayer layer : layers) {
            chain.addFirst(
                    chain.isEmpty()
                            ? layer.diffId()
                            : Digest.sha256(
                                    (chain.getFirst() + " " + layer.diffId()).getBytes(StandardCharsets.ISO_8859_1)));
        }
        return chain;
    }
}
