package io.javisor.devices.virtio.queue;

import io.javisor.core.memory.GuestMemory;
import io.javisor.core.memory.GuestMemoryException;
import java.lang.invoke.VarHandle;

/**
 * The device's side of a split virtqueue (virtio 1.2 §2.7), with indirect descriptors and event indices where negotiated.
 *
 * <p>Everything in the rings is the driver's and may change at any time: a field is read once, checked, then used. What is walked is
 * bounded by the queue's size. A descriptor of no bytes is passed over and counted.
 */
public final class SplitVirtqueue implements Virtqueue {
    private static final int STATE_VERSION = 1;
    private static final int INDEX_MASK = 0xFFFF;

    private final GuestMemory memory;
    private final QueueConfig config;
    private final int size;
    private final int slotMask;
    private final long descriptorGpa;
    private final long availableGpa;
    private final long usedGpa;
    private final boolean indirect;
    private final boolean eventIdx;
    private final TurnAllowance turn;
    private final QueueFaults listener;
    private final QueueCounters counters;

    // Indices of 16 bits, which run on past the size and wrap around (§2.7.6).
    private int nextAvailable;
    private int nextUsed;
    private int seenAvailable; // the driver's index as it was read last
    private int notifiedUsed; // nextUsed at the last notification
    private boolean notifiedValid = true;
    private int inFlight;
    private int lastWalked;
    private boolean broken;
    private boolean turnOver;

    /**
     * A queue that nothing has passed yet.
     *
     * @param config with size and alignment checked; rings that are not RAM break the queue when it is used
     * @param features the negotiated ones
     * @param turn how much may be taken of it
     * @param listener told when the queue breaks, from the next call on
     */
    public SplitVirtqueue(
            GuestMemory memory,
            QueueConfig config,
            long features,
            TurnAllowance turn,
            QueueFaults listener,
            QueueCounters counters) {
        size = config.size();
        descriptorGpa = config.descriptorGpa();
        availableGpa = config.driverGpa();
        usedGpa = config.deviceGpa();
        if (size < 1 || size > SplitRingLayout.MAX_SIZE || Integer.bitCount(size) != 1) {
            throw new IllegalArgumentException("a split queue of " + size + " descriptors");
        }
        if ((descriptorGpa & 15) != 0 || (availableGpa & 1) != 0 || (usedGpa & 3) != 0) {
            throw new IllegalArgumentException("misaligned: " + config);
        }
        this.memory = memory;
        this.config = config;
        this.slotMask = size - 1;
        this.indirect = RingFeature.has(features, RingFeature.VIRTIO_F_INDIRECT_DESC);
        this.eventIdx = RingFeature.has(features, RingFeature.VIRTIO_F_EVENT_IDX);
        this.turn = turn;
        this.listener = listener;
        this.counters = counters;
    }

    /** A queue that goes on where {@link #save} left it; what was taken and not completed by then is in flight. */
    public static SplitVirtqueue restore(
            GuestMemory memory,
            QueueState state,
            long features,
            TurnAllowance turn,
            QueueFaults listener,
            QueueCounters counters) {
        if (state.version() != STATE_VERSION) {
            throw new IllegalArgumentException("queue state of version " + state.version() + ", not " + STATE_VERSION);
        }
        SplitVirtqueue queue = new SplitVirtqueue(
                memory,
                new QueueConfig(state.size(), state.descriptorGpa(), state.driverGpa(), state.deviceGpa()),
                features,
                turn,
                listener,
                counters);
        queue.nextAvailable = state.nextAvailable() & INDEX_MASK;
        queue.seenAvailable = queue.nextAvailable;
        queue.nextUsed = state.nextUsed() & INDEX_MASK;
        queue.inFlight = (queue.nextAvailable - queue.nextUsed) & INDEX_MASK;
        if (queue.inFlight > queue.size) {
            throw new IllegalArgumentException("more in flight than the queue holds: " + state);
        }
        // Whether the driver was told of the last completion is not known: an interrupt for nothing is the safe side.
        queue.notifiedValid = false;
        return queue;
    }

