package io.javisor.oci.transfer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.oci.Digest;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.MediaTypes;
import io.javisor.oci.OciException;
import io.javisor.oci.Platform;
import io.javisor.oci.Reference;
import io.javisor.oci.TransferListener;
import io.javisor.oci.TransferListener.Stage;
import io.javisor.oci.store.ImageStore;
import io.javisor.oci.store.RootFiles;
import io.javisor.oci.store.StoredImage;
import io.javisor.oci.transfer.TestImage.Format;
import io.javisor.oci.transfer.TestImage.Packing;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PullTest {
    private static final Reference NAME = Reference.parse("localhost:5000/box:1");

    @TempDir
    Path directory;

    private ImageStore store;

    @BeforeEach
    void open() {
        store = ImageStore.open(directory.resolve("images"));
    }

    @AfterEach
    void close() {
        store.close();
    }

    private PullResult pull(MemorySource source) {
        return pull(source, NAME, TransferListener.NONE);
    }

    private PullResult pull(MemorySource source, Reference name, TransferListener listener) {
        return Pull.run(source, Optional.of(name), Platform.LINUX_AMD64, store, listener);
    }

    @ParameterizedTest
    @CsvSource({"OCI, PLAIN", "OCI, GZIP", "OCI, ZSTD", "DOCKER, PLAIN", "DOCKER, GZIP", "DOCKER, ZSTD"})
    void eachFormatIsStoredAsItCameAndMadeFitToRun(Format format, Packing packing) throws IOException {
        TestImage image = TestImage.of(format, packing, "amd64", TestImage.tar("a", 100_000), TestImage.tar("b", 5000));

        PullResult result = pull(new MemorySource(image));

        assertFalse(result.upToDate());
        StoredImage stored = store.find("localhost:5000/box:1");
        assertEquals(image.config().digest(), stored.id());
        assertEquals(stored.id(), result.image().id());
        assertEquals(image.manifest().digest(), stored.manifest().digest());
        assertEquals(image.manifest().mediaType(), stored.manifest().mediaType());
        assertArrayEquals(image.manifest().bytes(), stored.manifest().bytes());
        assertEquals(List.of(NAME), stored.names());
        assertEquals(List.of(NAME.withDigest(image.manifest().digest())), stored.digests());
        for (int i = 0; i < 2; i++) {
            try (InputStream blob = store.blob(image.layers().get(i)).open(0)) {
                assertArrayEquals(image.blobs().get(image.layers().get(i).digest()), blob.readAllBytes());
            }
        }
        RootFiles root = store.rootFiles(stored);
        assertEquals(2, root.layers().size());
        assertTrue(Files.size(root.metadata()) > 0);
        assertEquals(
                stored.sizeBytes(),
                Files.size(root.layers().get(0)) + Files.size(root.layers().get(1)));
    }

    @Test
    void aListGivesTheManifestOfThePlatform() {
        TestImage amd = TestImage.of(TestImage.tar("a", 1000));
        TestImage arm = TestImage.of(Format.OCI, Packing.GZIP, "arm64", TestImage.tar("b", 1000));
        ManifestDocument index =
                TestImage.index(new TreeMap<>(Map.of("amd64", amd.manifest(), "arm64", arm.manifest())));

        StoredImage one = pull(new MemorySource(index, amd, arm)).image();
        assertEquals(amd.config().digest(), one.id());
        assertEquals(index.digest(), one.index().orElseThrow().digest());
        assertEquals(List.of(NAME.withDigest(index.digest())), one.digests());

        StoredImage other = Pull.run(
                        new MemorySource(index, amd, arm),
                        Optional.of(NAME),
                        Platform.parse("linux/arm64"),
                        store,
                        TransferListener.NONE)
                .image();
        assertEquals(arm.config().digest(), other.id());
        assertEquals(List.of(), store.find(one.id().toString()).names());
    }

    @Test
    void aListInAListIsFollowedAndManyAreNot() {
        TestImage amd = TestImage.of(TestImage.tar("a", 1000));
        MemorySource four = nested(amd, 4);
        assertEquals(
                "localhost:5000/box:1: lists of manifests in lists, more than 3 deep; the image is damaged where it"
                        + " comes from",
                assertThrows(OciException.class, () -> pull(four)).getMessage());
        assertEquals(amd.config().digest(), pull(nested(amd, 3)).image().id());
    }

    private static MemorySource nested(TestImage image, int depth) {
        List<ManifestDocument> indexes = new ArrayList<>(List.of(image.manifest()));
        for (int i = 0; i < depth; i++) {
            indexes.add(TestImage.index(Map.of("amd64", indexes.getLast())));
        }
        MemorySource source = new MemorySource(indexes.getLast(), image);
        indexes.forEach(source::with);
        return source;
    }

    @Test
    void anotherArchitectureIsSaidBeforeALayerIsFetched() {
        TestImage arm = TestImage.of(Format.OCI, Packing.GZIP, "arm64", TestImage.tar("b", 1000));
        MemorySource source = new MemorySource(arm);

        assertEquals(
                "image with reference localhost:5000/box:1 was found but does not match the specified platform:"
                        + " wanted linux/amd64, actual: linux/arm64",
                assertThrows(OciException.class, () -> pull(source)).getMessage());
        assertEquals(List.of("top", arm.config().digest().toString()), source.asked());

        MemorySource listed = new MemorySource(TestImage.index(Map.of("arm64", arm.manifest())), arm);
        assertThrows(OciException.class, () -> pull(listed));
        assertEquals(List.of("top"), listed.asked());
    }

    @Test
    void whatIsThereIsNotAskedFor() {
        TestImage image = TestImage.of(TestImage.tar("a", 1000));
        pull(new MemorySource(image));

        MemorySource again = new MemorySource(image);
        assertTrue(pull(again).upToDate());
        assertEquals(List.of(), again.asked());

        MemorySource byDigest = new MemorySource(image);
        Reference digest = NAME.withDigest(image.manifest().digest());
        assertTrue(pull(byDigest, digest, TransferListener.NONE).upToDate());
        assertEquals(List.of(), byDigest.asked());

        MemorySource file = new MemorySource(image).asFile();
        assertFalse(
                pull(file, Reference.parse("other:2"), TransferListener.NONE).upToDate());
        assertEquals(List.of("top"), file.asked());
        assertEquals(
                List.of(NAME, Reference.parse("other:2")), store.find("other:2").names());
        assertEquals(List.of(digest), store.find("other:2").digests());
    }

    @Test
    void aNameThatComesToAnotherImageIsNews() {
        byte[] layer = TestImage.tar("a", 1000);
        TestImage first = TestImage.of(layer);
        TestImage second = TestImage.of(Format.DOCKER, Packing.PLAIN, "amd64", layer);
        Reference other = Reference.parse("other:2");
        pull(new MemorySource(first));
        pull(new MemorySource(second), other, TransferListener.NONE);
        // Both are there: no byte has to come.
        assertFalse(pull(new MemorySource(second)).upToDate());
        assertTrue(pull(new MemorySource(second)).upToDate());
        assertFalse(pull(new MemorySource(first), other, TransferListener.NONE).upToDate());
    }

    @Test
    void theDigestIsWhatTheNameStandsFor() {
        TestImage image = TestImage.of(TestImage.tar("a", 1000));
        ManifestDocument index = TestImage.index(Map.of("amd64", image.manifest()));
        assertEquals(index.digest(), pull(new MemorySource(index, image)).digest());
        Reference alone = Reference.parse("alone");
        assertEquals(
                image.manifest().digest(),
                pull(new MemorySource(image), alone, TransferListener.NONE).digest());
    }

    @Test
    void layersThatAreThereAreNotFetched() {
        byte[] base = TestImage.tar("base", 50_000);
        TestImage first = TestImage.of(base);
        TestImage second = TestImage.of(base, TestImage.tar("more", 3000));
        pull(new MemorySource(first));

        Events events = new Events();
        MemorySource source = new MemorySource(second);
        assertFalse(pull(source, Reference.parse("second"), events).upToDate());

        Digest more = second.layers().get(1).digest();
        assertEquals(List.of("top", second.config().digest().toString(), more.toString()), source.asked());
        assertEquals(
                List.of(Stage.WAITING, Stage.EXISTS),
                events.stages(second.layers().get(0).digest()));
        assertEquals(List.of(Stage.WAITING, Stage.COPYING, Stage.UNPACKING, Stage.DONE), events.stages(more));
    }

    @Test
    void theSameLayerTwiceComesOnce() {
        byte[] tar = TestImage.tar("a", 5000);
        TestImage image = TestImage.of(tar, tar);
        MemorySource source = new MemorySource(image);

        StoredImage stored = pull(source).image();

        assertEquals(3, source.asked().size(), source.asked()::toString);
        RootFiles root = store.rootFiles(stored);
        assertEquals(root.layers().get(0), root.layers().get(1));
    }

    @Test
    void emptyLayersAndNoLayersAreFine() {
        byte[] empty = new byte[1024];
        StoredImage stored = pull(new MemorySource(TestImage.of(empty))).image();
        assertEquals(List.of(), store.rootFiles(stored).layers());
        assertEquals(0, stored.sizeBytes());

        StoredImage none = pull(new MemorySource(TestImage.of())).image();
        assertEquals(List.of(), store.rootFiles(none).layers());
    }

    @Test
    void manyLayersComeWhole() throws IOException {
        byte[][] tars = new byte[130][];
        for (int i = 0; i < tars.length; i++) {
            tars[i] = TestImage.tar("file" + i, 10 + i);
        }
        StoredImage stored = pull(new MemorySource(TestImage.of(tars))).image();
        RootFiles root = store.rootFiles(stored);
        assertEquals(130, root.layers().size());
        long bytes = 0;
        for (Path layer : root.layers()) {
            bytes += Files.size(layer);
        }
        assertEquals(stored.sizeBytes(), bytes);
    }

    @Test
    void whatComesByAFileHasNoDigestOfARegistry() {
        TestImage image = TestImage.of(TestImage.tar("a", 1000));
        StoredImage stored = Pull.run(
                        new MemorySource(image).asFile(),
                        Optional.empty(),
                        Platform.LINUX_AMD64,
                        store,
                        TransferListener.NONE)
                .image();
        assertEquals(List.of(), stored.names());
        assertEquals(List.of(), stored.digests());
    }

    @Test
    void aNewerImageTakesTheName() {
        TestImage old = TestImage.of(TestImage.tar("a", 1000));
        TestImage fresh = TestImage.of(TestImage.tar("b", 1000));
        pull(new MemorySource(old));
        pull(new MemorySource(fresh));

        assertEquals(fresh.config().digest(), store.find("localhost:5000/box:1").id());
        assertEquals(List.of(), store.find(old.config().digest().toString()).names());
        assertEquals(2, store.images().size());
    }

    /** What a list says of a variant counts, for configurations often say nothing. */
    @Test
    void ofAListTheConfigurationNeedNotNameTheVariant() {
        TestImage arm = TestImage.of(Format.OCI, Packing.GZIP, "arm", TestImage.tar("a", 1000));
        String text = new String(TestImage.index(Map.of("arm", arm.manifest())).bytes(), StandardCharsets.UTF_8)
                .replace("\"architecture\":\"arm\"", "\"architecture\":\"arm\",\"variant\":\"v6\"");
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ManifestDocument index = new ManifestDocument(MediaTypes.OCI_INDEX, Digest.sha256(bytes), bytes);
        assertEquals(
                arm.config().digest(),
                Pull.run(
                                new MemorySource(index, arm),
                                Optional.of(NAME),
                                Platform.parse("linux/arm/v6"),
                                store,
                                TransferListener.NONE)
                        .image()
                        .id());
    }

    @Test
    void progressOfABlobOnlyGrows() {
        TestImage image = TestImage.of(TestImage.tar("a", 300_000), TestImage.tar("b", 300_000));
        Events events = new Events();
        pull(new MemorySource(image), NAME, events);
        Map<String, Long> done = new HashMap<>();
        events.all().forEach(event -> {
            String key = event.blob().digest() + " " + event.stage();
            long before = done.getOrDefault(key, 0L);
            assertTrue(before <= event.doneBytes(), () -> key + " went back to " + event.doneBytes());
            assertTrue(event.doneBytes() <= event.blob().sizeBytes(), key);
            done.put(key, event.doneBytes());
        });
        image.layers().forEach(layer -> assertEquals(layer.sizeBytes(), done.get(layer.digest() + " COPYING")));
    }
}
