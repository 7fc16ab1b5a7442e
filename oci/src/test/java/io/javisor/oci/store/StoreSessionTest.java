package io.javisor.oci.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left of somebody at work in a store whose process is told to end. */
class StoreSessionTest {
    @TempDir
    private Path directory = Path.of("");

    /** The process. */
    static final class Worker {
        private Worker() {}

        @SuppressWarnings("SystemOut") // to the test
        public static void main(String[] arguments) throws IOException, InterruptedException {
            try (StoreSession session = StoreSession.open(new StorePlaces(Path.of(arguments[0])))) {
                Path layer = Files.createDirectory(session.fresh());
                Files.write(layer.resolve(StorePlaces.DATA), new byte[1000]);
                System.out.println("at work");
                Thread.sleep(60_000);
            }
        }
    }

    private Process work() throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Worker.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader reader = process.inputReader();
        assertEquals("at work", reader.readLine());
        return process;
    }

    @Test
    void whatIsHalfDoneGoesWithAProcessThatIsToldToEnd() throws Exception {
        Process process = work();
        process.destroy();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(List.of(), StorePlaces.list(directory.resolve("tmp")));
    }

    @Test
    void whatIsHalfDoneCountsAndGoesWithTheNextAtWork() throws Exception {
        Process process = work();
        process.destroyForcibly();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        try (ImageStore store = ImageStore.open(directory)) {
            assertEquals(new Usage(0, 0, 1000, 1000), store.usage());
        }
        try (StoreSession _ = StoreSession.open(new StorePlaces(directory));
                ImageStore store = ImageStore.open(directory)) {
            assertEquals(new Usage(0, 0, 0, 0), store.usage());
        }
    }
}
