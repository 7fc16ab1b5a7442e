package io.javisor.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.junit.KvmTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the design promises of the exit path, seen by JFR in a fresh JVM: see {@link ExitPathProbe}. */
@KvmTest
class ExitPathTest {
    @Test
    void fromTheSecondAccessOnNoClassIsLoadedAndNothingAllocated(@TempDir Path directory)
            throws IOException, InterruptedException {
        List<String> lines = probe(directory);
        assertFalse(starting(lines, "first out1 ").isEmpty(), "the first access of all loads some: " + lines);
        assertEquals(List.of(), starting(lines, "later "));
        List<String> allocated = starting(lines, "allocated ");
        assertEquals(AccessGuest.KINDS.size(), allocated.size());
        for (String line : allocated) {
            String[] fields = line.split(" ", -1);
            assertEquals("0", fields[3], line);
            // The JVM's own work may count a little there; one object an access would be 16 bytes each at least.
            assertTrue(Long.parseLong(fields[2]) < 16 * ExitPathProbe.BATCH, line);
        }
    }

    private static List<String> starting(List<String> lines, String prefix) {
        return lines.stream().filter(line -> line.startsWith(prefix)).toList();
    }

    private static List<String> probe(Path directory) throws IOException, InterruptedException {
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ExitPathProbe.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertTrue(process.waitFor(120, TimeUnit.SECONDS));
            List<String> lines = Files.readAllLines(output);
            assertEquals(0, process.exitValue(), String.join("\n", lines));
            return lines;
        } finally {
            process.destroyForcibly();
        }
    }
}