    @Override
    public QueueState save() {
        return new QueueState(STATE_VERSION, size, descriptorGpa, availableGpa, usedGpa, nextAvailable, nextUsed);
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public boolean isBroken() {
        return broken;
    }

    @Override
    public boolean take(DescriptorChain chain) {
        chain.begin(0);
        try {
            turnOver = false;
            if (broken || !available()) {
                return false;
            }
            if (!turn.takeChain()) {
                turnOver = true;
                return false;
            }
            int head = Short.toUnsignedInt(memory.getShort(availableGpa
                    + SplitRingLayout.AVAIL_RING_OFFSET
                    + (long) SplitRingLayout.AVAIL_ENTRY_SIZE * (nextAvailable & slotMask)));
            chain.begin(head);
            if (!walk(chain, head)) {
                chain.begin(0);
                return false;
            }
        } catch (GuestMemoryException e) {
            chain.begin(0);
            return fault(QueueFault.NOT_RAM);
        }
        nextAvailable = (nextAvailable + 1) & INDEX_MASK;
        inFlight++;
        counters.chainTaken(lastWalked);
        return true;
    }

    @Override
    public boolean isTurnOver() {
        return turnOver;
    }

    @Override
    public void putBack() {
        nextAvailable = (nextAvailable - 1) & INDEX_MASK;
        inFlight--;
        counters.chainPutBack(lastWalked);
    }

    @Override
    public void putBack(int count) {
        nextAvailable = (nextAvailable - count) & INDEX_MASK;
        inFlight -= count;
        counters.chainsPutBack(count);
    }

    @Override
    public boolean retake(int token, DescriptorChain chain) {
        chain.begin(token);
        try {
            return !broken && walk(chain, token);
        } catch (GuestMemoryException e) {
            return fault(QueueFault.NOT_RAM);
        }
    }

    private boolean available() {
        if (nextAvailable != seenAvailable) {
            return true;
        }
        // Pairs with the driver's barrier between filling entry and descriptors and this index (§2.7.13.3).
        seenAvailable = Short.toUnsignedInt(memory.getShortAcquire(availableGpa + SplitRingLayout.AVAIL_IDX_OFFSET));
        int ahead = (seenAvailable - nextAvailable) & INDEX_MASK;
        if (ahead > size - inFlight) {
            return fault(QueueFault.INDEX_JUMP);
        }
        return ahead != 0;
    }

    private boolean walk(DescriptorChain chain, int head) {
        long tableGpa = descriptorGpa;
        int tableCount = size;
        int index = head;
        boolean inTable = false;
        int walked = 0;
        while (true) {
            if (index >= tableCount) {
                return fault(QueueFault.BAD_INDEX);
            }
            // The descriptor that points to an indirect table is not part of the chain's length.
            if (walked == (inTable ? size + 1 : size)) {
                return fault(QueueFault.CHAIN_TOO_LONG);
            }
            walked++;
            long descriptor = tableGpa + (long) SplitRingLayout.DESC_SIZE * index;
            long gpa = memory.getLong(descriptor + SplitRingLayout.DESC_ADDR_OFFSET);
            long lenFlagsNext = memory.getLong(descriptor + SplitRingLayout.DESC_LEN_FLAGS_NEXT_OFFSET);
            int length = (int) lenFlagsNext;
            int flags = (int) (lenFlagsNext >>> 32);
            if ((flags & SplitRingLayout.VIRTQ_DESC_F_INDIRECT) != 0) {
                // §2.7.5.3.1: negotiated, not nested, the last of its chain, whole descriptors. Its write flag means
                // nothing.
                if (!indirect
                        || inTable
                        || (flags & SplitRingLayout.VIRTQ_DESC_F_NEXT) != 0
                        || length == 0
                        || (length & (SplitRingLayout.DESC_SIZE - 1)) != 0) {
                    return fault(QueueFault.BAD_INDIRECT_TABLE);
                }
                if (!memory.isReadable(gpa, Integer.toUnsignedLong(length))) {
                    return fault(QueueFault.NOT_RAM);
                }
                inTable = true;
                tableGpa = gpa;
                tableCount = length >>> 4;
                index = 0;
                continue;
            }
            if (!add(chain, gpa, length, flags)) {
                return false;
            }
            if ((flags & SplitRingLayout.VIRTQ_DESC_F_NEXT) == 0) {
                lastWalked = walked;
                return true;
            }
            index = (int) (lenFlagsNext >>> 48);
        }
    }

    private boolean add(DescriptorChain chain, long gpa, int length, int flags) {
        boolean writable = (flags & SplitRingLayout.VIRTQ_DESC_F_WRITE) != 0;
        if (!writable && chain.pieceCount() > chain.readableCount()) {
            return fault(QueueFault.WRONG_DIRECTION);
        }
        if (length == 0) {
            counters.emptyDescriptor();
            return true;
        }
        long size = Integer.toUnsignedLong(length);
        if (!(writable ? memory.isRam(gpa, size) : memory.isReadable(gpa, size))) {
            return fault(QueueFault.NOT_RAM);
        }
        if (writable) {
            chain.addWritable(gpa, length);
        } else {
            chain.addReadable(gpa, length);
        }
        return true;
    }

    @Override
    public void complete(int token, long writtenBytes) {
        stage(token, writtenBytes);
        publish();
    }

    @Override
    public void stage(int token, long writtenBytes) {
        if (broken) {
            return;
        }
        try {
            long entry = usedGpa
                    + SplitRingLayout.USED_RING_OFFSET
                    + (long) SplitRingLayout.USED_ENTRY_SIZE * (nextUsed & slotMask);
            // A length that has no 32 bits can't be said; a chain has at most a few GiB.
            long length = Math.min(writtenBytes, 0xFFFF_FFFFL);
            memory.putInt(entry, token);
            memory.putInt(entry + 4, (int) length);
            nextUsed = (nextUsed + 1) & INDEX_MASK;
            inFlight--;
            counters.completed();
        } catch (GuestMemoryException e) {
            boolean _ = fault(QueueFault.NOT_RAM);
        }
    }

    @Override
    public void publish() {
        if (broken) {
            return;
        }
        try {
            // Pairs with the driver's barrier between reading this index and the entry and buffers (§2.7.14).
            memory.putShortRelease(usedGpa + SplitRingLayout.USED_IDX_OFFSET, (short) nextUsed);
        } catch (GuestMemoryException e) {
            boolean _ = fault(QueueFault.NOT_RAM);
        }
    }

    @Override
    public boolean needsNotification() {
        if (broken) {
            return false;
        }
        // Our store of the used index before the load of the driver's wish. Pairs with the driver's barrier between
        // writing that wish and looking at the used index once more (§2.7.7.2, §2.7.10): one of both sees the other.
        VarHandle.fullFence();
        try {
            boolean wanted = eventIdx ? eventPassed() : interruptsOn();
            counters.notificationAsked(wanted);
            return wanted;
        } catch (GuestMemoryException e) {
            return fault(QueueFault.NOT_RAM);
        }
    }

    private boolean interruptsOn() {
        boolean wanted = (memory.getShort(availableGpa + SplitRingLayout.AVAIL_FLAGS_OFFSET)
                        & SplitRingLayout.VIRTQ_AVAIL_F_NO_INTERRUPT)
                == 0;
        boolean news = !notifiedValid || nextUsed != notifiedUsed;
        if (wanted && news) {
            notified();
        }
        return wanted && news;
    }

    /** Whether {@code used_event} lies among the entries since the last notification, modulo 2^16 (§2.7.10). */
    private boolean eventPassed() {
        int event = Short.toUnsignedInt(memory.getShort(availableGpa + SplitRingLayout.usedEventOffset(size)));
        int sinceEvent = (nextUsed - event - 1) & INDEX_MASK;
        int sinceNotified = (nextUsed - notifiedUsed) & INDEX_MASK;
        boolean wanted = !notifiedValid || sinceEvent < sinceNotified;
        // Also without one: what lies before is settled, and must not count as new 2^16 entries later.
        notified();
        return wanted;
    }

    private void notified() {
        notifiedUsed = nextUsed;
        notifiedValid = true;
    }

    @Override
    public void disableDoorbell() {
        // With event indices nothing: the event lies behind, and the driver rings when it passes it the next time
        // around.
        if (!broken && !eventIdx) {
            putUsedFlags(SplitRingLayout.VIRTQ_USED_F_NO_NOTIFY);
        }
    }

    @Override
    public boolean enableDoorbell() {
        if (broken) {
            return false;
        }
        try {
            if (eventIdx) {
                memory.putShort(usedGpa + SplitRingLayout.availEventOffset(size), (short) nextAvailable);
            } else {
                putUsedFlags(0);
            }
            // Our wish before the load of the available index. Pairs with the driver's barrier between
            // its store of that index and its look at the wish (§2.7.13.4.1): one of both sees the other.
            VarHandle.fullFence();
            return available() && turn.mayTake();
        } catch (GuestMemoryException e) {
            return fault(QueueFault.NOT_RAM);
        }
    }

    private void putUsedFlags(int flags) {
        try {
            memory.putShort(usedGpa + SplitRingLayout.USED_FLAGS_OFFSET, (short) flags);
        } catch (GuestMemoryException e) {
            boolean _ = fault(QueueFault.NOT_RAM);
        }
    }

    /** Breaks the queue. Always false, for the caller to return. */
    private boolean fault(QueueFault fault) {
        if (!broken) {
            broken = true;
            counters.broke(fault);
            listener.broken(fault);
        }
        return false;
    }

    @Override
    public String toString() {
        return config + (broken ? ", broken" : "");
    }
}
