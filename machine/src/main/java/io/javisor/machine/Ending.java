package io.javisor.machine;

import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How a machine ended, for those who wait for that. Any thread. */
final class Ending {
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile @Nullable Outcome outcome;

    /** Says it, once. */
    void tell(Outcome last) {
        outcome = last;
        ended.countDown();
    }

    Outcome await() throws InterruptedException {
        ended.await();
        return Objects.requireNonNull(outcome);
    }

    /** Null if the time runs out first. */
    @Nullable
    Outcome await(long timeoutMillis) throws InterruptedException {
        return ended.await(timeoutMillis, TimeUnit.MILLISECONDS) ? outcome : null;
    }
}
