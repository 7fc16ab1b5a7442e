package io.javisor.devices.virtio.net;

import static io.javisor.devices.virtio.net.NetProtocol.HEADER_SIZE;
import static io.javisor.devices.virtio.net.NetProtocol.MAX_FRAME_SIZE;
import static io.javisor.devices.virtio.net.NetProtocol.MIN_FRAME_SIZE;

import io.javisor.core.host.Errno;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.memory.MemoryLease;
import io.javisor.devices.virtio.VirtioLink;
import io.javisor.devices.virtio.queue.ChainBytes;
import io.javisor.devices.virtio.queue.DescriptorChain;
import io.javisor.devices.virtio.queue.Virtqueue;
import org.jspecify.annotations.Nullable;

/**
 * Frames of the guest, in one pair: each goes to the host's side straight from guest memory, behind a copy of its header that was checked. While the
 * host has no room they wait in the guest's queue.
 */
final class TxQueue {
    private final NetContext context;
    private final int pair;
    private final int index;
    private final NetQueueCounters counters;
    private final NetHeader header;
    private final DescriptorChain chain = new DescriptorChain(NetDevice.QUEUE_MAX_SIZE);

    TxQueue(NetContext context, int pair) {
        this.context = context;
        this.pair = pair;
        this.index = 2 * pair + 1;
        this.header = new NetHeader(context.buffers);
        this.counters = context.counters.sent(pair);
    }

    /** Sends what there is. */
    void work() {
        VirtioLink link = context.link;
        MemoryLease lease = context.lease;
        Virtqueue queue = link == null ? null : link.queue(index);
        if (link == null || lease == null || queue == null) {
            return; // a timer of before a reset
        }
        serve(queue, link.memory(), lease);
        if (queue.needsNotification()) {
            link.notifyUsed(index);
        }
    }

    private void serve(Virtqueue queue, GuestMemory memory, MemoryLease lease) {
        do {
            queue.disableDoorbell();
            while (queue.take(chain)) {
                if (!send(memory, lease)) {
                    queue.putBack();
                    counters.waited();
                    context.backend.awaitSend(pair);
                    return;
                }
                queue.complete(chain.token(), 0);
            }
        } while (queue.enableDoorbell());
    }

    /** Sends or drops the chain's frame. Returns false if it has to wait. */
    private boolean send(GuestMemory memory, MemoryLease lease) {
        NetDrop fault = check(memory);
        if (fault != null) {
            counters.dropped(fault);
            return true;
        }
        long frameBytes = chain.readableBytes() - HEADER_SIZE;
        FrameVector vector = context.vector;
        vector.clear();
        long result;
        try {
            if (ChainBytes.lendReadable(chain, HEADER_SIZE, frameBytes, lease) < frameBytes) {
                counters.dropped(NetDrop.TOO_MANY_PIECES);
                return true;
            }
            if (context.backend.hasHeader()) {
                vector.add(header.bytes().address(), HEADER_SIZE);
            }
            vector.addLease(lease, 0);
            result = context.backend.send(pair, vector);
        } finally {
            lease.release();
        }
        if (result >= 0) {
            counters.passed(frameBytes, header.isSegmented());
        } else if (result == -Errno.EAGAIN) {
            return false;
        } else if (result == NetBackend.GONE) {
            counters.dropped(NetDrop.LINK_DOWN);
            context.backendGone();
        } else {
            counters.dropped(NetDrop.REFUSED);
        }
        return true;
    }

    /** What is wrong with the chain's frame, or null. */
    private @Nullable NetDrop check(GuestMemory memory) {
        long frameBytes = chain.readableBytes() - HEADER_SIZE;
        if (frameBytes < MIN_FRAME_SIZE) {
            return NetDrop.RUNT;
        }
        if (frameBytes > MAX_FRAME_SIZE) {
            return NetDrop.TOO_LONG;
        }
        if (!context.space.isLinkUp()) {
            return NetDrop.LINK_DOWN;
        }
        long _ = ChainBytes.read(memory, chain, 0, header.bytes(), 0, HEADER_SIZE);
        return header.sanitize(frameBytes, context.features) ? null : NetDrop.BAD_HEADER;
    }
}
