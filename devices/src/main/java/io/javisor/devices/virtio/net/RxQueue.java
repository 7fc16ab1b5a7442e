package io.javisor.devices.virtio.net;

import static io.javisor.core.net.NetConstants.VIRTIO_NET_HDR_GSO_NONE;
import static io.javisor.core.net.VirtioNetHdrV1Layout.FLAGS_OFFSET;
import static io.javisor.core.net.VirtioNetHdrV1Layout.GSO_TYPE_OFFSET;
import static io.javisor.core.net.VirtioNetHdrV1Layout.NUM_BUFFERS_OFFSET;
import static io.javisor.devices.virtio.net.NetProtocol.HEADER_SIZE;
import static io.javisor.devices.virtio.net.NetProtocol.MIN_FRAME_SIZE;

import io.javisor.core.event.Timer;
import io.javisor.core.event.Timers;
import io.javisor.core.host.Errno;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.memory.MemoryLease;
import io.javisor.devices.virtio.VirtioLink;
import io.javisor.devices.virtio.queue.DescriptorChain;
import io.javisor.devices.virtio.queue.Virtqueue;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Frames for the guest, in one pair. Buffers for the longest frame are taken ahead and the host's side reads straight into them; what a
 * frame does not need waits for the next. After many frames in a row that are not to be segmented, buffers for one of those are taken only, as each
 * call pays for all that it is lent; the next longer one is kept, as below. While the guest has given no buffer nothing is read, so frames wait, and are
 * dropped, where the host keeps them. A frame that came while there were buffers, but too few, is kept until there are more.
 */
final class RxQueue {
    /** Then others have a turn. */
    private static final int FRAMES_PER_ROUND = 64;

    /** After so many in a row that are not to be segmented another such is expected. */
    private static final int PLAIN_FRAMES = 64;

    /** How many frames of before are thrown away at most; a tap keeps 1000. */
    private static final int MAX_STALE_FRAMES = 4096;

    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final NetContext context;
    private final int pair;
    private final int index;
    private final NetQueueCounters counters;
    private final Timer again;
    private final DescriptorChain chain = new DescriptorChain(NetDevice.QUEUE_MAX_SIZE);
    private final TakenChains taken = new TakenChains(NetDevice.QUEUE_MAX_SIZE);
    private boolean doorbellOn = true;
    private int plainFrames;
    private @Nullable ByteBuf held;

    RxQueue(String id, NetContext context, int pair, Timers timers) {
        this.context = context;
        this.pair = pair;
        this.index = 2 * pair;
        this.counters = context.counters.received(pair);
        this.again = timers.newTimer(id + "/rx" + pair, this::work);
    }

    /** Forgets what it took: the queue is another from now on, or none. */
    void reset() {
        again.cancel();
        taken.clear();
        doorbellOn = true;
        plainFrames = 0;
        releaseHeld(true);
    }

    /** As {@link #giveBack}, and drops the frame that waits for buffers. */
    void pause() {
        giveBack();
        releaseHeld(true);
    }

    /** Gives back the buffers that it took, and takes no more before {@link #work} is called. */
    void giveBack() {
        again.cancel();
        VirtioLink link = context.link;
        Virtqueue queue = link == null ? null : link.queue(index);
        if (queue != null) {
            queue.putBack(taken.count());
        }
        taken.clear();
    }

    void close() {
        again.close();
    }

    /** Throws away the frames that came while nobody was to get them. */
    void discardStale() {
        for (int i = 0; i < MAX_STALE_FRAMES; i++) {
            context.vector.clear();
            context.vector.add(context.overflow.address(), context.overflow.byteSize());
            long result = context.backend.receive(pair, context.vector);
            if (result == NetBackend.GONE) {
                context.backendGone();
            }
            if (result < 0) {
                return;
            }
            counters.dropped(NetDrop.STALE);
        }
    }

    /** Serves what there is, on both sides. */
    void work() {
        VirtioLink link = context.link;
        MemoryLease lease = context.lease;
        Virtqueue queue = link == null ? null : link.queue(index);
        if (link == null || lease == null || queue == null || pair >= context.activePairs) {
            return; // a timer of before a reset
        }
        if (!context.space.isLinkUp()) {
            return;
        }
        serve(queue, link.memory(), lease);
        if (queue.needsNotification()) {
            link.notifyUsed(index);
        }
    }

    private void serve(Virtqueue queue, GuestMemory memory, MemoryLease lease) {
        for (int i = 0; i < FRAMES_PER_ROUND; i++) {
            if (!gather(queue)) {
                return; // the doorbell calls
            }
            ByteBuf waiting = held;
            if (waiting != null) {
                taken.copyIn(memory, FrameStore.segment(waiting), waiting.capacity());
                deliver(queue, memory, waiting.capacity());
                releaseHeld(false);
            } else if (!receive(queue, memory, lease)) {
                return;
            }
        }
        if (held == null) {
            context.backend.awaitReceive(pair); // a timer costs more
        } else {
            again.schedule(1);
        }
    }

    /** Takes buffers for the longest frame, as far as there are any. Returns false if there are not enough to go on. */
    private boolean gather(Virtqueue queue) {
        int wanted = held != null
                ? held.capacity()
                : plainFrames < PLAIN_FRAMES ? context.wantedBytes() : context.plainBytes();
        boolean merge = isMerging();
        do {
            if (doorbellOn) {
                queue.disableDoorbell();
                doorbellOn = false;
            }
            while (taken.sizeBytes() < wanted && (merge ? taken.hasRoom(queue.size()) : taken.count() == 0)) {
                if (!queue.take(chain)) {
                    if (queue.isTurnOver()) {
                        return false; // goes on with what it has in the next: the driver has more
                    }
                    break;
                }
                take(queue, merge);
            }
            if (held == null ? taken.count() > 0 : taken.sizeBytes() >= wanted) {
                return true;
            }
            if (taken.count() == queue.size() || !taken.hasRoom(queue.size())) {
                // All that the driver can give at once is less than the frame.
                counters.dropped(NetDrop.TOO_LONG);
                releaseHeld(false);
                return true;
            }
            doorbellOn = true;
        } while (queue.enableDoorbell());
        return false;
    }

