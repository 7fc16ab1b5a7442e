package io.javisor.testkit.driver;

import static io.javisor.devices.virtio.queue.SplitRingLayout.AVAIL_ENTRY_SIZE;
import static io.javisor.devices.virtio.queue.SplitRingLayout.AVAIL_FLAGS_OFFSET;
import static io.javisor.devices.virtio.queue.SplitRingLayout.AVAIL_IDX_OFFSET;
import static io.javisor.devices.virtio.queue.SplitRingLayout.AVAIL_RING_OFFSET;
import static io.javisor.devices.virtio.queue.SplitRingLayout.DESC_SIZE;
import static io.javisor.devices.virtio.queue.SplitRingLayout.USED_ENTRY_SIZE;
import static io.javisor.devices.virtio.queue.SplitRingLayout.USED_FLAGS_OFFSET;
import static io.javisor.devices.virtio.queue.SplitRingLayout.USED_IDX_OFFSET;
import static io.javisor.devices.virtio.queue.SplitRingLayout.USED_RING_OFFSET;
import static io.javisor.devices.virtio.queue.SplitRingLayout.VIRTQ_AVAIL_F_NO_INTERRUPT;
import static io.javisor.devices.virtio.queue.SplitRingLayout.VIRTQ_DESC_F_INDIRECT;
import static io.javisor.devices.virtio.queue.SplitRingLayout.VIRTQ_DESC_F_NEXT;
import static io.javisor.devices.virtio.queue.SplitRingLayout.VIRTQ_DESC_F_WRITE;
import static io.javisor.devices.virtio.queue.SplitRingLayout.VIRTQ_USED_F_NO_NOTIFY;

import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.virtio.VirtioFeature;
import io.javisor.devices.virtio.queue.QueueConfig;
import io.javisor.devices.virtio.queue.SplitRingLayout;
import java.lang.invoke.VarHandle;
import java.util.function.IntConsumer;

/**
 * The driver's side of a split virtqueue (virtio 1.2 §2.7). A request is built from pieces, committed, published with others, and the device
 * kicked; what it used is polled:
 *
 * <pre>{@code
 * queue.begin();                       // or beginIndirect()
 * queue.readable(headerGpa, 16);
 * queue.writable(dataGpa, 512);
 * int head = queue.commit();           // -1: no room now
 * queue.kick();                        // publishes, rings if the device asked for it
 * …
 * int done = queue.poll();             // -1: nothing yet
 * int written = queue.usedLength();
 * }</pre>
 *
 * <p>The methods named {@code raw…} write what no proper driver writes. For one thread, but for {@link #poll} and what it needs, which may be another
 * than that which commits only if they take turns. Allocates nothing after it was made.
 */
public final class DriverQueue {
    private static final int INDEX_MASK = 0xFFFF;
    private static final int NONE = -1;

    private final GuestMemory memory;
    private final int index;
    private final QueueConfig config;
    private final int size;
    private final boolean eventIdx;
    private final long tablesGpa;
    private final int tableCapacity;
    private final IntConsumer doorbell;

    // The driver's own copies: the device may write nothing there, but a test may.
    private final int[] next;
    private final int[] lastOfChain;
    private int firstFree;
    private int freeCount;

    private int head;
    private int last;
    private int pieces;
    private boolean indirect;
    private boolean full;
    private long pieceGpa;
    private int pieceLength;
    private int pieceFlags;

    private int available; // committed
    private int published;
    private int used;
    private int usedLength;
    private long kicks;

    /**
     * Over rings that are zero.
     *
     * @param tablesGpa room for an indirect table of {@code tableCapacity} descriptors for each of the queue's, or 0
     * @param features the negotiated ones
     * @param doorbell takes the queue's index
     */
    DriverQueue(
            GuestMemory memory,
            int index,
            QueueConfig config,
            long tablesGpa,
            int tableCapacity,
            long features,
            IntConsumer doorbell) {
        this.memory = memory;
        this.index = index;
        this.config = config;
        this.size = config.size();
        this.eventIdx = VirtioFeature.has(features, VirtioFeature.VIRTIO_F_EVENT_IDX);
        this.tablesGpa = tablesGpa;
        this.tableCapacity = tableCapacity;
        this.doorbell = doorbell;
        this.next = new int[size];
        this.lastOfChain = new int[size];
        for (int i = 0; i < size; i++) {
            next[i] = i + 1;
        }
        freeCount = size;
    }

    /** The queue's number in its device. */
    public int index() {
        return index;
    }

