package io.javisor.devices.virtio.vsock;

import static io.javisor.devices.virtio.vsock.VirtioVsockHdrLayout.SIZE;
import static io.javisor.devices.virtio.vsock.VsockProtocol.*;

import io.javisor.core.memory.GuestMemory;
import io.javisor.core.memory.MemoryLease;
import io.javisor.devices.virtio.VirtioLink;
import io.javisor.devices.virtio.queue.ChainBytes;
import io.javisor.devices.virtio.queue.DescriptorChain;
import io.javisor.devices.virtio.queue.Virtqueue;

/**
 * Packets to the guest: answers first, then each connection's in turn, as long as it has buffers. Data goes from the host's end straight into the
 * buffer. On the loop; allocates nothing.
 */
final class VsockReceiver {
    /** As Linux sends at most, so that no connection has a large buffer for itself. */
    private static final int MAX_PAYLOAD = 64 << 10;

    private final long guestCid;
    private final VsockConnections connections;
    private final VsockReplies replies;
    private final VsockDeadlines deadlines;
    private final VsockCounters counters;
    private final VsockHeader header = new VsockHeader();
    private final DescriptorChain chain = new DescriptorChain(VsockDevice.QUEUE_MAX_SIZE);
    private boolean doorbellOff;

    VsockReceiver(
            long guestCid,
            VsockConnections connections,
            VsockReplies replies,
            VsockDeadlines deadlines,
            VsockCounters counters) {
        this.guestCid = guestCid;
        this.connections = connections;
        this.replies = replies;
        this.deadlines = deadlines;
        this.counters = counters;
    }

    /** The queue is a new one. */
    void begin() {
        doorbellOff = false;
    }

    /** Sends what is due. */
    void work(VirtioLink active, MemoryLease loan) {
        Virtqueue queue = active.queue(VsockDevice.RX);
        if (queue == null) {
            return;
        }
        boolean more = true;
        while (more && (!replies.isEmpty() || connections.isAnyListed())) {
            if (queue.take(chain)) {
                if (!doorbellOff) {
                    doorbellOff = true;
                    queue.disableDoorbell();
                }
                more = fill(queue, active.memory(), loan);
            } else if (queue.isTurnOver()) {
                more = false;
            } else {
                doorbellOff = false;
                more = queue.enableDoorbell();
            }
        }
        if (queue.needsNotification()) {
            active.notifyUsed(VsockDevice.RX);
        }
    }

    /** Uses the chain that was taken for the next packet, or puts it back if none is due after all: false then. */
    private boolean fill(Virtqueue queue, GuestMemory memory, MemoryLease loan) {
        long room = chain.writableBytes() - SIZE;
        if (room < 0) {
            counters.badBuffers.getAndIncrement();
            queue.complete(chain.token(), 0);
            return true;
        }
        if (!replies.isEmpty()) {
            replies.take(guestCid, header);
            use(queue, memory, 0);
            counters.resetsSent.getAndIncrement();
            return true;
        }
        while (true) {
            VsockConnection connection = connections.takeListed();
            if (connection == null) {
                queue.putBack();
                return false;
            }
            int op = connection.next();
            if (op == VIRTIO_VSOCK_OP_RW && room == 0) {
                counters.badBuffers.getAndIncrement();
                connections.list(connection);
                queue.complete(chain.token(), 0);
                return true;
            }
            int length = op == VIRTIO_VSOCK_OP_RW ? read(connection, room, loan) : 0;
            if (op == VIRTIO_VSOCK_OP_RW && length == 0) {
                connections.settle(connection); // the end of the host's input may be due now
            } else if (op != VsockConnection.NOTHING) {
                connection.send(op, length, guestCid, header);
                use(queue, memory, length);
                sent(connection, op);
                return true;
            }
        }
    }

    private int read(VsockConnection connection, long room, MemoryLease loan) {
        try {
            long wanted = Math.min(Math.min(room, connection.sendable()), MAX_PAYLOAD);
            long _ = ChainBytes.lendWritable(chain, SIZE, wanted, loan);
            return connection.read(loan);
        } finally {
            loan.release();
        }
    }

    private void use(Virtqueue queue, GuestMemory memory, int length) {
        header.write(memory, chain);
        queue.complete(chain.token(), SIZE + length);
        counters.receivedPackets.getAndIncrement();
        counters.receivedBytes.getAndAdd(length);
    }

    private void sent(VsockConnection connection, int op) {
        if (op == VIRTIO_VSOCK_OP_RST) {
            counters.resetsSent.getAndIncrement();
        } else if (op == VIRTIO_VSOCK_OP_SHUTDOWN && connection.waitsForGuest()) {
            deadlines.closing(connection);
        }
        connections.settle(connection);
    }
}
