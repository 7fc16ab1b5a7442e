package io.javisor.oci.transfer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.oci.Digest;
import io.javisor.oci.OciException;
import io.javisor.oci.Platform;
import io.javisor.oci.Reference;
import io.javisor.oci.TransferListener;
import io.javisor.oci.store.ImageStore;
import io.javisor.oci.store.ImageUse;
import io.javisor.oci.store.Pruned;
import io.javisor.oci.store.Removal;
import io.javisor.oci.store.RootFiles;
import io.javisor.oci.store.StoredImage;
import io.javisor.oci.store.Usage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** A store with images in it. */
class StoredImagesTest {
    private static final byte[] BASE = TestImage.tar("base", 50_000);
    private static final byte[] ABOVE = TestImage.tar("above", 6000);

    @TempDir
    Path directory;

    private final Map<Digest, ImageUse> inUse = new HashMap<>();
    private final TestImage small = TestImage.of(BASE);
    private final TestImage large = TestImage.of(BASE, ABOVE);
    private Path images;
    private ImageStore store;

    @BeforeEach
    void open() {
        images = directory.resolve("images");
        store = ImageStore.open(images, () -> Map.copyOf(inUse));
    }

    @AfterEach
    void close() {
        store.close();
    }

    private StoredImage pull(TestImage image, String name) {
        return Pull.run(
                        new MemorySource(image),
                        Optional.of(Reference.parse(name)),
                        Platform.LINUX_AMD64,
                        store,
                        TransferListener.NONE)
                .image();
    }

    private long count(String kind) throws IOException {
        try (Stream<Path> files = Files.walk(images.resolve(kind))) {
            return files.filter(Files::isRegularFile).count();
        }
    }

    private Path blob(Digest digest) {
        return images.resolve("blobs/sha256").resolve(digest.hex());
    }

    private static String message(Executable executable) {
        return String.valueOf(assertThrows(OciException.class, executable).getMessage());
    }

    @Test
    void whatTwoImagesShareIsThereOnce() throws IOException {
        pull(small, "small");
        pull(large, "large");
        assertEquals(2 + 2 + 2, count("blobs"));
        assertEquals(2 * 2, count("layers"));
        assertEquals(2, count("metadata"));
    }

    @Test
    void removingAnImageRemovesWhatOnlyItHas() throws IOException {
        pull(small, "small");
        pull(large, "large");
        Files.writeString(images.resolve("partial/sha256-" + "0".repeat(64)), "kept");

        Removal removal = store.remove("large", false);

        assertEquals(
                List.of("large:latest", "large@" + large.manifest().digest()),
                removal.untagged().stream().map(Reference::familiar).toList());
        Digest chain =
                Digest.sha256((Digest.sha256(BASE) + " " + Digest.sha256(ABOVE)).getBytes(StandardCharsets.US_ASCII));
        assertEquals(List.of(large.config().digest(), chain), removal.deleted());
        assertEquals(3, count("blobs"));
        assertEquals(2, count("layers"));
        assertEquals(1, count("metadata"));
        assertEquals(1, count("partial"));
        store.rootFiles(store.find("small"));
        close();
        open();

        assertEquals(
                List.of(small.config().digest(), Digest.sha256(BASE)),
                store.remove(small.config().digest().shortHex(), false).deleted());
        assertEquals(0, count("blobs"));
        assertEquals(0, count("layers"));
        assertEquals(0, count("metadata"));
    }

    @Test
    void aTagIsAnotherNameOfTheSame() {
        StoredImage image = pull(small, "small");
        store.tag(image, Reference.parse("localhost:5000/a/b:c"));
        assertEquals(image.id(), store.find("localhost:5000/a/b:c").id());
        assertEquals(1, store.images().size());
        assertEquals(List.of(), store.remove("small", false).deleted());
        assertEquals(image.id(), store.find("localhost:5000/a/b:c").id());
        assertEquals(
                "refusing to create a tag with a digest reference",
                message(() -> store.tag(image, Reference.parse("x@" + image.id()))));
        store.remove(image.id().toString(), true);
        assertTrue(message(() -> store.tag(image, Reference.parse("x"))).startsWith("No such image: sha256:"));
    }

    @Test
    void pruningTakesWhatNobodyNeeds() throws IOException {
        pull(small, "box");
        pull(large, "box");
        Files.writeString(blob(Digest.sha256(new byte[1])), "of a pull that failed");
        Files.writeString(images.resolve("partial/sha256-" + "0".repeat(64)), "half");
        Files.write(images.resolve("metadata/" + "0".repeat(64) + ".erofs"), new byte[4096]);

        Pruned dangling = store.prune(false);

        assertEquals(List.of(small.config().digest()), dangling.deleted(), "its layer is the other's too");
        assertEquals(1, dangling.untagged().size());
        assertTrue(dangling.reclaimedBytes() > 4096 + 25, dangling::toString);
        assertEquals(4, count("blobs"));
        assertEquals(0, count("partial"));
        assertEquals(1, count("metadata"));

        ImageUse _ = inUse.put(large.config().digest(), new ImageUse("0123456789ab", true));
        assertEquals(List.of(), store.prune(true).deleted());
        inUse.clear();
        assertEquals(3, store.prune(true).deleted().size());
        assertEquals(0, count("blobs") + count("layers") + count("metadata"));
        assertEquals(new Usage(0, 0, 0, 0), store.usage());
    }

