package io.javisor.emulator.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Made-up guests in a process of their own, which none of them may end. {@code -Djavisor.hostile.inputs=N} has it be more of them. */
class HostileCodeTest {
    private static final int INPUTS = Integer.getInteger("javisor.hostile.inputs", 300);
    private static final long FIRST_SEED = Long.getLong("javisor.hostile.seed", 1);

    @TempDir
    private Path directory = Path.of("");

    @Test
    @Timeout(value = 4, unit = TimeUnit.HOURS)
    void noneEndsTheProcessOrLeavesItsMemory() throws Exception {
        Path input = directory.resolve("input");
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx512m",
                        "-XX:-CreateCoredumpOnCrash",
                        "-XX:ErrorFile=" + directory.resolve("error"),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        HostileInputs.class.getName(),
                        Long.toString(FIRST_SEED),
                        Integer.toString(INPUTS),
                        input.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            long seconds = 60L + INPUTS / 2;
            assertTrue(process.waitFor(seconds, TimeUnit.SECONDS), () -> "hangs at " + hex(input));
            assertEquals(0, process.exitValue(), () -> text(output) + "\nended at " + hex(input));
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static String hex(Path file) {
        try {
            return HexFormat.of().formatHex(Files.readAllBytes(file));
        } catch (IOException e) {
            return e.toString();
        }
    }
}