    /** Where it is. */
    public QueueConfig config() {
        return config;
    }

    /** Descriptors that are free. */
    public int freeDescriptors() {
        return freeCount;
    }

    /** Requests that were published and not polled yet. */
    public int inFlight() {
        return (published - used) & INDEX_MASK;
    }

    /** How often the doorbell was rung. */
    public long kicks() {
        return kicks;
    }

    // ---- making requests ----

    /** Begins a chain of the queue's own descriptors. */
    public void begin() {
        indirect = false;
        head = NONE;
        last = NONE;
        pieces = 0;
        full = false;
    }

    /** Begins a chain in an indirect table, of as many pieces as were asked for when the queue was set up. */
    public void beginIndirect() {
        begin();
        indirect = true;
        full = freeCount == 0 || tablesGpa == 0;
        head = full ? NONE : takeFree();
    }

    /** Adds a piece that the device reads. */
    public void readable(long gpa, int lengthBytes) {
        add(gpa, lengthBytes, 0);
    }

    /** Adds a piece that the device writes. After the readable ones. */
    public void writable(long gpa, int lengthBytes) {
        add(gpa, lengthBytes, VIRTQ_DESC_F_WRITE);
    }

    /**
     * Puts the chain in the available ring; the device sees it after {@link #publish}.
     *
     * @return its head, by which {@link #poll} names it; -1 if there was no room, and nothing is taken
     */
    public int commit() {
        if (full || pieces == 0) {
            abandon();
            return NONE;
        }
        flush(false);
        if (indirect) {
            last = head;
            rawDescriptor(head, tableGpa(head), pieces * DESC_SIZE, VIRTQ_DESC_F_INDIRECT, 0);
        }
        lastOfChain[head] = last;
        memory.putShort(availableEntryGpa(available), (short) head);
        available = (available + 1) & INDEX_MASK;
        return head;
    }

    /** Makes what was committed visible. Returns whether the device wants its doorbell rung for it. */
    public boolean publish() {
        int before = published;
        if (before == available) {
            return false;
        }
        published = available;
        // Pairs with the device's acquiring load of the index: it sees entries and descriptors (virtio 1.2 §2.7.13.3).
        memory.putShortRelease(config.driverGpa() + AVAIL_IDX_OFFSET, (short) published);
        // The index before the device's wish. Pairs with the device's fence between that wish and its look at the index
        // (§2.7.13.4.1).
        VarHandle.fullFence();
        if (eventIdx) {
            int event = getUnsigned(config.deviceGpa() + SplitRingLayout.availEventOffset(size));
            return ((published - event - 1) & INDEX_MASK) < ((published - before) & INDEX_MASK);
        }
        return (memory.getShort(config.deviceGpa() + USED_FLAGS_OFFSET) & VIRTQ_USED_F_NO_NOTIFY) == 0;
    }

    /** Publishes, and rings if the device wants it. Returns whether it did. */
    public boolean kick() {
        boolean wanted = publish();
        if (wanted) {
            ring();
        }
        return wanted;
    }

    /** Rings, wanted or not. */
    public void ring() {
        kicks++;
        doorbell.accept(index);
    }

    private void add(long gpa, int lengthBytes, int flags) {
        if (full) {
            return;
        }
        if (indirect ? pieces == tableCapacity : freeCount == 0) {
            full = true;
            return;
        }
        if (!indirect) {
            int descriptor = takeFree();
            if (pieces > 0) {
                next[last] = descriptor;
                flush(true);
            } else {
                head = descriptor;
            }
            last = descriptor;
        } else if (pieces > 0) {
            flush(true);
        }
        pieceGpa = gpa;
        pieceLength = lengthBytes;
        pieceFlags = flags;
        pieces++;
    }

    /** Writes the piece that was added last, now that it is known whether another follows. */
    private void flush(boolean more) {
        int flags = pieceFlags | (more ? VIRTQ_DESC_F_NEXT : 0);
        if (indirect) {
            long gpa = tableGpa(head) + (long) DESC_SIZE * (pieces - 1);
            put(gpa, pieceGpa, pieceLength, flags, more ? pieces : 0);
        } else {
            rawDescriptor(last, pieceGpa, pieceLength, flags, more ? next[last] : 0);
        }
    }

    private void abandon() {
        if (head != NONE) {
            lastOfChain[head] = indirect ? head : last;
            free(head);
            head = NONE;
        }
    }

    private int takeFree() {
        int descriptor = firstFree;
        firstFree = next[descriptor];
        freeCount--;
        return descriptor;
    }

