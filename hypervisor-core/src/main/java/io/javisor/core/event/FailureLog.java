package io.javisor.core.event;

import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs what handlers throw, at most once a second: a handler that fails is likely to fail each time. */
final class FailureLog {
    private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final String owner;
    private long count;
    private long logged;
    private long lastNanos;

    FailureLog(String owner) {
        this.owner = owner;
    }

    synchronized void log(String what, Throwable failure) {
        count++;
        long now = System.nanoTime();
        if (logged > 0 && now - lastNanos < INTERVAL_NANOS) {
            return;
        }
        long skipped = count - logged - 1;
        lastNanos = now;
        logged = count;
        LOG.error("{}: {} failed ({} more failures since the last such message)", owner, what, skipped, failure);
    }

    /** How often something failed. */
    synchronized long count() {
        return count;
    }
}
