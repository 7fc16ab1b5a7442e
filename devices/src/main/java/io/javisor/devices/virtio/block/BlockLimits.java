package io.javisor.devices.virtio.block;

import io.javisor.core.event.Timers;
import io.javisor.devices.backend.TokenBucket;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The rate limits of a disk: requests and bytes, each with a second's burst of a tenth. On the event loop only. */
final class BlockLimits implements AutoCloseable {
    private static final int BURST_PART = 10;

    private final @Nullable TokenBucket requests;
    private final @Nullable TokenBucket bytes;

    /** @param refilled runs on the loop when a request that was not admitted may be now */
    BlockLimits(String id, BlockDeviceConfig config, LongSupplier clock, Timers timers, Runnable refilled) {
        requests = bucket(id + "/iops", config.requestsPerSecond(), clock, timers, refilled);
        bytes = bucket(id + "/bandwidth", config.bytesPerSecond(), clock, timers, refilled);
    }

    private static @Nullable TokenBucket bucket(
            String name, long rate, LongSupplier clock, Timers timers, Runnable refilled) {
        return rate == 0 ? null : new TokenBucket(name, rate, Math.max(1, rate / BURST_PART), clock, timers, refilled);
    }

    /** Whether a request of so many bytes may go now; if not, {@code refilled} is called when it may. */
    boolean admit(long size) {
        if (requests != null && !requests.tryTake(1)) {
            return false;
        }
        if (bytes != null && !bytes.tryTake(size)) {
            if (requests != null) {
                requests.giveBack(1);
            }
            return false;
        }
        return true;
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