    private void free(int chain) {
        int end = lastOfChain[chain];
        int count = 1;
        for (int at = chain; at != end; at = next[at]) {
            count++;
        }
        next[end] = firstFree;
        firstFree = chain;
        freeCount += count;
    }

    // ---- taking back ----

    /** Takes the next used chain and frees it. Returns its head, or -1 if there is none. */
    public int poll() {
        // Pairs with the device's releasing store: entry and buffers are there (virtio 1.2 §2.7.14).
        int deviceIndex = Short.toUnsignedInt(memory.getShortAcquire(config.deviceGpa() + USED_IDX_OFFSET));
        if (deviceIndex == used) {
            return NONE;
        }
        long entry = config.deviceGpa() + USED_RING_OFFSET + (long) USED_ENTRY_SIZE * (used & (size - 1));
        int chain = memory.getInt(entry);
        usedLength = memory.getInt(entry + 4);
        if (chain < 0 || chain >= size) {
            throw new IllegalStateException("the device used descriptor " + chain + " of " + size);
        }
        used = (used + 1) & INDEX_MASK;
        free(chain);
        return chain;
    }

    /** How many bytes the device wrote to the chain that {@link #poll} gave last. */
    public int usedLength() {
        return usedLength;
    }

    /**
     * Asks for an interrupt for the next used chain.
     *
     * @return true if there is one already, for which none may come
     */
    public boolean enableInterrupts() {
        memory.putShort(config.driverGpa() + AVAIL_FLAGS_OFFSET, (short) 0);
        if (eventIdx) {
            memory.putShort(config.driverGpa() + SplitRingLayout.usedEventOffset(size), (short) used);
        }
        // The wish before the index. Pairs with the device's fence between its index and its look at the wish (virtio
        // 1.2 §2.7.7.2).
        VarHandle.fullFence();
        return getUnsigned(config.deviceGpa() + USED_IDX_OFFSET) != used;
    }

    /** Wants no interrupts. A hint. */
    public void disableInterrupts() {
        if (eventIdx) {
            // Behind what the device will use next: it comes by there in 2^16 chains.
            memory.putShort(config.driverGpa() + SplitRingLayout.usedEventOffset(size), (short) (used - 1));
        } else {
            memory.putShort(config.driverGpa() + AVAIL_FLAGS_OFFSET, (short) VIRTQ_AVAIL_F_NO_INTERRUPT);
        }
    }

    // ---- misbehaving ----

    /** Writes a descriptor of the queue's table, as it is. */
    public void rawDescriptor(int descriptor, long gpa, int lengthBytes, int flags, int nextDescriptor) {
        put(config.descriptorGpa() + (long) DESC_SIZE * descriptor, gpa, lengthBytes, flags, nextDescriptor);
    }

    /** Writes a descriptor anywhere. */
    public void put(long descriptorGpa, long gpa, int lengthBytes, int flags, int nextDescriptor) {
        memory.putLong(descriptorGpa, gpa);
        memory.putLong(
                descriptorGpa + SplitRingLayout.DESC_LEN_FLAGS_NEXT_OFFSET,
                Integer.toUnsignedLong(lengthBytes) | (long) (flags & 0xFFFF) << 32 | (long) nextDescriptor << 48);
    }

    /** Makes a head available that the free list knows nothing of, and publishes it. */
    public void rawAvailable(int rawHead) {
        memory.putShort(availableEntryGpa(available), (short) rawHead);
        available = (available + 1) & INDEX_MASK;
        published = available;
        rawAvailableIndex(available);
    }

    /** Writes the available index, and nothing else. */
    public void rawAvailableIndex(int value) {
        memory.putShortRelease(config.driverGpa() + AVAIL_IDX_OFFSET, (short) value);
    }

    /** The available index as published. */
    public int availableIndex() {
        return published;
    }

    /** The used index as the device wrote it. */
    public int usedIndex() {
        return getUnsigned(config.deviceGpa() + USED_IDX_OFFSET);
    }

    private long availableEntryGpa(int at) {
        return config.driverGpa() + AVAIL_RING_OFFSET + (long) AVAIL_ENTRY_SIZE * (at & (size - 1));
    }

    private long tableGpa(int descriptor) {
        return tablesGpa + (long) descriptor * tableCapacity * DESC_SIZE;
    }

    private int getUnsigned(long gpa) {
        return Short.toUnsignedInt(memory.getShort(gpa));
    }
}
