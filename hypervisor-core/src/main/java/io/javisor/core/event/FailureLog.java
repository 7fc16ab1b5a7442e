package io.javisor.core.event;

import io.javisor.core.log.LogLimit;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs what handlers throw, at most once a second: a handler that fails is likely to fail each time. */
final class FailureLog {
    private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final String owner;
    private final LogLimit limit = new LogLimit(INTERVAL_NANOS);
    private long count;

    FailureLog(String owner) {
        this.owner = owner;
    }

    synchronized void log(String what, Throwable failure) {
        count++;
        limit.error(LOG, "{}: {} failed", owner, what, failure);
    }

    /** How often something failed. */
    synchronized long count() {
        return count;
    }
}
