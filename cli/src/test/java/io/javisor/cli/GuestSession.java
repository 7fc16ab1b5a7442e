package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** A guest by the launcher, as a user starts it: what it prints, readable while it runs, and what is typed. */
final class GuestSession implements AutoCloseable {
    private final Process process;
    private final Transcript transcript;

    GuestSession(String... arguments) throws IOException {
        String[] command = new String[arguments.length + 2];
        command[0] = Checkout.LAUNCHER.toString();
        command[1] = "run";
        System.arraycopy(arguments, 0, command, 2, arguments.length);
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
        transcript = new Transcript(process::isAlive);
        Thread.ofPlatform().daemon().name("console-reader").start(this::read);
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

    /** Kills (-9) the launcher and the JVM. */
    void kill() {
        Program.kill(process);
    }

    int awaitEnd(int seconds) throws InterruptedException {
        assertTrue(
                process.waitFor(seconds, TimeUnit.SECONDS),
                () -> "still running after " + seconds + " s:\n" + transcript);
        return process.exitValue();
    }

    @Override
    public void close() {
        kill();
    }
}
