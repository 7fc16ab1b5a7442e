package io.javisor.oci.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.oci.Digest;
import io.javisor.oci.OciException;
import io.javisor.oci.testing.LayerRun;
import io.javisor.oci.testing.TarBytes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layers of many files in a process whose heap is small. */
class SmallHeapTest {
    private static final int LAYERS = 10;
    private static final int FEW = 10_000;
    private static final int MANY = 150_000;

    @TempDir
    private Path directory = Path.of("");

    /** Works upon a store, and tells what came of it. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) throws IOException {
            StorePlaces places = new StorePlaces(Path.of(arguments[0]));
            Digest few = Digest.parse(arguments[1]);
            Digest many = Digest.parse(arguments[2]);
            try (StoreSession session = StoreSession.open(places);
                    InputStream blob = Files.newInputStream(Path.of(arguments[3]))) {
                say(() -> RootMetadata.make(places, session, "few", Collections.nCopies(LAYERS, few), -1) > 0);
                say(() -> RootMetadata.make(places, session, "many", List.of(many), -1));
                say(() -> LayerFiles.unpack(session, "layer", many, blob, _ -> {}));
            }
        }

        private interface Work {
            Object run();
        }

        private static void say(Work work) {
            try {
                System.out.println(work.run());
            } catch (OciException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    private byte[] tar(int files) {
        TarBytes tar = new TarBytes();
        for (int i = 0; i < files; i++) {
            tar.file("f" + i, "");
        }
        return tar.end();
    }

    private Digest layer(StorePlaces places, byte[] tar) throws IOException {
        LayerRun run = LayerRun.of(directory.resolve("data"), tar);
        Path table = places.table(run.result().diffId());
        Files.createDirectories(table.getParent());
        try (var channel = StorePlaces.create(table)) {
            run.table().write(channel);
        }
        return run.result().diffId();
    }

    private List<String> child(String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx16m",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName());
        builder.command().addAll(List.of(arguments));
        Process process = builder.redirectErrorStream(true).start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, process.waitFor(), said);
            return said.lines().toList();
        } finally {
            process.destroyForcibly();
        }
    }

    /** Many layers need no more than one; and what does not fit ends in one line. */
    @Test
    void holdsOneLayerAtATimeAndSaysWhichOneIsTooLarge() throws IOException, InterruptedException {
        StorePlaces places = new StorePlaces(directory.resolve("images"));
        try (StoreSession _ = StoreSession.open(places)) {
            // For its directories alone.
        }
        byte[] tar = tar(MANY);
        Path blob = Files.write(directory.resolve("blob"), tar);
        Digest few = layer(places, tar(FEW));
        Digest many = layer(places, tar);

        List<String> said = child(places.root().toString(), few.toString(), many.toString(), blob.toString());

        String line =
                ": it has more files than fit in memory: javisor has 15 MiB of it; take an image with fewer files";
        assertEquals(List.of("true", "many" + line, "layer" + line), said);
        try (var metadata = Files.list(places.root().resolve("metadata"))) {
            assertEquals(1, metadata.count());
        }
        assertTrue(Files.notExists(places.data(many)));
    }

    /** Whatever is too large: nothing of it stays, and the session goes on. */
    @Test
    void removesWhatIsHalfUnpacked() throws IOException {
        StorePlaces places = new StorePlaces(directory.resolve("images"));
        InputStream blob = new InputStream() {
            @Override
            public int read() {
                throw new OutOfMemoryError("Java heap space");
            }

            @Override
            public int read(byte[] bytes, int offset, int length) {
                throw new OutOfMemoryError("Java heap space");
            }
        };
        try (StoreSession session = StoreSession.open(places)) {
            OciException refused = assertThrows(
                    OciException.class,
                    () -> LayerFiles.unpack(session, "layer", Digest.sha256(new byte[0]), blob, _ -> {}));
            assertTrue(
                    String.valueOf(refused.getMessage()).startsWith("layer: it has more files than fit in memory: "));
            try (var sessions = Files.list(places.temporary())) {
                for (Path own : sessions.toList()) {
                    try (var left = Files.list(own)) {
                        assertEquals(0, left.count());
                    }
                }
            }
        }
    }
}