    /** A container that begins to use an image before it is removed is seen. */
    @Test
    void asksWhatIsInUseWhileNobodyElseChangesTheStore() {
        List<Boolean> locked = new ArrayList<>();
        pull(small, "box");
        try (ImageStore asking = ImageStore.open(images, () -> {
            locked.add(isLocked());
            return Map.of();
        })) {
            asking.prune(false);
            asking.remove("box", false);
        }
        assertEquals(List.of(true, true), locked);
    }

    private boolean isLocked() {
        try (FileChannel file = FileChannel.open(images.resolve("lock"), StandardOpenOption.WRITE);
                FileLock lock = file.tryLock()) {
            return lock == null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void usageCountsEachFileOnce() throws IOException {
        pull(small, "small");
        long one = store.usage().sizeBytes();
        pull(large, "large");
        Usage both = store.usage();
        long files = 0;
        for (String kind : List.of("blobs", "layers", "metadata")) {
            try (Stream<Path> all = Files.walk(images.resolve(kind))) {
                files += all.filter(Files::isRegularFile)
                        .mapToLong(file -> file.toFile().length())
                        .sum();
            }
        }
        assertEquals(new Usage(2, 0, files, files), both);
        ImageUse _ = inUse.put(small.config().digest(), new ImageUse("0123456789ab", true));
        assertEquals(new Usage(2, 1, files, files - one), store.usage());
    }

    @Test
    void whatIsMissingOfTheRootIsMadeAgain() throws IOException {
        StoredImage image = pull(large, "large");
        RootFiles before = store.rootFiles(image);
        byte[] metadata = Files.readAllBytes(before.metadata());
        byte[] data = Files.readAllBytes(before.layers().getFirst());

        Files.delete(before.metadata());
        Files.delete(before.layers().getFirst());
        try (var file = Files.newByteChannel(before.layers().getLast(), StandardOpenOption.WRITE)) {
            file.truncate(4096);
        }

        RootFiles after = store.rootFiles(image);
        assertEquals(before, after);
        assertArrayEquals(metadata, Files.readAllBytes(after.metadata()));
        assertArrayEquals(data, Files.readAllBytes(after.layers().getFirst()));
        assertEquals(
                image.sizeBytes(),
                Files.size(after.layers().get(0)) + Files.size(after.layers().get(1)));
    }

    @Test
    void withoutItsBlobsALayerIsSaidToBeMissingAndAPullGetsIt() throws IOException {
        StoredImage image = pull(small, "small");
        Digest layer = small.layers().getFirst().digest();
        Path data = store.rootFiles(image).layers().getFirst();
        Files.delete(data);
        Files.delete(blob(layer));
        assertEquals(
                "the image store lacks " + layer
                        + "; get it again: javisor pull (or javisor load) and the image's name",
                message(() -> store.rootFiles(image)));
        assertFalse(pull(small, "small").names().isEmpty());
        assertTrue(Files.exists(data));
        store.rootFiles(image);

        Files.delete(data);
        Files.write(blob(layer), new byte[(int) small.layers().getFirst().sizeBytes()]);
        assertEquals(
                "the image store is damaged: " + layer
                        + " has another content; get it again: javisor pull (or javisor load) and the image's name",
                message(() -> store.rootFiles(image)));
        pull(small, "small");
        store.rootFiles(image);
    }

    @Test
    void aDamagedConfigurationIsSaidAndAPullGetsIt() throws IOException {
        pull(small, "small");
        pull(large, "large");
        Path config = blob(small.config().digest());
        Files.write(config, new byte[(int) small.config().sizeBytes()]);
        assertTrue(message(() -> store.find("small")).startsWith("the image store is damaged: sha256:"));
        assertEquals(1, store.images().size());
        Files.write(config, new byte[3]);
        assertTrue(message(() -> store.find("small")).contains(" has 3 bytes instead of "));

        pull(small, "small");
        assertEquals(small.config().digest(), store.find("small").id());
        Files.write(config, new byte[3]);
        Files.delete(blob(small.manifest().digest()));
        assertEquals(1, store.remove("small", false).deleted().size(), "it can go, though it can't be read");
    }

    @Test
    void aDamagedTableIsMadeAgainWhereItIsNeeded() throws IOException {
        StoredImage image = pull(small, "small");
        Path data = store.rootFiles(image).layers().getFirst();
        Path table = data.resolveSibling("table");
        Files.write(table, new byte[(int) Files.size(table)]);
        Files.delete(store.rootFiles(image).metadata());
        store.rootFiles(image);
        assertTrue(Files.readAllBytes(table)[0] != 0);
    }

    @Test
    void theFilesOfARootStayWhileTheyAreHeld() throws IOException {
        StoredImage image = pull(small, "small");
        RootFiles root = store.rootFiles(image);
        try (ImageStore other = ImageStore.open(images)) {
            other.remove("small", false);
            other.prune(true);
            assertTrue(Files.exists(root.metadata()));
            assertTrue(Files.exists(root.layers().getFirst()));
            store.close();
            other.prune(true);
            assertFalse(Files.exists(root.metadata()));
            assertEquals(0, count("blobs"));
        }
    }

    @Test
    void theDirectoryMayBeRemovedByHand() throws IOException {
        StoredImage image = pull(small, "small");
        try (Stream<Path> all = Files.walk(images)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
        assertEquals(List.of(), store.images());
        assertTrue(message(() -> store.rootFiles(image)).startsWith("No such image: "));
        pull(small, "small");
        store.rootFiles(store.find("small"));
    }

    @Test
    void theNewestImagesComeFirst() {
        pull(small, "small");
        pull(large, "large");
        assertEquals(2, store.images().size());
        assertFalse(
                store.images().get(0).stored().isBefore(store.images().get(1).stored()));
    }
}
