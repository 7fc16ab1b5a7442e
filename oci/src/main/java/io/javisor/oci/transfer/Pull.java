package io.javisor.oci.transfer;

import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.ImageSource;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.MediaTypes;
import io.javisor.oci.OciException;
import io.javisor.oci.Platform;
import io.javisor.oci.PlatformException;
import io.javisor.oci.Reference;
import io.javisor.oci.TransferListener;
import io.javisor.oci.TransferListener.Stage;
import io.javisor.oci.TransferListener.TransferEvent;
import io.javisor.oci.model.ImageConfig;
import io.javisor.oci.model.Index;
import io.javisor.oci.model.Manifest;
import io.javisor.oci.store.BlobDownload;
import io.javisor.oci.store.ImageParts;
import io.javisor.oci.store.ImageStore;
import io.javisor.oci.store.ImageWriter;
import io.javisor.oci.store.StoreLock;
import io.javisor.oci.store.StoredImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/** Gets an image into the store. */
public final class Pull {
    /** How many layers come at once, as docker has it. */
    private static final int PARALLEL = 3;

    private static final int INDEX_DEPTH_MAX = 3;

    private final ImageSource source;
    private final Optional<Reference> name;
    private final String imageName;
    private final Platform platform;
    private final ImageWriter writer;
    private final TransferListener listener;

    private Pull(
            ImageSource source,
            Optional<Reference> name,
            Platform platform,
            ImageWriter writer,
            TransferListener listener) {
        this.source = source;
        this.name = name;
        this.imageName = name.map(Reference::familiar).orElseGet(source::name);
        this.platform = platform;
        this.writer = writer;
        this.listener = listener;
    }

    /**
     * Gets the image that the source has, as far as it is not there, and makes it fit to run. It has its name when all of it is there; what a failed or killed one got
     * is there for the next. The calling thread may be interrupted; then it fails.
     *
     * @param name what it is to be called; of one with a digest the digest alone counts
     * @param platform what it has to be for
     * @throws OciException in one line
     */
    public static PullResult run(
            ImageSource source,
            Optional<Reference> name,
            Platform platform,
            ImageStore store,
            TransferListener listener) {
        try (ImageWriter writer = store.writer()) {
            return new Pull(source, name, platform, writer, listener).run();
        }
    }

    private PullResult run() {
        Optional<Digest> before = name.flatMap(writer::manifestOf);
        Optional<Digest> wanted = name.flatMap(Reference::digest);
        Optional<Digest> said = wanted.isPresent() ? wanted : source.topDigest();
        if (said.isPresent()) {
            Optional<StoredImage> there = writer.name(said.get(), platform, names(), digests(said.get(), true));
            if (there.isPresent()) {
                return result(there.get(), said.get(), before, false);
            }
        }
        ManifestDocument top = source.top();
        wanted.ifPresent(digest -> requireSame(digest, top.digest()));
        // A manifest that was made here of a docker archive is known to nobody else.
        List<Reference> digests = digests(top.digest(), said.isPresent());
        Optional<StoredImage> there = writer.name(top.digest(), platform, names(), digests);
        if (there.isPresent()) {
            return result(there.get(), top.digest(), before, false);
        }
        List<ManifestDocument> indexes = new ArrayList<>();
        ManifestDocument manifest = manifest(top, indexes);
        Manifest parsed = Manifest.parse(manifest);
        ImageConfig config = config(indexes, manifest, parsed);
        ImageParts parts = parts(indexes, manifest, parsed, config);
        writer.pin(parts);
        indexes.forEach(writer::put);
        writer.put(manifest);
        boolean fetched = layers(parts);
        return result(writer.add(imageName, parts, names(), digests), top.digest(), before, fetched);
    }

    private PullResult result(StoredImage image, Digest digest, Optional<Digest> before, boolean fetched) {
        boolean moved =
                name.isPresent() && !before.equals(Optional.of(image.manifest().digest()));
        return new PullResult(image, digest, !fetched && !moved);
    }

    private List<Reference> names() {
        return name.filter(reference -> reference.digest().isEmpty()).stream().toList();
    }

    private List<Reference> digests(Digest top, boolean known) {
        return known ? name.map(reference -> reference.withDigest(top)).stream().toList() : List.of();
    }