    private void take(Virtqueue queue, boolean merge) {
        long size = chain.writableBytes();
        if (size < HEADER_SIZE + MIN_FRAME_SIZE) {
            counters.badBuffer();
            if (!merge) {
                queue.complete(chain.token(), 0);
                return;
            }
        }
        taken.add(chain);
    }

    /** Returns false if there is no more now. */
    private boolean receive(Virtqueue queue, GuestMemory memory, MemoryLease lease) {
        boolean hasHeader = context.backend.hasHeader();
        int own = hasHeader ? 0 : HEADER_SIZE;
        FrameVector vector = context.vector;
        vector.clear();
        long bytes;
        try {
            taken.lend(lease);
            vector.addLease(lease, own);
            vector.add(context.overflow.address(), context.overflow.byteSize());
            bytes = context.backend.receive(pair, vector);
            if (bytes >= 0) {
                bytes += own;
                plainFrames = bytes > context.plainBytes() ? 0 : Math.min(plainFrames + 1, PLAIN_FRAMES);
                if (bytes > taken.sizeBytes() && isMerging() && bytes >= HEADER_SIZE + MIN_FRAME_SIZE) {
                    hold(own, (int) bytes);
                    return true;
                }
            }
        } finally {
            lease.release();
        }
        if (bytes < 0) {
            return nothing(bytes);
        }
        if (bytes < HEADER_SIZE + MIN_FRAME_SIZE) {
            counters.dropped(NetDrop.RUNT);
        } else if (bytes > taken.sizeBytes()) {
            counters.dropped(NetDrop.TOO_LONG);
        } else {
            if (!hasHeader) {
                clearHeader(memory);
            }
            deliver(queue, memory, bytes);
        }
        return true;
    }

    private boolean nothing(long result) {
        if (result == NetBackend.GONE) {
            context.backendGone();
        } else if (result == -Errno.EAGAIN) {
            counters.waited();
            context.backend.awaitReceive(pair);
        } else {
            context.counters.backendError();
            again.schedule(RETRY_NANOS);
        }
        return false;
    }

    /** Keeps the frame that the vector holds; {@code own} bytes of header before it are ours. */
    private void hold(int own, int bytes) {
        ByteBuf buffer = FrameStore.allocate(bytes);
        for (int i = 0; i < own; i++) {
            buffer.setByte(i, 0);
        }
        context.vector.copyOut(0, FrameStore.hva(buffer) + own, bytes - own);
        held = buffer;
        counters.held();
    }

    private void releaseHeld(boolean count) {
        ByteBuf buffer = held;
        if (buffer != null) {
            held = null;
            buffer.release();
            if (count) {
                counters.dropped(NetDrop.INTERRUPTED);
            }
        }
    }

    /** Gives the frame at the start of the taken buffers, with its header, to the driver; or leaves the buffers for the next. */
    private void deliver(Virtqueue queue, GuestMemory memory, long bytes) {
        // The guest may change these meanwhile, which is a harm to nobody else.
        int flags = memory.getByte(taken.gpa(FLAGS_OFFSET)) & 0xFF;
        int gsoType = memory.getByte(taken.gpa(GSO_TYPE_OFFSET)) & 0xFF;
        if (!NetHeader.isWanted(flags, gsoType, context.guestOffloads)) {
            counters.dropped(NetDrop.UNWANTED_OFFLOAD);
            return;
        }
        if (!context.filter.acceptsAll() && !context.filter.accepts(destination(memory), context.space.mac())) {
            counters.dropped(NetDrop.FILTERED);
            return;
        }
        if (!context.has(NetProtocol.VIRTIO_NET_F_GUEST_CSUM) && flags != 0) {
            memory.putByte(taken.gpa(FLAGS_OFFSET), (byte) 0); // virtio 1.2 §5.1.6.4.1
        }
        int chains = taken.chainsFor(bytes);
        memory.putByte(taken.gpa(NUM_BUFFERS_OFFSET), (byte) chains);
        memory.putByte(taken.gpa(NUM_BUFFERS_OFFSET + 1), (byte) (chains >>> 8));
        long left = bytes;
        for (int i = 0; i < chains; i++) {
            long here = Math.min(left, taken.sizeBytes(i));
            queue.stage(taken.token(i), here);
            left -= here;
        }
        queue.publish(); // all buffers of a frame at once (§5.1.6.4.1)
        taken.remove(chains);
        counters.passed(bytes - HEADER_SIZE, gsoType != VIRTIO_NET_HDR_GSO_NONE);
    }

    private void clearHeader(GuestMemory memory) {
        for (int i = 0; i < HEADER_SIZE; i++) {
            memory.putByte(taken.gpa(i), (byte) 0);
        }
    }

    private long destination(GuestMemory memory) {
        long address = 0;
        for (int i = 0; i < MacAddress.SIZE; i++) {
            address = (address << 8) | (memory.getByte(taken.gpa(HEADER_SIZE + i)) & 0xFF);
        }
        return address;
    }

    private boolean isMerging() {
        return context.has(NetProtocol.VIRTIO_NET_F_MRG_RXBUF);
    }
}
