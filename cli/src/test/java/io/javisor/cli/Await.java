package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waiting in tests, with an end. */
final class Await {
    static final int TIMEOUT_SECONDS = 60;

    private Await() {}

    /** Asks {@code condition} until it holds. */
    static void until(Supplier<String> what, BooleanSupplier condition) throws InterruptedException {
        until(what, TIMEOUT_SECONDS, condition);
    }

    /** As above, for at most {@code seconds}. */
    static void until(Supplier<String> what, int seconds, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, () -> "not within " + seconds + " s: " + what.get());
            Thread.sleep(2);
        }
    }
}
