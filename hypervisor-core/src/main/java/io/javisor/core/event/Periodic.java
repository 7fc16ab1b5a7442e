package io.javisor.core.event;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** An action done again and again, on a thread of its own, until it is closed; one that is under way then may still end. */
public final class Periodic implements AutoCloseable {
    private final CountDownLatch end = new CountDownLatch(1);

    /** The first time after one {@code period}. */
    public Periodic(String name, Duration period, Runnable action) {
        Thread.ofPlatform().daemon().name(name).start(() -> {
            try {
                while (!end.await(period.toNanos(), TimeUnit.NANOSECONDS)) {
                    action.run();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Override
    public void close() {
        end.countDown();
    }
}
