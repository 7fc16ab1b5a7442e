package io.javisor.machine.host;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The last that passt(1) wrote, however much that was. It is read as it comes, so that passt never waits for it. Any thread. */
final class PasstLog {
    /** As much is kept. */
    static final int MAX_BYTES = 16 << 10;

    private static final long END_TIMEOUT_MILLIS = 1000;

    private final Thread reader;
    private byte[] kept = new byte[0]; // guarded by this

    /** Reads {@code output} until it ends, and closes it then. */
    PasstLog(InputStream output) {
        reader = Thread.ofPlatform().name("passt/log").daemon().start(() -> read(output));
    }

    private void read(InputStream output) {
        byte[] buffer = new byte[4096];
        try (output) {
            for (int count = output.read(buffer); count >= 0; count = output.read(buffer)) {
                keep(buffer, count);
            }
        } catch (IOException e) {
            byte[] words = ("its output can't be read: " + e.getMessage() + "\n").getBytes(StandardCharsets.UTF_8);
            keep(words, words.length);
        }
    }

    private synchronized void keep(byte[] bytes, int count) {
        int old = Math.min(kept.length, MAX_BYTES - count);
        byte[] both = Arrays.copyOfRange(kept, kept.length - old, kept.length + count);
        System.arraycopy(bytes, 0, both, old, count);
        kept = both;
    }

    /** What it wrote last, without what it says of a host without syslog. */
    synchronized String text() {
        return new String(kept, StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.isBlank() && !line.matches("Failed to send \\d+ bytes to syslog"))
                .collect(Collectors.joining("\n"));
    }

    /** The last line that it wrote, or that there is none. For one that has ended waits until all is read. */
    String lastWords(boolean ended) throws InterruptedException {
        if (ended) {
            reader.join(END_TIMEOUT_MILLIS);
        }
        String last = text().lines().reduce("", (_, line) -> line);
        return last.isEmpty() ? "nothing" : last;
    }
}
