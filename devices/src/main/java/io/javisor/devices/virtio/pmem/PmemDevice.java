package io.javisor.devices.virtio.pmem;

import io.javisor.core.bus.BusDevice;
import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.virtio.VirtioDevice;
import io.javisor.devices.virtio.VirtioLink;
import io.javisor.devices.virtio.queue.ChainBytes;
import io.javisor.devices.virtio.queue.DescriptorChain;
import io.javisor.devices.virtio.queue.Virtqueue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Persistent memory (virtio 1.2 §5.19) that can only be read: guest-physical memory, which the machine maps, where the guest finds files without a cache of
 * its own. The device says where it is, and answers flushes with success, as there is nothing to flush.
 *
 * <p>Configuration: {@code start} (offset 0) and {@code size} (8), both u64. One queue, no features. Left out: memory that is written to, and
 * VIRTIO_PMEM_F_SHMEM_REGION, which needs a transport with such regions.
 */
public final class PmemDevice implements VirtioDevice<PmemState> {
    /** Its id (virtio 1.2 §5). */
    public static final int DEVICE_ID = 27;

    public static final int QUEUE_MAX_SIZE = 64;
    public static final int CONFIG_SIZE = 16;

    static final int VIRTIO_PMEM_REQ_TYPE_FLUSH = 0;

    /** What the answer to a request is that can't be done (§5.19.6). */
    static final int FAILED = -1;

    private static final int REQUESTS_PER_TURN = 64;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final String id;
    private final GpaRange place;
    private final PmemCounters counters;
    private final DescriptorChain chain = new DescriptorChain(QUEUE_MAX_SIZE);
    private final MemorySegment word = MemorySegment.ofArray(new int[1]);
    private @Nullable VirtioLink link;

    /**
     * Makes a device.
     *
     * @param id for messages
     * @param place where the memory is
     * @param counters where it counts
     */
    public PmemDevice(String id, GpaRange place, PmemCounters counters) {
        this.id = id;
        this.place = place;
        this.counters = counters;
    }

    /** Where its memory is. */
    public GpaRange place() {
        return place;
    }

    /**
     * What is to answer on the bus of device memory at {@link #place}, for what is not an access to memory.
     *
     * @param memory the guest's, which has what is to be read there
     */
    public BusDevice window(GuestMemory memory) {
        return new PmemWindow(memory, place.startGpa(), counters);
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
        return "pmem";
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
        return CONFIG_SIZE;
    }

    @Override
    public long readConfig(int offset, int size, long features) {
        long value = 0;
        for (int i = size - 1; i >= 0; i--) {
            int at = offset + i;
            long field = at < 8 ? place.startGpa() : place.sizeBytes();
            value = value << 8 | (field >>> (8 * (at & 7)) & 0xFF);
        }
        return value;
    }

    /** Does nothing: all of it is read-only. */
    @Override
    public void writeConfig(int offset, int size, long value, long features) {}

    @Override
    public int configGeneration() {
        return 0;
    }

    @Override
    public void activate(VirtioLink newLink) {
        link = newLink;
        work();
    }

    @Override
    public void queueNotified(int index) {
        work();
    }

    @Override
    public void resetQueue(int index, Runnable done) {
        done.run();
    }

    @Override
    public void queueEnabled(int index, Virtqueue queue) {
        work();
    }

    @Override
    public void reset(Runnable done) {
        link = null;
        done.run();
    }

    @Override
    public void close() {}

    private void work() {
        VirtioLink active = link;
        Virtqueue queue = active == null ? null : active.queue(0);
        if (active == null || queue == null) {
            return;
        }
        do {
            queue.disableDoorbell();
            while (queue.take(chain)) {
                queue.complete(chain.token(), answer(active.memory()));
            }
        } while (queue.enableDoorbell());
        if (queue.needsNotification()) {
            active.notifyUsed(0);
        }
    }

    /** Answers the chain that was taken. Returns how many bytes were written. */
    private long answer(GuestMemory memory) {
        if (chain.writableBytes() < Integer.BYTES
                || ChainBytes.read(memory, chain, 0, word, 0, Integer.BYTES) < Integer.BYTES) {
            counters.malformed.getAndIncrement();
            return 0;
        }
        boolean flush = word.get(INT, 0) == VIRTIO_PMEM_REQ_TYPE_FLUSH;
        (flush ? counters.flushes : counters.unsupported).getAndIncrement();
        word.set(INT, 0, flush ? 0 : FAILED);
        return ChainBytes.write(memory, chain, 0, word, 0, Integer.BYTES);
    }

    /** The state at this moment. On the loop. */
    @Override
    public PmemState save() {
        return new PmemState(PmemState.VERSION);
    }

    /** Takes a saved state over, before the device is activated. */
    @Override
    public void restore(PmemState state) {}

    @Override
    public Map<String, Long> counters() {
        return counters.snapshot();
    }
}
