package io.javisor.oci.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.MediaTypes;
import io.javisor.oci.OciException;
import io.javisor.testkit.Await;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobDownloadTest {
    private static final int SIZE = 100_000;

    @TempDir
    Path directory;

    private StorePlaces places;
    private byte[] content;
    private Descriptor blob;
    private Path partial;

    @BeforeEach
    void prepare() {
        places = new StorePlaces(directory.resolve("images"));
        places.prepare();
        content = new byte[SIZE];
        new Random(7).nextBytes(content);
        blob = new Descriptor(MediaTypes.OCI_LAYER, Digest.sha256(content), SIZE);
        partial = places.partial(blob.digest());
    }

    private BlobDownload open() {
        BlobDownload download = BlobDownload.open(places, blob, _ -> {});
        download.resume();
        return download;
    }

    @Test
    void whatCameWholeIsTheBlob() throws IOException {
        try (BlobDownload download = open()) {
            download.write(content, 0, 10);
            download.write(content, 10, SIZE - 10);
            assertTrue(download.finish());
        }
        assertArrayEquals(content, Files.readAllBytes(places.blob(blob.digest())));
        assertFalse(Files.exists(partial));
    }

    @Test
    void theNextOneBeginsWhereTheLastGotTo() throws IOException {
        try (BlobDownload download = open()) {
            download.write(content, 0, 70_000);
        }
        assertEquals(70_000, Files.size(partial));
        try (BlobDownload download = open()) {
            assertEquals(70_000, download.offset());
            assertTrue(download.wasPieced());
            download.write(content, 70_000, SIZE - 70_000);
            assertTrue(download.finish());
        }
        assertArrayEquals(content, Files.readAllBytes(places.blob(blob.digest())));
    }

    @Test
    void aSourceThatCannotBeginInTheMiddleBeginsAnew() throws IOException {
        Files.write(partial, Arrays.copyOf(content, 500));
        try (BlobDownload download = open()) {
            download.restart();
            assertEquals(0, download.offset());
            download.write(content, 0, SIZE);
            assertTrue(download.finish());
        }
        assertArrayEquals(content, Files.readAllBytes(places.blob(blob.digest())));
    }

    @Test
    void ofADamagedBeginningNothingIsKept() throws IOException {
        byte[] damaged = Arrays.copyOf(content, 500);
        damaged[3]++;
        Files.write(partial, damaged);
        try (BlobDownload download = open()) {
            download.write(content, 500, SIZE - 500);
            assertFalse(download.finish());
            assertEquals(0, download.offset());
            download.write(content, 0, SIZE);
            assertTrue(download.finish());
        }
        assertArrayEquals(content, Files.readAllBytes(places.blob(blob.digest())));
    }

    @Test
    void aBeginningThatIsTooLongIsNoBeginning() throws IOException {
        Files.write(partial, new byte[SIZE + 1]);
        try (BlobDownload download = open()) {
            assertEquals(0, download.offset());
        }
    }

    @Test
    void anotherContentIsRefusedAndNotKept() throws IOException {
        try (BlobDownload download = open()) {
            content[5]++;
            download.write(content, 0, SIZE);
            String message = assertThrows(OciException.class, download::finish).getMessage();
            assertEquals(
                    "verification failed for digest " + blob.digest() + ": what came has " + Digest.sha256(content)
                            + "; try again, or tell who keeps the image",
                    message);
        }
        assertEquals(0, Files.size(partial));
        assertFalse(Files.exists(places.blob(blob.digest())));
    }

    @Test
    void moreThanItsDescriptorSaysIsRefusedAsItComes() throws IOException {
        try (BlobDownload download = open()) {
            download.write(content, 0, SIZE);
            assertEquals(
                    blob.digest() + ": more than the 100000 bytes came that its descriptor says; the image is damaged"
                            + " where it comes from",
                    assertThrows(OciException.class, () -> download.write(content, 0, 1))
                            .getMessage());
        }
        assertEquals(0, Files.size(partial));
    }

    @Test
    void lessThanItsDescriptorSaysIsKept() throws IOException {
        try (BlobDownload download = open()) {
            download.write(content, 0, 1000);
            assertEquals(
                    blob.digest() + ": 1000 bytes came, its descriptor says 100000; try again",
                    assertThrows(OciException.class, download::finish).getMessage());
        }
        assertEquals(1000, Files.size(partial));
    }

    @Test
    void itIsReadAsItComes() throws Exception {
        try (BlobDownload download = open()) {
            CountDownLatch begun = new CountDownLatch(1);
            FutureTask<byte[]> reader = new FutureTask<>(() -> {
                try (InputStream in = download.follow()) {
                    byte[] first = in.readNBytes(100);
                    begun.countDown();
                    byte[] rest = in.readAllBytes();
                    byte[] all = Arrays.copyOf(first, 100 + rest.length);
                    System.arraycopy(rest, 0, all, 100, rest.length);
                    return all;
                }
            });
            Thread thread = Thread.ofPlatform().start(reader);
            download.write(content, 0, 200);
            Await.latch(begun);
            for (int at = 200; at < SIZE; at += 300) {
                download.write(content, at, Math.min(300, SIZE - at));
            }
            assertTrue(download.finish());
            thread.join();
            assertArrayEquals(content, reader.get());
        }
    }

    @Test
    void aReaderIsToldOfAFailureAndOfAnEnd() throws Exception {
        OciException problem = new OciException("registry gone");
        BlobDownload download = open();
        try (InputStream in = download.follow()) {
            download.write(content, 0, 10);
            download.fail(problem);
            assertSame(problem, assertThrows(OciException.class, in::readAllBytes));
            assertSame(problem, assertThrows(OciException.class, () -> download.write(content, 10, 10)));
        }
        download.close();

        BlobDownload other = open();
        try (InputStream in = other.follow()) {
            other.close();
            assertThrows(OciException.class, in::readAllBytes);
        }
    }
}
