package io.javisor.core.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

class PeriodicTest {
    @Test
    void anActionIsDoneUntilItIsClosed() throws InterruptedException {
        Semaphore done = new Semaphore(0);
        Semaphore may = new Semaphore(3);
        try (Periodic _ = new Periodic("test", Duration.ofMillis(1), () -> {
            may.acquireUninterruptibly();
            done.release();
        })) {
            done.acquire(3);
        }
        // It may have begun the fourth before the end, and no fifth.
        may.release(2);
        Thread.sleep(50);
        assertTrue(done.availablePermits() <= 1);
    }

    @Test
    void nothingIsDoneBeforeThePeriodIsOver() throws InterruptedException {
        Semaphore done = new Semaphore(0);
        try (Periodic _ = new Periodic("test", Duration.ofHours(1), done::release)) {
            Thread.sleep(20);
            assertEquals(0, done.availablePermits());
        }
    }
}
