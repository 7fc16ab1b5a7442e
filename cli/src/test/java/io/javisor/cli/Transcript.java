package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** What a guest prints, awaited piece by piece by one thread while another adds to it. */
final class Transcript {
    private static final long LOOK_AGAIN_MILLIS = 1000;

    private final BooleanSupplier alive;
    private final StringBuilder text = new StringBuilder(); // guarded by itself
    private int seen;

    /** Waiting ends early when what prints is no longer {@code alive}. */
    Transcript(BooleanSupplier alive) {
        this.alive = alive;
    }

    void add(byte[] bytes, int count) {
        synchronized (text) {
            text.append(new String(bytes, 0, count, StandardCharsets.ISO_8859_1));
            text.notifyAll();
        }
    }

    /** Waits for text that comes after what was last awaited. */
    void await(String wanted, int seconds) throws InterruptedException {
        String _ = awaitAndTake(wanted, seconds);
    }

    /** As {@link #await}; gives what came before it and after what was last awaited. */
    String awaitAndTake(String wanted, int seconds) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        synchronized (text) {
            int at = text.indexOf(wanted, seen);
            while (at < 0) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                assertTrue(left > 0, () -> "no '" + wanted + "' within " + seconds + " s in:\n" + text);
                assertTrue(alive.getAsBoolean(), () -> "ended without '" + wanted + "':\n" + text);
                text.wait(Math.min(left, LOOK_AGAIN_MILLIS));
                at = text.indexOf(wanted, seen);
            }
            String before = text.substring(seen, at);
            seen = at + wanted.length();
            return before;
        }
    }

    @Override
    public String toString() {
        synchronized (text) {
            return text.toString();
        }
    }
}
