package io.javisor.oci.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Libc;
import io.javisor.oci.OciException;
import io.javisor.oci.Platform;
import io.javisor.oci.Reference;
import io.javisor.oci.TransferListener;
import io.javisor.oci.store.ImageStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a file system of its own, of 2 MiB. */
class FullDiskTest {
    @TempDir
    Path directory;

    private Path disk;
    private boolean mounted;

    @BeforeEach
    void mount() throws Exception {
        Assumptions.assumeTrue(Libc.geteuid() == 0, "skipped: only root may mount a small file system to fill");
        disk = Files.createDirectory(directory.resolve("disk"));
        mounted = run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk.toString()) == 0;
        Assumptions.assumeTrue(mounted, "skipped: no tmpfs can be mounted here");
    }

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            assertEquals(0, run("umount", disk.toString()));
        }
    }

    private int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("mount.log").toFile())
                .start()
                .waitFor();
    }

    private static void pull(ImageStore store, String name, TestImage image) {
        Pull.run(
                new MemorySource(image),
                Optional.of(Reference.parse(name)),
                Platform.LINUX_AMD64,
                store,
                TransferListener.NONE);
    }

    private void assertNothingHalfMade(ImageStore store, Path images) throws IOException {
        assertEquals(List.of(), store.images());
        for (String kind : List.of("tmp", "sessions", "locks", "layers/sha256", "metadata")) {
            try (Stream<Path> files = Files.list(images.resolve(kind))) {
                assertEquals(List.of(), files.toList());
            }
        }
    }

    @Test
    void aBlobThatDoesNotFitIsSaidInOneLineAndPruningMakesRoom() throws IOException {
        Path images = disk.resolve("images");
        TestImage large = TestImage.of(TestImage.tar("large", 4 << 20));
        try (ImageStore store = ImageStore.open(images)) {
            String message = String.valueOf(assertThrows(OciException.class, () -> pull(store, "large", large))
                    .getMessage());
            assertTrue(message.startsWith("can't write " + images + "/"), message);
            assertTrue(
                    message.endsWith(
                            ": no space left on device; make room there (javisor image prune removes what no image"
                                    + " needs), or set XDG_DATA_HOME to a directory on another disk"),
                    message);
            assertNothingHalfMade(store, images);

            assertTrue(store.prune(false).reclaimedBytes() > 1 << 19);
            pull(store, "small", TestImage.of(TestImage.tar("small", 200_000)));
            store.rootFiles(store.find("small"));
        }
    }

    @Test
    void filesOfALayerThatDoNotFitAreSaidAndNotKept() throws IOException {
        Path images = disk.resolve("images");
        TestImage inflating = TestImage.of(TestImage.tar("zeros", new byte[4 << 20]));
        try (ImageStore store = ImageStore.open(images)) {
            String message = String.valueOf(assertThrows(OciException.class, () -> pull(store, "large", inflating))
                    .getMessage());
            assertTrue(message.contains(": no space left on device; make room there "), message);
            assertNothingHalfMade(store, images);
        }
    }

    @Test
    void onAFullDiskAnImageCanBeRemoved() throws IOException {
        Path images = disk.resolve("images");
        try (ImageStore store = ImageStore.open(images)) {
            pull(store, "small", TestImage.of(TestImage.tar("small", 200_000)));
            pull(store, "other", TestImage.of(TestImage.tar("other", 1000)));
            // What an earlier pull left takes the rest.
            assertThrows(OciException.class, () -> pull(store, "large", TestImage.of(TestImage.tar("large", 4 << 20))));
            fill(images.resolve("partial/sha256-0"));
            store.remove("small", false);
            assertEquals(1, store.images().size());
        }
    }

    @Test
    void onADiskThatOthersFilledAnImageCanBeRemoved() throws IOException {
        Path images = disk.resolve("images");
        try (ImageStore store = ImageStore.open(images)) {
            pull(store, "small", TestImage.of(TestImage.tar("small", 200_000)));
            pull(store, "other", TestImage.of(TestImage.tar("other", 1000)));
            fill(disk.resolve("else"));
            store.remove("small", false);
            assertEquals(1, store.images().size());
        }
    }

    private static void fill(Path file) throws IOException {
        try (var channel = Files.newByteChannel(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            while (true) {
                channel.write(ByteBuffer.allocate(4096));
            }
        } catch (IOException full) {
            assertTrue(String.valueOf(full.getMessage()).contains("No space left"), full::toString);
        }
    }
}
