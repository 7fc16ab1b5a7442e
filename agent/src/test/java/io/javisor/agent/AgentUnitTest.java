package io.javisor.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.junit.AgentFiles;
import io.javisor.testkit.junit.HostTool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent's own tests, in C, and what it may weigh. */
class AgentUnitTest {
    private static final long MAX_SIZE_BYTES = 100_000;
    private static final long MAX_LINES = 500;
    private static final int COMPILE_SECONDS = 600;

    @TempDir
    private Path directory = Path.of("");

    @Test
    void unitTestsPassAndTheFuzzDriverRuns() throws Exception {
        HostTool.require("gcc", "gcc");
        Path log = directory.resolve("log");
        Process process = new ProcessBuilder(
                        "bash", AgentFiles.SOURCES.resolve("test").toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertTrue(process.waitFor(COMPILE_SECONDS, TimeUnit.SECONDS), "it does not end");
        } finally {
            process.destroy();
        }
        assertEquals(0, process.exitValue(), () -> read(log));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Test
    void itIsSmallAndNeedsNoLibrary() throws IOException {
        HostTool.require("musl-gcc", "musl-tools");
        Path program = directory.resolve("agent");
        HostTool.run(directory, "", "bash", AgentFiles.SOURCES.resolve("build").toString(), program.toString());
        assertTrue(Files.size(program) <= MAX_SIZE_BYTES, () -> program + " is too large");
        HostTool.require("readelf", "binutils");
        assertEquals(
                "\nThere is no dynamic section in this file.\n",
                HostTool.run(directory, "", "readelf", "-d", program.toString()));
    }

    @Test
    void noFileIsLong() throws IOException {
        try (Stream<Path> sources = Files.walk(AgentFiles.SOURCES)) {
            for (Path source : sources.filter(Files::isRegularFile).toList()) {
                try (Stream<String> lines = Files.lines(source)) {
                    assertTrue(lines.count() <= MAX_LINES, source::toString);
                }
            }
        }
    }
}
