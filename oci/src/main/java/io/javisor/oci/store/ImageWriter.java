package io.javisor.oci.store;

import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.OciException;
import io.javisor.oci.Platform;
import io.javisor.oci.Reference;
import io.javisor.oci.store.ImageEntry.StoredLayer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Puts an image into a store, part by part and the catalog last. Nobody removes what was {@link #pin pinned} until this is closed; then what belongs to no image is kept
 * until the next prune. For several threads.
 */
public final class ImageWriter implements AutoCloseable {
    private final ImageStore store;
    private final StorePlaces places;
    private final StoreSession session;
    private final InstantSource clock;

    ImageWriter(ImageStore store, StorePlaces places, InstantSource clock) {
        this.store = store;
        this.places = places;
        this.clock = clock;
        this.session = StoreSession.open(places);
    }

    /** Has contents stay, those that are there and those that are to come. To be called before it is looked what is there. */
    public void pin(List<Digest> contents) {
        session.pin(contents.stream().map(StorePlaces::blobKey).toList());
    }

    /** As {@link #pin(List)}, for all of an image. */
    public void pin(ImageParts parts) {
        session.pin(parts.keys());
    }

    /** Stores a manifest or an index, unless it is there. */
    public void put(ManifestDocument document) {
        Digest came = Digest.of(
                document.digest().algorithm(), document.digest().newHash().digest(document.bytes()));
        if (!came.equals(document.digest())) {
            throw new OciException("verification failed for digest " + document.digest() + ": what came has " + came
                    + "; try again, or tell who keeps the image");
        }
        Path blob = places.blob(document.digest());
        if (StoredBlob.isSound(places, document.descriptor())) {
            return;
        }
        Path fresh = session.fresh();
        try {
            try (FileChannel channel = StorePlaces.create(fresh)) {
                StorePlaces.writeFully(channel, document.bytes());
                channel.force(true);
            }
            StorePlaces.move(fresh, blob);
        } catch (IOException e) {
            throw Failures.of("write", blob, e);
        }
    }

    /** The manifest of the image that has a name, with a tag or a digest. */
    public Optional<Digest> manifestOf(Reference name) {
        return store.manifestOf(name.digest().map(name::withDigest).orElse(name));
    }

    /** Whether a blob is there, and as long as it should be. */
    public boolean has(Descriptor blob) {
        return StorePlaces.size(places.blob(blob.digest())) == blob.sizeBytes();
    }

    /** The bytes of a blob that is there. */
    public InputStream open(Descriptor blob) {
        return store.blob(blob).open(0);
    }

    /**
     * All bytes of a small blob that is there.
     *
     * @throws OciException in one line, if it is damaged
     */
    public byte[] bytes(Descriptor blob) {
        return StoredBlob.bytes(places, blob);
    }

    /** Has a blob for itself: nobody else fetches it meanwhile. A layer's is taken first. */
    public StoreLock lockBlob(Digest blob, Runnable waiting) {
        return session.lock(StorePlaces.blobKey(blob), waiting);
    }

    /** As above; that it waits is told to the store's user. */
    public StoreLock lockBlob(Digest blob) {
        return session.lock(StorePlaces.blobKey(blob));
    }

    /** Has a layer for itself: nobody else makes its files meanwhile. */
    public StoreLock lockLayer(Digest diffId, Runnable waiting) {
        return session.lock(StorePlaces.layerKey(diffId), waiting);
    }

    /**
     * Begins to fetch a blob, or goes on; what is there by its name and damaged makes place. Whoever calls it has the blob's lock.
     *
     * @param progress told how many bytes there are
     */
    public BlobDownload download(Descriptor blob, LongConsumer progress) {
        return BlobDownload.open(places, blob, progress);
    }

    /** Removes a blob that was found damaged, unless it is as its digest says. Whoever calls it has the blob's lock. Gives whether it was removed. */
    public boolean removeIfDamaged(Descriptor blob) {
        if (StoredBlob.isSound(places, blob)) {
            return false;
        }
        try {
            session.discard(places.blob(blob.digest()));
            return true;
        } catch (IOException e) {
            throw Failures.of("remove", places.blob(blob.digest()), e);
        }
    }

    /** Whether the files of a layer are there. */
    public boolean hasLayer(Digest diffId) {
        return LayerFiles.dataBytes(places, diffId) >= 0;
    }

    /**
     * Writes the files of a layer; they are in their place after {@link #keep}.
     *
     * @param name for messages
     * @param blob its bytes as they came
     * @param progress told how many of them were read
     * @throws OciException in one line, if it is no layer, or another than {@code diffId}
     */
    public Path unpack(String name, Digest diffId, InputStream blob, LongConsumer progress) {
        return LayerFiles.unpack(session, name, diffId, blob, progress);
    }

    /** Puts the files of a layer into their place. Whoever calls it has the layer's lock. */
    public void keep(Digest diffId, Path unpacked) {
        LayerFiles.keep(places, session, diffId, unpacked);
    }

    /**
     * Makes an image of what is there: with its metadata, in the catalog, with its names. A name that another image had is its from then on.
     *
     * @param imageName for messages
     * @param names with a tag
     * @param digests with a digest
     */
    public StoredImage add(String imageName, ImageParts parts, List<Reference> names, List<Reference> digests) {
        List<StoredLayer> layers = new ArrayList<>();
        for (ImageParts.Layer layer : parts.layers()) {
            long dataBytes = LayerFiles.dataBytes(places, layer.diffId());
            if (dataBytes < 0) {
                throw new OciException(imageName + ": the files of its layer " + layer.diffId()
                        + " were removed meanwhile; try again");
            }
            layers.add(new StoredLayer(layer.blob(), layer.diffId(), dataBytes));
        }
        long metadataBytes = RootMetadata.make(
                places, session, imageName, parts.diffIds(), store.knownMetadataBytes(parts.diffIds()));
        ImageEntry entry = new ImageEntry(
                parts.manifest().descriptor(),
                parts.indexes().stream().map(ManifestDocument::descriptor).toList(),
                parts.config(),
                layers,
                metadataBytes,
                clock.millis(),
                names,
                digests);
        store.change(catalog -> catalog.with(entry));
        return store.read(store.entry(entry.manifest().digest()).orElse(entry));
    }

    /**
     * The image that a digest of a manifest or of a list leads to, if it is there and whole; gives it further names, which leave those that had them.
     *
     * @param wanted what it has to be for
     */
    public Optional<StoredImage> name(Digest top, Platform wanted, List<Reference> names, List<Reference> digests) {
        Optional<ImageEntry> there = store.whole(top, wanted, session);
        // It is pinned; so if somebody removed it at this moment it comes back.
        there.ifPresent(entry -> store.change(catalog -> catalog.with(entry.with(names, digests))));
        return there.map(
                entry -> store.read(store.entry(entry.manifest().digest()).orElse(entry)));
    }

    @Override
    public void close() {
        session.close();
    }
}
