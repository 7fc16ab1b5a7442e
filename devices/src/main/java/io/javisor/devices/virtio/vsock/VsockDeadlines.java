package io.javisor.devices.virtio.vsock;

import io.javisor.core.event.Timer;
import io.javisor.core.event.Timers;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** How long a guest is waited for, by one timer for all connections. On the loop. */
final class VsockDeadlines implements AutoCloseable {
    /** A guest answers at once, unless it is very busy. */
    private static final long REQUEST_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** As Linux waits for the other side. */
    private static final long CLOSE_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(8);

    /** Deadlines that are nearer are kept by one expiry. */
    private static final long GRANULARITY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final VsockConnections connections;
    private final LongSupplier clock;
    private final Timer timer;
    private final Runnable expired;
    private long armedForNanos; // 0 while none is waited for

    /**
     * @param clock nanoseconds, monotonic
     * @param expired what runs after connections have expired
     */
    VsockDeadlines(String name, VsockConnections connections, LongSupplier clock, Timers timers, Runnable expired) {
        this.connections = connections;
        this.clock = clock;
        this.expired = expired;
        this.timer = timers.newTimer(name, this::expire);
    }

    /** The guest was asked for it. */
    void requested(VsockConnection connection) {
        set(connection, REQUEST_TIMEOUT_NANOS);
    }

    /** The guest was told that the host has ended it. */
    void closing(VsockConnection connection) {
        set(connection, CLOSE_TIMEOUT_NANOS);
    }

    private void set(VsockConnection connection, long delayNanos) {
        connection.deadlineNanos = clock.getAsLong() + delayNanos;
        if (armedForNanos == 0 || connection.deadlineNanos < armedForNanos) {
            armedForNanos = connection.deadlineNanos;
            timer.schedule(delayNanos);
        }
    }

    private void expire() {
        long now = clock.getAsLong();
        long next = 0;
        for (VsockConnection connection : connections.all()) {
            long due = connection.deadlineNanos;
            if (due != 0 && due <= now) {
                connection.expire();
                connections.settle(connection);
            } else if (due != 0 && (next == 0 || due < next)) {
                next = due;
            }
        }
        armedForNanos = next;
        if (next != 0) {
            timer.schedule(Math.max(next - now, GRANULARITY_NANOS));
        }
        expired.run();
    }

    /** There are no connections any more. */
    void cancel() {
        timer.cancel();
        armedForNanos = 0;
    }

    @Override
    public void close() {
        timer.close();
    }
}
