package io.javisor.devices.virtio.rng;

import io.javisor.core.event.Timer;
import io.javisor.core.event.Timers;
import io.javisor.core.host.Errno;
import io.javisor.core.memory.MemoryLease;
import io.javisor.devices.backend.TokenBucket;
import io.javisor.devices.backend.TokenLevels;
import io.javisor.devices.virtio.VirtioDevice;
import io.javisor.devices.virtio.VirtioLink;
import io.javisor.devices.virtio.queue.ChainBytes;
import io.javisor.devices.virtio.queue.DescriptorChain;
import io.javisor.devices.virtio.queue.Virtqueue;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An entropy device (virtio 1.2 §5.4): fills device-writable buffers with random bytes of the host, straight into the guest's memory. It has one
 * queue, no features and no configuration space.
 *
 * <p>A request gets at most {@link #MAX_REQUEST_BYTES}, which the specification allows (§5.4.6.2), so that none holds up the loop. What a driver
 * lets the device read is not looked at; a request without room for a byte comes back at once, and is counted. Left out: VIRTIO_RNG_F_LEAK, which no
 * released specification has.
 */
public final class RngDevice implements VirtioDevice<RngState> {
    /** Its id (virtio 1.2 §5). */
    public static final int DEVICE_ID = 4;

    public static final int QUEUE_MAX_SIZE = 64;

    /** Takes some 40 µs to make. */
    public static final int MAX_REQUEST_BYTES = 16 << 10;

    /** Each takes its time. */
    private static final int REQUESTS_PER_TURN = 16;

    /** The kernel's generator starts within seconds of the host's own. */
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final int BURST_MIN_BYTES = 64;

    private final String id;
    private final EntropySource source;
    private final RngCounters counters;
    private final @Nullable TokenBucket limit;
    private final Timer again;
    private final DescriptorChain chain = new DescriptorChain(QUEUE_MAX_SIZE);
    private @Nullable VirtioLink link;
    private @Nullable MemoryLease lease;

    /**
     * Makes a device.
     *
     * @param id for messages
     * @param bytesPerSecond the most that the guest gets, at least 1, or 0 for no limit
     * @param clock nanoseconds, monotonic
     * @param timers of the device's event loop
     * @param levels what is left of the limit
     * @param counters where it counts
     */
    public RngDevice(
            String id,
            long bytesPerSecond,
            EntropySource source,
            LongSupplier clock,
            Timers timers,
            TokenLevels levels,
            RngCounters counters) {
        this.id = id;
        this.source = source;
        this.counters = counters;
        this.again = timers.newTimer(id + "/again", this::work);
        this.limit = bytesPerSecond == 0
                ? null
                : new TokenBucket(
                        id + "/limit",
                        bytesPerSecond,
                        Math.clamp(bytesPerSecond, BURST_MIN_BYTES, MAX_REQUEST_BYTES),
                        levels,
                        clock,
                        timers,
                        this::work);
    }

    @Override
    public int deviceId() {
        return DEVICE_ID;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String kind() {
        return "rng";
    }

    @Override
    public long features() {
        return 0;
    }

    @Override
    public int queueCount() {
        return 1;
    }

    @Override
    public int queueMaxSize(int index) {
        return QUEUE_MAX_SIZE;
    }

    @Override
    public int chainsPerTurn(int index, long features) {
        return REQUESTS_PER_TURN;
    }

    @Override
    public int configSizeBytes() {
        return 0;
    }

    @Override
    public long readConfig(int offset, int size, long features) {
        throw new IllegalStateException("there is no configuration space");
    }

    @Override
    public void writeConfig(int offset, int size, long value, long features) {
        throw new IllegalStateException("there is no configuration space");
    }

    @Override
    public int configGeneration() {
        return 0;
    }

    @Override
    public void activate(VirtioLink newLink) {
        link = newLink;
        if (lease == null) { // a guest may reset its devices as often as it likes
            lease = newLink.memory().newLease(QUEUE_MAX_SIZE);
        }
        work();
    }

    @Override
    public void queueNotified(int index) {
        work();
    }

    @Override
    public void resetQueue(int index, Runnable done) {
        again.cancel();
        done.run();
    }

    @Override
    public void queueEnabled(int index, Virtqueue queue) {
        work();
    }

    @Override
    public void reset(Runnable done) {
        link = null;
        again.cancel();
        if (limit != null) {
            limit.cancel();
        }
        done.run();
    }

    @Override
    public void close() {
        again.close();
        if (limit != null) {
            limit.close();
        }
    }

    /** Serves what there is, until the limit is used up. */
    private void work() {
        VirtioLink active = link;
        MemoryLease loan = lease;
        Virtqueue queue = active == null ? null : active.queue(0);
        if (active == null || queue == null || loan == null) {
            return; // a timer of before a reset
        }
        serve(queue, loan);
        if (queue.needsNotification()) {
            active.notifyUsed(0);
        }
    }

    private void serve(Virtqueue queue, MemoryLease loan) {
        do {
            queue.disableDoorbell();
            while (queue.take(chain)) {
                if (!fill(queue, loan)) {
                    return;
                }
            }
        } while (queue.enableDoorbell());
    }

    /** Serves the chain that was taken, or puts it back until a timer calls. */
    private boolean fill(Virtqueue queue, MemoryLease loan) {
        long size = Math.min(chain.writableBytes(), MAX_REQUEST_BYTES);
        if (size == 0) {
            counters.emptyRequests.getAndIncrement();
            queue.complete(chain.token(), 0);
            return true;
        }
        if (limit != null) {
            size = Math.min(size, limit.burst());
            if (!limit.tryTake(size)) {
                counters.throttled.getAndIncrement();
                queue.putBack();
                return false;
            }
        }
        long filled = fill(loan, size);
        if (limit != null) {
            limit.giveBack(size - filled);
        }
        if (filled == 0) {
            queue.putBack();
            again.schedule(RETRY_NANOS);
            return false;
        }
        counters.requests.getAndIncrement();
        counters.bytes.getAndAdd(filled);
        queue.complete(chain.token(), filled);
        return true;
    }

    private long fill(MemoryLease loan, long size) {
        long done = 0;
        try {
            long lent = ChainBytes.lendWritable(chain, 0, size, loan);
            while (done < lent) {
                long got = source.fill(loan.pieceHva(0), loan.pieceSizeBytes(0));
                if (got <= 0) {
                    if (got == -Errno.EAGAIN || got == -Errno.EINTR) {
                        counters.waits.getAndIncrement();
                    } else {
                        counters.failures.getAndIncrement();
                    }
                    return done;
                }
                done += got;
                loan.advance(got);
            }
            return done;
        } finally {
            loan.release();
        }
    }

    /** The state at this moment. On the loop. */
    @Override
    public RngState save() {
        return new RngState(RngState.VERSION, limit == null ? 0 : limit.balance());
    }

    /** Takes a saved state over, before the device is activated. */
    @Override
    public void restore(RngState state) {
        if (limit != null) {
            limit.setBalance(state.balanceBytes());
        }
    }

    @Override
    public Map<String, Long> counters() {
        return counters.snapshot();
    }
}
