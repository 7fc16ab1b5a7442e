package io.javisor.oci.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.OciException;
import io.javisor.oci.Platform;
import io.javisor.oci.Reference;
import io.javisor.oci.TransferListener;
import io.javisor.oci.store.ImageStore;
import io.javisor.oci.transfer.TestImage.Format;
import io.javisor.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PullFailureTest {
    private static final Reference NAME = Reference.parse("localhost:5000/box:1");

    @TempDir
    Path directory;

    private Path images;
    private ImageStore store;
    private TestImage image;
    private Descriptor layer;

    @BeforeEach
    void open() {
        images = directory.resolve("images");
        store = ImageStore.open(images);
        image = TestImage.of(TestImage.tar("a", 200_000), TestImage.tar("b", 20_000));
        layer = image.layers().getFirst();
    }

    @AfterEach
    void nothingIsLeftAtWork() throws IOException {
        store.close();
        assertEquals(List.of(), list("tmp"));
        assertEquals(List.of(), list("sessions"));
        assertEquals(List.of(), list("locks"));
        assertEquals(0, Await.threadCount("pull/"));
    }

    private List<Path> list(String name) throws IOException {
        try (Stream<Path> files = Files.list(images.resolve(name))) {
            return files.toList();
        }
    }

    private PullResult pull(MemorySource source) {
        return Pull.run(source, Optional.of(NAME), Platform.LINUX_AMD64, store, TransferListener.NONE);
    }

    private String refused(MemorySource source) {
        String message = String.valueOf(
                assertThrows(OciException.class, () -> pull(source)).getMessage());
        assertEquals(List.of(), store.images(), "nothing is to have a name");
        assertEquals(1, message.lines().count(), message);
        return message;
    }

    private MemorySource giving(MemorySource.Giver giver) {
        MemorySource source = new MemorySource(image);
        return source.giving((blob, sink) -> {
            if (blob.equals(layer)) {
                giver.give(blob, sink);
            } else {
                source.give(blob, sink);
            }
        });
    }

    private void pullsAfterwards() {
        assertFalse(pull(new MemorySource(image)).upToDate());
        store.rootFiles(store.find(NAME.familiar()));
    }

    @Test
    void whatCameBeforeAConnectionBrokeIsNotFetchedAgain() {
        byte[] bytes = new MemorySource(image).bytes(layer);
        assertEquals("connection reset", refused(giving((_, sink) -> {
            MemorySource.give(bytes, sink, 100_000);
            throw new OciException("connection reset");
        })));

        long[] from = {-1};
        MemorySource next = new MemorySource(image);
        pull(next.giving((blob, sink) -> {
            if (blob.equals(layer)) {
                from[0] = sink.offset();
            }
            next.give(blob, sink);
        }));
        assertEquals(100_000, from[0]);
        store.rootFiles(store.find(NAME.familiar()));
    }

    @Test
    void aDamagedBeginningIsFetchedAgain() throws IOException {
        Files.createDirectories(images.resolve("partial"));
        Files.write(images.resolve("partial/sha256-" + layer.digest().hex()), new byte[50_000]);
        Files.setPosixFilePermissions(images, PosixFilePermissions.fromString("rwx------"));
        pullsAfterwards();
    }

    @Test
    void aShortBlobIsRefused() {
        byte[] bytes = new MemorySource(image).bytes(layer);
        assertTrue(refused(giving((_, sink) -> MemorySource.give(bytes, sink, 5000)))
                .startsWith(layer.digest() + ": 5000 bytes came"));
        pullsAfterwards();
    }

    @Test
    void aLongBlobIsRefused() {
        byte[] bytes = Arrays.copyOf(image.blobs().get(layer.digest()), (int) layer.sizeBytes() + 1);
        assertTrue(refused(giving((_, sink) -> MemorySource.give(bytes, sink, Long.MAX_VALUE)))
                .startsWith(layer.digest() + ": more than the "));
        pullsAfterwards();
    }

    /** The digest is told, whatever the unpacker thought of the bytes. */
    @Test
    void anotherBlobIsRefused() {
        byte[] bytes = new byte[(int) layer.sizeBytes()];
        assertTrue(refused(giving((_, sink) -> MemorySource.give(bytes, sink, Long.MAX_VALUE)))
                .startsWith("verification failed for digest " + layer.digest()));
        pullsAfterwards();
    }

    @Test
    void anotherTarThanTheConfigurationSaysIsRefused() {
        Map<Digest, byte[]> blobs = new HashMap<>(image.blobs());
        TestImage lying = TestImage.of(
                Format.OCI,
                "amd64",
                image.layers(),
                List.of(Digest.sha256(new byte[1]), Digest.sha256(new byte[2])),
                blobs);
        String message = refused(new MemorySource(lying));
        assertTrue(message.contains(": its configuration says that its tar has sha256:"), message);
    }

    @Test
    void aConfigurationOfOtherLayersIsRefusedBeforeAnyIsFetched() {
        TestImage lying = TestImage.of(
                Format.OCI, "amd64", image.layers(), List.of(Digest.sha256(new byte[1])), new HashMap<>(image.blobs()));
        MemorySource source = new MemorySource(lying);
        assertTrue(refused(source).contains("mismatched image rootfs and manifest layers"));
        assertEquals(List.of("top", lying.config().digest().toString()), source.asked());
    }

    @Test
    void aManifestThatIsAnotherIsRefused() {
        ManifestDocument lying = new ManifestDocument(
                image.manifest().mediaType(),
                Digest.sha256(new byte[1]),
                image.manifest().bytes());
        assertTrue(refused(new MemorySource(lying, image)).startsWith("verification failed for digest "));
        Reference other = NAME.withDigest(Digest.sha256(new byte[1]));
        assertTrue(String.valueOf(assertThrows(
                                OciException.class,
                                () -> Pull.run(
                                        new MemorySource(image),
                                        Optional.of(other),
                                        Platform.LINUX_AMD64,
                                        store,
                                        TransferListener.NONE))
                        .getMessage())
                .contains("manifest verification failed for digest " + Digest.sha256(new byte[1])));
    }

    @Test
    void aFailureEndsTheOtherLayersAndIsTheOneThatIsTold() {
        CountDownLatch waiting = new CountDownLatch(1);
        Descriptor other = image.layers().getLast();
        MemorySource source = new MemorySource(image);
        source.giving((blob, sink) -> {
            if (blob.equals(layer)) {
                Await.latch(waiting);
                throw new OciException("no route to host");
            }
            if (blob.equals(other)) {
                waiting.countDown();
                try {
                    new CountDownLatch(1).await(); // as one that waits for its network
                } catch (InterruptedException e) {
                    throw new OciException("interrupted", e);
                }
            }
            source.give(blob, sink);
        });
        assertEquals("no route to host", refused(source));
        pullsAfterwards();
    }

    @Test
    void aBugIsNotHidden() {
        IllegalStateException bug = new IllegalStateException("bug");
        MemorySource source = giving((_, _) -> {
            throw bug;
        });
        assertSame(bug, assertThrows(IllegalStateException.class, () -> pull(source)));
        pullsAfterwards();
    }

    @Test
    void anInterruptedPullEnds() throws Exception {
        CountDownLatch waiting = new CountDownLatch(1);
        MemorySource source = giving((_, _) -> {
            waiting.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                throw new OciException("interrupted", e);
            }
        });
        FutureTask<String> pull = new FutureTask<>(() -> refused(source));
        Thread thread = Thread.ofPlatform().start(pull);
        Await.latch(waiting);
        thread.interrupt();
        assertEquals("localhost:5000/box:1: interrupted; what came is kept for the next pull", pull.get());
        pullsAfterwards();
    }

    @Test
    void aBlobThatGotDamagedIsFetchedAgain() throws IOException {
        refused(giving((_, _) -> {
            throw new OciException("gone");
        }));
        // As long as it should be, so nobody looks before it is read.
        Files.write(images.resolve("blobs/sha256/" + layer.digest().hex()), new byte[(int) layer.sizeBytes()]);
        Files.write(
                images.resolve("blobs/sha256/" + image.config().digest().hex()),
                new byte[(int) image.config().sizeBytes()]);
        pullsAfterwards();
    }
}
