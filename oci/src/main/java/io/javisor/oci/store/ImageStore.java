package io.javisor.oci.store;

import io.javisor.core.text.Printable;
import io.javisor.oci.BlobContent;
import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.OciException;
import io.javisor.oci.Platform;
import io.javisor.oci.Reference;
import io.javisor.oci.model.ImageConfig;
import io.javisor.oci.store.ImageEntry.StoredLayer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A user's images. For several threads and processes at once: what they find is whole, and what one of them works with no other removes. The whole directory may be removed
 * by hand while nothing uses it.
 */
public final class ImageStore implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ImageStore.class);

    private final StorePlaces places;
    private final Supplier<Map<Digest, ImageUse>> inUse;
    private final InstantSource clock;
    private final Garbage garbage;
    private final Object opening = new Object();
    private @Nullable StoreSession session;

    private ImageStore(StorePlaces places, Supplier<Map<Digest, ImageUse>> inUse, InstantSource clock) {
        this.places = places;
        this.inUse = inUse;
        this.clock = clock;
        this.garbage = new Garbage(places);
    }

    /**
     * Where a user's images are: {@code $XDG_DATA_HOME/javisor/images}, or {@code ~/.local/share/javisor/images}. A relative path of the variable is ignored, as the XDG Base
     * Directory Specification demands.
     *
     * @throws OciException in one line, if the environment names no place
     */
    public static Path defaultDirectory(Map<String, String> environment) {
        String xdg = environment.getOrDefault("XDG_DATA_HOME", "");
        if (xdg.startsWith("/")) {
            return Path.of(xdg, "javisor", "images");
        }
        String home = environment.getOrDefault("HOME", "");
        if (home.isEmpty()) {
            throw new OciException("neither XDG_DATA_HOME nor HOME is set, so there is no place to keep images;"
                    + " set one to a directory of yours");
        }
        return Path.of(home, ".local", "share", "javisor", "images").toAbsolutePath();
    }

    /** As {@link #open(Path, Supplier)}, where no container uses an image. */
    public static ImageStore open(Path directory) {
        return open(directory, Map::of);
    }

    /**
     * Opens the store in a directory. Nothing is made until something is stored.
     *
     * @param inUse by which container an image of an ID is used, asked for when something is to be removed, with the store locked: it must not use the store
     * @throws OciException in one line, if it is another user's, or that of a newer javisor
     */
    public static ImageStore open(Path directory, Supplier<Map<Digest, ImageUse>> inUse) {
        return open(directory, inUse, InstantSource.system());
    }

    /**
     * As {@link #open(Path, Supplier)}.
     *
     * @param waiting called once, by the thread that waits, if another javisor holds something up for longer than a moment
     */
    public static ImageStore openSaying(Path directory, Supplier<Map<Digest, ImageUse>> inUse, Runnable waiting) {
        return open(directory, inUse, InstantSource.system(), waiting);
    }

    static ImageStore open(Path directory, Supplier<Map<Digest, ImageUse>> inUse, InstantSource clock) {
        return open(directory, inUse, clock, () -> {});
    }

    private static ImageStore open(
            Path directory, Supplier<Map<Digest, ImageUse>> inUse, InstantSource clock, Runnable waiting) {
        StorePlaces places = new StorePlaces(directory.toAbsolutePath().normalize(), waiting);
        places.check();
        return new ImageStore(places, inUse, clock);
    }

    /** Begins to put an image into the store, which is made unless it is there. The caller closes it. */
    public ImageWriter writer() {
        return new ImageWriter(this, places, clock);
    }

    /** All images that can be read, the newest first: by the time they were made, then by when they were stored. */
    public List<StoredImage> images() {
        List<StoredImage> all = new ArrayList<>();
        for (ImageEntry entry : catalog().entries()) {
            try {
                all.add(read(entry));
            } catch (OciException e) {
                LOG.warn("image {}: {}", entry.id().shortHex(), e.getMessage());
            }
        }
        all.sort(Comparator.comparing(
                        (StoredImage image) -> image.config().created().orElse(Instant.EPOCH))
                .thenComparing(StoredImage::stored)
                .reversed());
        return all;
    }

    /** What all images are called, with a tag; also those that can't be read. */
    public List<Reference> names() {
        return catalog().entries().stream()
                .flatMap(entry -> entry.names().stream())
                .toList();
    }

    /**
     * The image of a name, a name with a digest, an ID or the beginning of one.
     *
     * @throws OciException in docker's words, if there is none, or several
     */
    public StoredImage find(String nameOrId) {
        return read(catalog().find(nameOrId).entry());
    }

    /** How long the file of each of an image's layers is, unpacked, the lowest first; nothing if the image is gone. */
    public List<Long> layerBytes(StoredImage image) {
        return catalog()
                .ofManifest(image.manifest().digest())
                .map(entry -> entry.layers().stream()
                        .map(ImageEntry.StoredLayer::dataBytes)
                        .toList())
                .orElse(List.of());
    }

    /**
     * Gives an image a further name; takes it from the image that had it.
     *
     * @param name with a tag, without a digest
     */
    public void tag(StoredImage image, Reference name) {
        if (name.digest().isPresent()) {
            throw new OciException("refusing to create a tag with a digest reference");
        }
        change(catalog -> {
            ImageEntry entry = catalog.ofManifest(image.manifest().digest())
                    .orElseThrow(() -> new OciException("No such image: " + image.id()));
            return catalog.with(entry.with(List.of(name), List.of()));
        });
    }

    /**
     * Takes a name from an image, and removes the image with its last name; an ID stands for all its names. By docker's rules.
     *
     * @param force also an image of several names by its ID
     * @throws OciException in docker's words
     */
    public Removal remove(String nameOrId, boolean force) {
        catalog().find(nameOrId);
        try (StoreLock _ = StoreSession.storeLock(places)) {
            Catalog.Change change = catalog().remove(nameOrId, force, inUse.get());
            writeLess(change);
            Set<String> candidates = Garbage.needed(change.removed());
            collect(change.catalog(), Optional.of(candidates));
            return new Removal(change.untagged(), deleted(change));
        }
    }

    /**
     * Removes images that have no tag, and what no image needs. What a pull is about to use stays.
     *
     * @param all also images that have one, but for those that containers use
     */
    public Pruned prune(boolean all) {
        if (!Files.isDirectory(places.root())) {
            return new Pruned(List.of(), List.of(), 0);
        }
        try (StoreLock _ = StoreSession.storeLock(places)) {
            Catalog before = catalog();
            Catalog.Change change = before.prune(all, inUse.get());
            if (!change.catalog().equals(before)) {
                writeLess(change);
            }
            long bytes = collect(change.catalog(), Optional.empty());
            garbage.removeLocks();
            return new Pruned(change.untagged(), deleted(change), bytes);
        } catch (IOException e) {
            throw Failures.of("read", places.root(), e);
        }
    }

    private long collect(Catalog catalog, Optional<Set<String>> candidates) {
        try {
            return garbage.collect(catalog, candidates);
        } catch (IOException e) {
            throw Failures.of("remove files of", places.root(), e);
        }
    }

    /**
     * Writes a catalog that has lost something. On a full disk that makes its room itself: of what nobody needs, and of the unpacked files of what goes, which are made again from
     * its blobs if it comes to nothing.
     */
    private void writeLess(Catalog.Change change) {
        byte[] bytes = CatalogFile.bytes(change.catalog());
        try {
            places.replace(places.catalog(), bytes);
        } catch (OciException e) {
            Set<String> unpacked = Garbage.needed(change.removed());
            unpacked.removeIf(key -> key.startsWith(StorePlaces.BLOBS));
            if (collect(catalog(), Optional.empty()) + collect(change.catalog(), Optional.of(unpacked)) == 0) {
                throw e;
            }
            places.replace(places.catalog(), bytes);
        }
    }

    /** IDs of images that are gone, each with those of its layers that no other image has. */
    private static List<Digest> deleted(Catalog.Change change) {
        Set<Digest> left = new HashSet<>();
        change.catalog().entries().forEach(entry -> {
            left.add(entry.id());
            left.addAll(entry.chainIds());
        });
        Set<Digest> deleted = new LinkedHashSet<>();
        change.removed().forEach(entry -> {
            deleted.add(entry.id());
            deleted.addAll(entry.chainIds());
        });
        deleted.removeAll(left);
        return List.copyOf(deleted);
    }

    /** What the store takes; may be told of an image that is about to come or go. */
    public Usage usage() {
        try {
            List<ImageEntry> entries = catalog().entries();
            Set<Digest> used = inUse.get().keySet();
            List<ImageEntry> active =
                    entries.stream().filter(entry -> used.contains(entry.id())).toList();
            long size = garbage.bytes(Optional.empty());
            long needed = active.isEmpty() ? 0 : garbage.bytes(Optional.of(Garbage.needed(active)));
            return new Usage(count(entries), count(active), size, Math.max(0, size - needed));
        } catch (IOException e) {
            throw Failures.of("read", places.root(), e);
        }
    }

    private static int count(List<ImageEntry> entries) {
        return (int) entries.stream().map(ImageEntry::id).distinct().count();
    }

    /**
     * The files that a machine has as its root. What of them is not there is made again. They stay until this is closed, whoever removes the image.
     *
     * @throws OciException in one line, if they are damaged and can't be made again
     */
    public RootFiles rootFiles(StoredImage image) {
        ImageEntry entry =
                entry(image.manifest().digest()).orElseThrow(() -> new OciException("No such image: " + image.id()));
        hold(entry);
        if (!isRunnable(entry)) {
            remake(entry, session());
        }
        return new RootFiles(
                places.at(RootMetadata.key(entry.diffIds())),
                entry.layers().stream()
                        .filter(layer -> layer.dataBytes() > 0)
                        .map(layer -> places.data(layer.diffId()))
                        .toList());
    }

    /** Has an image's files stay until this is closed, whoever removes the image. */
    public void hold(StoredImage image) {
        entry(image.manifest().digest()).ifPresent(this::hold);
    }

    private void hold(ImageEntry entry) {
        try {
            session().pin(entry.keys());
        } catch (OciException e) {
            // Nobody removes anything where nothing can be written.
            if (Files.isWritable(places.root())) {
                throw e;
            }
        }
    }

    private void remake(ImageEntry entry, StoreSession mine) {
        String name = title(entry);
        for (StoredLayer layer : entry.layers()) {
            try (StoreLock _ = mine.lock(StorePlaces.layerKey(layer.diffId()))) {
                if (LayerFiles.dataBytes(places, layer.diffId()) == layer.dataBytes()) {
                    continue;
                }
                LayerFiles.remake(places, mine, name, layer);
            }
        }
        RootMetadata.make(places, mine, name, entry.diffIds(), entry.metadataBytes());
    }

    private StoreSession session() {
        synchronized (opening) {
            StoreSession open = session;
            if (open == null) {
                open = StoreSession.open(places);
                session = open;
            }
            return open;
        }
    }

    /**
     * A configuration or a layer, as it came.
     *
     * @throws OciException in one line, if it is not there
     */
    public BlobContent blob(Descriptor descriptor) {
        if (StorePlaces.size(places.blob(descriptor.digest())) < 0) {
            throw StoredBlob.missing(descriptor.digest());
        }
        return new StoredBlob(places, descriptor);
    }

    /**
     * A manifest or an index, as it came.
     *
     * @throws OciException in one line, if it is not there
     */
    public ManifestDocument manifest(Digest digest) {
        return catalog().ofTop(digest).stream()
                .flatMap(entry -> Stream.concat(Stream.of(entry.manifest()), entry.indexes().stream()))
                .filter(descriptor -> descriptor.digest().equals(digest))
                .findFirst()
                .map(this::document)
                .orElseThrow(() -> new OciException("No such image: " + digest));
    }

    private ManifestDocument document(Descriptor descriptor) {
        return new ManifestDocument(descriptor.mediaType(), descriptor.digest(), StoredBlob.bytes(places, descriptor));
    }

    private Catalog catalog() {
        return CatalogFile.read(places.catalog());
    }

    /** Changes the catalog as nobody else does meanwhile. */
    void change(UnaryOperator<Catalog> by) {
        try (StoreLock _ = StoreSession.storeLock(places)) {
            Catalog before = catalog();
            Catalog after = by.apply(before);
            if (!after.equals(before)) {
                places.replace(places.catalog(), CatalogFile.bytes(after));
            }
        }
    }

    Optional<ImageEntry> entry(Digest manifest) {
        return catalog().ofManifest(manifest);
    }

    /** The manifest of the image that has a name. */
    Optional<Digest> manifestOf(Reference name) {
        return catalog().holder(name).map(entry -> entry.manifest().digest());
    }

    /** How long the metadata over these layers is, or -1 if that was not written down. */
    long knownMetadataBytes(List<Digest> diffIds) {
        return catalog().entries().stream()
                .filter(entry -> entry.diffIds().equals(diffIds))
                .mapToLong(ImageEntry::metadataBytes)
                .findFirst()
                .orElse(-1);
    }

    /** The image that a digest of a manifest or of a list leads to, if it is for that platform and all of it is there, where it stays until the session ends. */
    Optional<ImageEntry> whole(Digest top, Platform wanted, StoreSession pinning) {
        for (ImageEntry entry : catalog().ofTop(top)) {
            pinning.pin(entry.keys());
            try {
                if (isWhole(entry) && wanted.takes(read(entry).config().platform())) {
                    return Optional.of(entry);
                }
            } catch (OciException e) {
                LOG.debug("image {}: {}", entry.id().shortHex(), e.getMessage());
            }
        }
        return Optional.empty();
    }

    private boolean isWhole(ImageEntry entry) {
        return Stream.concat(
                                Stream.concat(Stream.of(entry.manifest(), entry.config()), entry.indexes().stream()),
                                entry.layers().stream().map(StoredLayer::blob))
                        .allMatch(blob -> StorePlaces.size(places.blob(blob.digest())) == blob.sizeBytes())
                && isRunnable(entry);
    }

    private boolean isRunnable(ImageEntry entry) {
        return entry.layers().stream()
                        .allMatch(layer -> StorePlaces.size(places.data(layer.diffId())) == layer.dataBytes()
                                && StorePlaces.size(places.table(layer.diffId())) >= 0)
                && StorePlaces.size(places.at(RootMetadata.key(entry.diffIds()))) == entry.metadataBytes();
    }

    private static String title(ImageEntry entry) {
        return entry.references().stream()
                .findFirst()
                .map(Reference::familiar)
                .orElse(entry.id().toString());
    }

    /** The image of an entry, as its files say. */
    StoredImage read(ImageEntry entry) {
        byte[] configBytes = StoredBlob.bytes(places, entry.config());
        return new StoredImage(
                entry.id(),
                document(entry.manifest()),
                entry.index().map(this::document),
                ImageConfig.parse(Printable.line(title(entry)), configBytes),
                configBytes,
                entry.names(),
                entry.digests(),
                entry.layers().stream().mapToLong(StoredLayer::dataBytes).sum(),
                entry.layers().stream()
                        .mapToLong(layer -> layer.blob().sizeBytes())
                        .sum(),
                Instant.ofEpochMilli(entry.storedMillis()));
    }

    /** Lets go of what {@link #rootFiles} gave. Files that are open stay readable. */
    @Override
    public void close() {
        synchronized (opening) {
            StoreSession open = session;
            session = null;
            if (open != null) {
                open.close();
            }
        }
    }
}
