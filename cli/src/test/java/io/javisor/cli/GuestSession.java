package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A guest that the launcher runs: what it prints, readable while it runs, and its keyboard. */
final class GuestSession implements AutoCloseable {
    /** The first time the default guest is made, and its packages are downloaded. */
    static final int FIRST_OUTPUT_SECONDS = 300;

    static final int BOOT_SECONDS = 240;
    static final int SHUTDOWN_SECONDS = 150;

    private final Process process;
    private final Transcript transcript;

    private GuestSession(Process process) {
        this.process = process;
        transcript = new Transcript(process::isAlive);
        Thread.ofPlatform().daemon().name("console-reader").start(this::read);
    }

    /** Starts {@code javisor run} with these arguments, in the calling thread's namespaces. */
    static GuestSession start(String... arguments) throws IOException {
        return start(Map.of(), arguments);
    }

    /** As above, with more in its environment. */
    static GuestSession start(Map<String, String> environment, String... arguments) throws IOException {
        return run(environment, Root.command(Checkout.LAUNCHER, "run", arguments));
    }

    /** Starts another program that has a guest's console on its standard input and output. */
    static GuestSession run(Map<String, String> environment, List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        return new GuestSession(builder.start());
    }

    /** Where vmlinuz and initramfs.cpio of the default guest are; makes it the first time. */
    static Path defaultGuest() throws IOException, InterruptedException {
        try (Program program = Program.start(
                List.of(Checkout.DIRECTORY.resolve("guest/make-guest").toString()))) {
            Program.Result result = program.awaitEnd(FIRST_OUTPUT_SECONDS);
            assertEquals(0, result.status(), result::toString);
            return Path.of(result.out().strip());
        }
    }

    private void read() {
        byte[] buffer = new byte[4096];
        try (InputStream in = process.getInputStream()) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                transcript.add(buffer, n);
            }
        } catch (IOException e) {
            // The process was ended: what was read counts.
        }
    }

    ProcessHandle process() {
        return process.toHandle();
    }

    void await(String wanted, int seconds) throws InterruptedException {
        transcript.await(wanted, seconds);
    }

    /** As {@link #await}; gives what came before it and after what was last awaited. */
    String awaitAndTake(String wanted, int seconds) throws InterruptedException {
        return transcript.awaitAndTake(wanted, seconds);
    }

    void type(String line) throws IOException {
        OutputStream in = process.getOutputStream();
        in.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        in.flush();
    }

    int awaitEnd(int seconds) throws InterruptedException {
        assertTrue(
                process.waitFor(seconds, TimeUnit.SECONDS),
                () -> "still running after " + seconds + " s:\n" + transcript);
        return process.exitValue();
    }

    /** Kills (-9) the launcher and the JVM. */
    void kill() {
        Program.kill(process);
    }

    /** All that was printed. */
    @Override
    public String toString() {
        return transcript.toString();
    }

    @Override
    public void close() {
        kill();
    }
}
