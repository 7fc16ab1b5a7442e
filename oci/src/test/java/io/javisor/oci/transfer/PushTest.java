package io.javisor.oci.transfer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.oci.BlobContent;
import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.ImageTarget;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.OciException;
import io.javisor.oci.Platform;
import io.javisor.oci.Reference;
import io.javisor.oci.TransferListener;
import io.javisor.oci.TransferListener.Stage;
import io.javisor.oci.store.ImageStore;
import io.javisor.oci.store.StoredImage;
import io.javisor.oci.transfer.TestImage.Format;
import io.javisor.oci.transfer.TestImage.Packing;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PushTest {
    /** Notes what comes to it. */
    private static final class Target implements ImageTarget {
        final Map<Digest, byte[]> blobs = new HashMap<>();
        final Set<Digest> elsewhere = new HashSet<>();
        final List<String> order = new ArrayList<>();

        @Override
        public String name() {
            return "target";
        }

        @Override
        public boolean has(Descriptor blob) {
            return blobs.containsKey(blob.digest());
        }

        @Override
        public void put(BlobContent blob, BytesTaken taken) {
            Descriptor descriptor = blob.descriptor();
            order.add(descriptor.digest().toString());
            if (elsewhere.contains(descriptor.digest())) {
                blobs.put(descriptor.digest(), new byte[0]);
                return;
            }
            try (InputStream in = blob.open(0)) {
                byte[] bytes = in.readAllBytes();
                taken.taken(bytes.length / 2);
                taken.taken(bytes.length - bytes.length / 2);
                blobs.put(descriptor.digest(), bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void put(ManifestDocument manifest) {
            order.add(manifest.digest().toString());
            blobs.put(manifest.digest(), manifest.bytes());
        }

        @Override
        public void close() {}
    }

    @TempDir
    Path directory;

    private final TestImage image =
            TestImage.of(Format.DOCKER, Packing.GZIP, "amd64", TestImage.tar("a", 10_000), TestImage.tar("b", 500));
    private ImageStore store;
    private StoredImage stored;

    @BeforeEach
    void pull() {
        store = ImageStore.open(directory.resolve("images"));
        stored = Pull.run(
                        new MemorySource(image),
                        Optional.of(Reference.parse("box")),
                        Platform.LINUX_AMD64,
                        store,
                        TransferListener.NONE)
                .image();
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void allGoesByteForByteAndTheManifestLast() {
        Target target = new Target();
        Events events = new Events();
        Push.run(stored, store, target, events);

        assertEquals(
                List.of(
                        image.layers().get(0).digest().toString(),
                        image.layers().get(1).digest().toString(),
                        image.config().digest().toString(),
                        image.manifest().digest().toString()),
                target.order);
        image.blobs().forEach((digest, bytes) -> assertArrayEquals(bytes, target.blobs.get(digest)));
        assertArrayEquals(
                image.manifest().bytes(), target.blobs.get(image.manifest().digest()));
        assertEquals(
                List.of(Stage.WAITING, Stage.COPYING, Stage.DONE),
                events.stages(image.layers().get(0).digest()));
        assertEquals(
                image.layers().get(0).sizeBytes(),
                events.all().stream()
                        .filter(event -> event.stage() == Stage.COPYING
                                && event.blob().equals(image.layers().get(0)))
                        .mapToLong(TransferListener.TransferEvent::doneBytes)
                        .max()
                        .orElseThrow());
    }

    @Test
    void whatTheTargetHasDoesNotGo() {
        Target target = new Target();
        target.blobs.put(image.layers().get(0).digest(), new byte[0]);
        target.blobs.put(image.config().digest(), new byte[0]);
        target.elsewhere.add(image.layers().get(1).digest());
        Events events = new Events();
        Push.run(stored, store, target, events);

        assertEquals(
                List.of(
                        image.layers().get(1).digest().toString(),
                        image.manifest().digest().toString()),
                target.order);
        assertEquals(
                List.of(Stage.WAITING, Stage.EXISTS),
                events.stages(image.layers().get(0).digest()));
        assertEquals(
                List.of(Stage.WAITING, Stage.MOUNTED),
                events.stages(image.layers().get(1).digest()));
    }

    @Test
    void whatIsMissingIsSaidBeforeAnythingGoes() throws IOException {
        Digest last = image.layers().get(1).digest();
        Files.delete(directory.resolve("images/blobs/sha256").resolve(last.hex()));
        Target target = new Target();
        assertEquals(
                "the image store lacks " + last + "; get it again: javisor pull (or javisor load) and the image's name",
                assertThrows(OciException.class, () -> Push.run(stored, store, target, TransferListener.NONE))
                        .getMessage());
        assertEquals(List.of(), target.order);
    }

    @Test
    void whatIsRemovedMeanwhileGoesAllTheSame() {
        Target target = new Target();
        Push.run(stored, store, target, event -> {
            if (event.stage() == Stage.COPYING) {
                try (ImageStore other = ImageStore.open(directory.resolve("images"))) {
                    if (!other.images().isEmpty()) {
                        other.remove("box", false);
                    }
                }
            }
        });
        assertEquals(4, target.blobs.size());
        assertEquals(List.of(), store.images());
    }
}
