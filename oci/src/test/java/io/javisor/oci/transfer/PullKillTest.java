package io.javisor.oci.transfer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.oci.Descriptor;
import io.javisor.oci.Platform;
import io.javisor.oci.Reference;
import io.javisor.oci.TransferListener;
import io.javisor.oci.store.ImageStore;
import io.javisor.oci.store.RootFiles;
import io.javisor.testkit.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pulls in processes of their own, of which some are killed. */
class PullKillTest {
    private static final int KILLS = 20;
    private static final int CHUNK = 8 << 10;
    private static final Reference NAME = Reference.parse("localhost:5000/box:1");

    @TempDir
    Path directory;

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void endAll() throws InterruptedException {
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
    }

    private static TestImage image() {
        return TestImage.of(
                TestImage.Format.OCI,
                TestImage.Packing.PLAIN,
                "amd64",
                TestImage.tar("a", 5_000_000),
                TestImage.tar("b", 700_000),
                TestImage.tar("c", 30_000));
    }

    /** Pulls slowly, and tells of each chunk that is written, and of the end. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) {
            TestImage image = image();
            MemorySource source = new MemorySource(image);
            boolean slow = arguments[1].equals("slow");
            source.giving((blob, sink) -> {
                byte[] bytes = source.bytes(blob);
                while (sink.offset() < bytes.length) {
                    MemorySource.give(bytes, sink, sink.offset() + CHUNK);
                    say(blob.digest() + " " + sink.offset());
                    if (slow) {
                        Await.sleep(1);
                    }
                }
            });
            try (ImageStore store = ImageStore.open(Path.of(arguments[0]))) {
                Pull.run(source, Optional.of(NAME), Platform.LINUX_AMD64, store, TransferListener.NONE);
            }
            say("done");
        }

        private static synchronized void say(String line) {
            System.out.println(line);
            System.out.flush();
        }
    }

    private Process start(Path images, String speed) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xshare:auto",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        images.toString(),
                        speed)
                .redirectError(directory.resolve("child.err").toFile())
                .start();
        processes.add(process);
        return process;
    }

    private void assertWhole(Path images) throws IOException {
        TestImage image = image();
        try (ImageStore store = ImageStore.open(images)) {
            RootFiles root = store.rootFiles(store.find(NAME.familiar()));
            assertEquals(3, root.layers().size());
            for (Descriptor layer : image.layers()) {
                assertArrayEquals(
                        image.blobs().get(layer.digest()),
                        Files.readAllBytes(images.resolve("blobs/sha256")
                                .resolve(layer.digest().hex())));
            }
            assertEquals(0, store.prune(false).reclaimedBytes(), "nothing is left of those that were killed");
            for (String left : List.of("tmp", "sessions", "locks", "partial")) {
                // That of this store's own session alone.
                long own = left.equals("tmp") || left.equals("sessions") ? 1 : 0;
                try (var files = Files.list(images.resolve(left))) {
                    assertEquals(own, files.count(), left);
                }
            }
        }
    }

    @Test
    void killsLoseAtMostAChunkAndDamageNothing() throws Exception {
        Path images = directory.resolve("images");
        Random random = new Random(18);
        Map<String, Long> written = new HashMap<>();
        int killed = 0;
        for (int round = 0; round < KILLS; round++) {
            Process child = start(images, "slow");
            int after = random.nextInt(30);
            try (BufferedReader lines = child.inputReader(StandardCharsets.US_ASCII)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.equals("done")) {
                        break;
                    }
                    String[] words = line.split(" ", -1);
                    long before = written.getOrDefault(words[0], 0L);
                    long offset = Long.parseLong(words[1]);
                    assertTrue(offset > before, () -> words[0] + " was at " + before + " and is at " + words[1]);
                    written.put(words[0], offset);
                    if (after-- == 0) {
                        child.toHandle().destroyForcibly(); // SIGKILL, and what it said before can still be read
                        killed++;
                    }
                }
            }
            child.waitFor();
            if (Files.exists(images.resolve("references.json"))) {
                break;
            }
        }
        assertEquals(KILLS, killed, () -> read(directory.resolve("child.err")));
        Process last = start(images, "fast");
        last.getInputStream().readAllBytes();
        assertEquals(0, last.waitFor(), () -> read(directory.resolve("child.err")));
        assertWhole(images);
    }

    @Test
    void twoProcessesFetchABlobOnce() throws Exception {
        Path images = directory.resolve("images");
        Process one = start(images, "slow");
        Process other = start(images, "slow");
        String first = new String(one.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        String second = new String(other.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertTrue(one.waitFor(Await.TIMEOUT_SECONDS, TimeUnit.SECONDS));
        assertTrue(other.waitFor(Await.TIMEOUT_SECONDS, TimeUnit.SECONDS));
        assertTrue(first.endsWith("done\n") && second.endsWith("done\n"), () -> read(directory.resolve("child.err")));
        for (Descriptor layer : image().layers()) {
            String digest = layer.digest().toString();
            assertFalse(first.contains(digest) && second.contains(digest), digest + " came twice");
        }
        assertWhole(images);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