    private void requireSame(Digest wanted, Digest came) {
        if (!wanted.equals(came)) {
            throw new OciException(imageName + ": manifest verification failed for digest " + wanted
                    + ": what came has " + came + "; try again, or tell who keeps the image");
        }
    }

    /** Goes down from a list to the manifest for the platform. */
    private ManifestDocument manifest(ManifestDocument top, List<ManifestDocument> indexes) {
        ManifestDocument document = top;
        while (MediaTypes.isIndex(document.mediaType())) {
            if (indexes.size() == INDEX_DEPTH_MAX) {
                throw new OciException(imageName + ": lists of manifests in lists, more than " + INDEX_DEPTH_MAX
                        + " deep; the image is damaged where it comes from");
            }
            indexes.add(document);
            Descriptor chosen = Index.parse(document).select(platform, imageName);
            document = source.manifest(chosen);
            requireSame(chosen.digest(), document.digest());
        }
        return document;
    }

    private ImageConfig config(List<ManifestDocument> indexes, ManifestDocument manifest, Manifest parsed) {
        writer.pin(List.of(manifest.digest(), parsed.config().digest()));
        ImageConfig config = ImageConfig.parse(imageName, configBytes(parsed.config()));
        Platform actual = config.platform();
        // A list says which variant it is; configurations often don't.
        boolean fits = indexes.isEmpty()
                ? platform.takes(actual)
                : platform.os().equals(actual.os()) && platform.architecture().equals(actual.architecture());
        if (!fits) {
            throw new PlatformException("image with reference " + imageName
                    + " was found but does not match the specified platform: wanted " + platform + ", actual: "
                    + actual);
        }
        config.requireLayersOf(imageName, parsed);
        return config;
    }

    private byte[] configBytes(Descriptor blob) {
        try (StoreLock _ = writer.lockBlob(blob.digest())) {
            if (!writer.has(blob) || writer.removeIfDamaged(blob)) {
                try (BlobDownload download = writer.download(blob, _ -> {})) {
                    download.resume();
                    do {
                        source.blob(blob, download);
                    } while (!download.finish());
                }
            }
            return writer.bytes(blob);
        }
    }

    private ImageParts parts(
            List<ManifestDocument> indexes, ManifestDocument manifest, Manifest parsed, ImageConfig config) {
        List<ImageParts.Layer> layers = new ArrayList<>();
        for (int i = 0; i < parsed.layers().size(); i++) {
            Digest diffId = config.diffIds().get(i);
            if (!diffId.algorithm().equals("sha256")) {
                throw new OciException(imageName + ": its configuration has " + diffId.algorithm()
                        + " digests of layers; there is support for sha256 only");
            }
            layers.add(new ImageParts.Layer(parsed.layers().get(i), diffId));
        }
        return new ImageParts(manifest, indexes, parsed.config(), layers);
    }

    /** Gets the layers, some at once. Gives whether any was missing. */
    private boolean layers(ImageParts parts) {
        List<ImageParts.Layer> layers = parts.layers().stream().distinct().toList();
        layers.forEach(layer -> listener.told(new TransferEvent(layer.blob(), Stage.WAITING, 0)));
        Queue<ImageParts.Layer> queue = new ConcurrentLinkedQueue<>(layers);
        AtomicBoolean fetched = new AtomicBoolean();
        Failure failure = new Failure();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < Math.min(PARALLEL, layers.size()); i++) {
            Thread thread = TransferThreads.start("pull/layer-" + i, () -> work(queue, fetched, failure));
            failure.interrupts(thread);
            threads.add(thread);
        }
        boolean interrupted = false;
        for (Thread thread : threads) {
            interrupted |= TransferThreads.join(
                    thread,
                    () -> failure.set(
                            new OciException(imageName + ": interrupted; what came is kept for the next pull")));
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        failure.rethrow();
        return fetched.get();
    }

    private void work(Queue<ImageParts.Layer> queue, AtomicBoolean fetched, Failure failure) {
        try {
            for (ImageParts.Layer next = queue.poll(); next != null; next = queue.poll()) {
                if (new LayerPull(source, imageName, next, writer, listener, failure).run()) {
                    fetched.set(true);
                }
            }
        } catch (Throwable e) {
            failure.set(e);
        }
    }
}
