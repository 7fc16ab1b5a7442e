package io.javisor.devices.virtio.block;

import io.javisor.core.event.Timers;
import io.javisor.devices.backend.TokenBucket;
import io.javisor.devices.backend.TokenLevels;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The rate limits of a disk: requests and bytes, each with a second's burst of a tenth. On the event loop only. */
final class BlockLimits implements AutoCloseable {
    private static final int BURST_PART = 10;
    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final BlockDeviceConfig config;
    private final @Nullable TokenBucket requests;
    private final @Nullable TokenBucket bytes;

    /** @param refilled runs on the loop when a request that was not admitted may be now */
    BlockLimits(
            String id,
            BlockDeviceConfig config,
            TokenLevels levels,
            LongSupplier clock,
            Timers timers,
            Runnable refilled) {
        this.config = config;
        requests = bucket(id + "/iops", config.requestsPerSecond(), levels, clock, timers, refilled);
        bytes = bucket(id + "/bandwidth", config.bytesPerSecond(), levels, clock, timers, refilled);
    }

    private static @Nullable TokenBucket bucket(
            String name, long rate, TokenLevels levels, LongSupplier clock, Timers timers, Runnable refilled) {
        return rate == 0
                ? null
                : new TokenBucket(name, rate, Math.max(1, rate / BURST_PART), levels, clock, timers, refilled);
    }

    /** Whether so many requests of so many bytes in all may go now, which what needs nothing always may; if not, {@code refilled} is called when they may. */
    boolean admit(int count, long size) {
        if (requests != null && count > 0 && !requests.tryTake(count)) {
            return false;
        }
        if (bytes != null && size > 0 && !bytes.tryTake(size)) {
            if (requests != null) {
                requests.giveBack(count);
            }
            return false;
        }
        return true;
    }

    /** How long the limits take to give so much, in nanoseconds; 0 if they do not count it. */
    double nanos(int count, long size) {
        double forRequests = requests == null ? 0 : count * NANOS_PER_SECOND / config.requestsPerSecond();
        double forBytes = bytes == null ? 0 : size * NANOS_PER_SECOND / config.bytesPerSecond();
        return Math.max(forRequests, forBytes);
    }

    /** The most bytes at once that leave others their turn: a burst, but not less than a stretch, and whole ones. */
    long portionBytes() {
        return bytes == null
                ? Long.MAX_VALUE
                : Math.max(BlockSlot.STRETCH_SIZE, bytes.burst() & -BlockSlot.STRETCH_SIZE);
    }

    /** Gives back what a request that was admitted did not do. */
    void giveBack(long size) {
        if (bytes != null) {
            bytes.giveBack(size);
        }
    }

    void cancel() {
        if (requests != null) {
            requests.cancel();
        }
        if (bytes != null) {
            bytes.cancel();
        }
    }

    @Override
    public void close() {
        if (requests != null) {
            requests.close();
        }
        if (bytes != null) {
            bytes.close();
        }
    }
}
