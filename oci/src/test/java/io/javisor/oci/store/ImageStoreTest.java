package io.javisor.oci.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Libc;
import io.javisor.oci.OciException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class ImageStoreTest {
    @TempDir
    Path directory;

    private Path made() {
        Path images = directory.resolve("images");
        try (ImageStore store = ImageStore.open(images);
                ImageWriter _ = store.writer()) {
            return images;
        }
    }

    private static String message(Executable executable) {
        return String.valueOf(assertThrows(OciException.class, executable).getMessage());
    }

    @Test
    void itIsWhereTheEnvironmentSays() {
        assertEquals(
                Path.of("/data/javisor/images"),
                ImageStore.defaultDirectory(Map.of("XDG_DATA_HOME", "/data", "HOME", "/home/x")));
        Path home = Path.of("/home/x/.local/share/javisor/images");
        assertEquals(home, ImageStore.defaultDirectory(Map.of("HOME", "/home/x")));
        assertEquals(home, ImageStore.defaultDirectory(Map.of("XDG_DATA_HOME", "data", "HOME", "/home/x")));
        assertEquals(home, ImageStore.defaultDirectory(Map.of("XDG_DATA_HOME", "", "HOME", "/home/x")));
        assertEquals(
                "neither XDG_DATA_HOME nor HOME is set, so there is no place to keep images; set one to a directory of"
                        + " yours",
                message(() -> ImageStore.defaultDirectory(Map.of())));
    }

    @Test
    void whoOnlyLooksMakesNothing() {
        Path images = directory.resolve("images");
        try (ImageStore store = ImageStore.open(images)) {
            assertEquals(List.of(), store.images());
            assertEquals(new Usage(0, 0, 0, 0), store.usage());
            assertEquals(new Pruned(List.of(), List.of(), 0), store.prune(true));
            assertEquals("No such image: box:latest", message(() -> store.find("box")));
            assertEquals("No such image: box:latest", message(() -> store.remove("box", true)));
        }
        assertFalse(Files.exists(images));
    }

    @Test
    void itIsForItsUserAlone() throws IOException {
        Path images = made();
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(images)));
        assertEquals(
                "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(images.resolve("version"))));
        Files.setPosixFilePermissions(images, PosixFilePermissions.fromString("rwxr-x---"));
        assertEquals(
                "others may enter the directory " + images + "; run: chmod 700 " + images,
                message(() -> ImageStore.open(images)));
    }

    @Test
    void thatOfANewerJavisorIsLeftAlone() throws IOException {
        Path images = made();
        Files.writeString(images.resolve("version"), "2\n");
        assertEquals(
                "the image store " + images
                        + " is of a newer javisor: its version is 2, and this one knows 1; use that javisor, or set"
                        + " XDG_DATA_HOME to another directory",
                message(() -> ImageStore.open(images)));
        Files.writeString(images.resolve("version"), "x");
        assertTrue(message(() -> ImageStore.open(images)).contains(" is damaged: its file version has no number"));
        Files.write(images.resolve("version"), new byte[1000]);
        assertTrue(message(() -> ImageStore.open(images)).contains(" is damaged: its file version has no number"));
    }

    @Test
    void aDamagedListOfImagesIsSaidAndNotLost() throws IOException {
        Path images = made();
        Path list = Files.writeString(images.resolve("references.json"), "{\"images\":[");
        try (ImageStore store = ImageStore.open(images)) {
            for (Executable use : List.<Executable>of(
                    store::images,
                    () -> store.find("box"),
                    () -> store.remove("box", true),
                    () -> store.prune(true),
                    store::usage)) {
                assertTrue(message(use).startsWith("the list of images " + list + " is damaged: no JSON"));
            }
        }
        assertEquals("{\"images\":[", Files.readString(list));
    }

    @Test
    void somethingElseAtItsPlaceIsSaid() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");
        assertEquals(
                file + " is not a directory; set XDG_DATA_HOME to one of yours", message(() -> ImageStore.open(file)));
        try (ImageStore store = ImageStore.open(file.resolve("images"))) {
            assertTrue(message(store::writer).startsWith("can't make the image store in " + file + "/images: "));
        }
    }

    @Test
    void aDirectoryThatCannotBeWrittenToIsSaid() throws IOException {
        Assumptions.assumeTrue(Libc.geteuid() != 0, "skipped: root may write to each directory");
        Path parent = Files.createDirectory(directory.resolve("parent"));
        Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("r-x------"));
        try (ImageStore store = ImageStore.open(parent.resolve("images"))) {
            assertEquals(
                    "can't make the image store in " + parent
                            + "/images: permission denied; set XDG_DATA_HOME to a directory of yours",
                    message(store::writer));
        }
    }

    @Test
    void aSystemWithoutWritingIsSaid() throws IOException {
        Path readOnly = Path.of("/sys/kernel");
        Assumptions.assumeTrue(Files.isDirectory(readOnly), "skipped: no /sys/kernel");
        try (ImageStore store = ImageStore.open(readOnly.resolve("javisor"))) {
            assertTrue(message(store::writer).startsWith("can't make the image store in /sys/kernel/javisor: "));
        }
    }

    @Test
    void whatDeadProcessesLeftIsSweptUp() throws IOException {
        Path images = made();
        Files.createDirectories(images.resolve("tmp/0123456789abcdef/0"));
        Files.writeString(images.resolve("tmp/0123456789abcdef/0/data"), "half");
        Files.writeString(images.resolve("sessions/0123456789abcdef"), "blobs/sha256/x\n");
        Files.writeString(images.resolve("references.json.new"), "half");
        try (ImageStore store = ImageStore.open(images);
                ImageWriter _ = store.writer()) {
            assertFalse(Files.exists(images.resolve("tmp/0123456789abcdef")));
            assertFalse(Files.exists(images.resolve("sessions/0123456789abcdef")));
            assertEquals(1, count(images.resolve("sessions")), "the one at work");
        }
        Files.createFile(images.resolve("locks/blobs-sha256-0"));
        Files.writeString(images.resolve("partial/sha256-0"), "half");
        try (ImageStore store = ImageStore.open(images)) {
            assertEquals(4, store.prune(false).reclaimedBytes());
        }
        assertFalse(Files.exists(images.resolve("locks/blobs-sha256-0")));
        assertFalse(Files.exists(images.resolve("partial/sha256-0")));
    }

    @Test
    void aSessionAtWorkIsNotSweptUp() throws IOException {
        Path images = made();
        try (ImageStore store = ImageStore.open(images);
                ImageWriter _ = store.writer()) {
            try (ImageWriter _ = store.writer()) {
                assertEquals(2, count(images.resolve("tmp")));
                assertEquals(0, store.prune(true).reclaimedBytes());
                assertEquals(2, count(images.resolve("tmp")));
            }
            assertEquals(1, count(images.resolve("tmp")));
        }
        assertEquals(0, count(images.resolve("tmp")));
    }

    private static long count(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.count();
        }
    }
}
