package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program that a test runs without a terminal. It ends, with all that it started, when the test does. */
final class Program implements AutoCloseable {
    /** Status, standard output and standard error of a program that has ended. */
    record Result(int status, String out, String err) {
        /** It failed with one line that has {@code parts}, and no stack trace. */
        void assertFailed(int expectedStatus, String... parts) {
            assertEquals(expectedStatus, status, this::toString);
            assertEquals("", out);
            assertEquals(1, err.lines().count(), this::toString);
            for (String part : parts) {
                assertTrue(err.contains(part), () -> "no '" + part + "' in: " + err);
            }
            assertFalse(err.contains("\tat ") || err.contains("Exception"), err);
        }
    }

    private final Path out = Files.createTempFile("javisor-test", ".out");
    private final Path err = Files.createTempFile("javisor-test", ".err");
    private final Process process;

    private Program(List<String> command) throws IOException {
        process = new ProcessBuilder(command)
                .redirectInput(new java.io.File("/dev/null"))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
    }

    static Program start(List<String> command) throws IOException {
        return new Program(command);
    }

    /** Runs it to its end. */
    static Result run(List<String> command) throws IOException, InterruptedException {
        try (Program program = start(command)) {
            return program.awaitEnd(Await.TIMEOUT_SECONDS);
        }
    }

    static Result run(String... command) throws IOException, InterruptedException {
        return run(List.of(command));
    }

    Process process() {
        return process;
    }

    /** What it has printed so far. */
    String printed() {
        try {
            return Files.readString(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Result awaitEnd(int seconds) throws IOException, InterruptedException {
        boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
        String printed = printed();
        String complaints = Files.readString(err);
        assertTrue(ended, () -> "still running after " + seconds + " s: " + complaints + printed);
        return new Result(process.exitValue(), printed, complaints);
    }

    /** Kills a process and its descendants, and waits for its end. */
    static void kill(Process process) {
        List<ProcessHandle> descendants = process.descendants().toList();
        process.destroyForcibly();
        descendants.forEach(ProcessHandle::destroyForcibly);
        process.onExit().orTimeout(Await.TIMEOUT_SECONDS, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() throws IOException {
        kill(process);
        Files.delete(out);
        Files.delete(err);
    }
}
