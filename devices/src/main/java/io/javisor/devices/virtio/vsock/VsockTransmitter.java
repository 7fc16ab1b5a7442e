package io.javisor.devices.virtio.vsock;

import static io.javisor.devices.virtio.vsock.VirtioVsockHdrLayout.SIZE;
import static io.javisor.devices.virtio.vsock.VsockProtocol.*;

import io.javisor.core.memory.GuestMemory;
import io.javisor.core.memory.MemoryLease;
import io.javisor.devices.virtio.VirtioLink;
import io.javisor.devices.virtio.queue.ChainBytes;
import io.javisor.devices.virtio.queue.DescriptorChain;
import io.javisor.devices.virtio.queue.Virtqueue;

/** Packets of the guest's: each is checked, and does to its connection what it says, or is refused. On the loop; allocates nothing but for new connections. */
final class VsockTransmitter {
    private final long guestCid;
    private final VsockHost host;
    private final VsockConnections connections;
    private final VsockReplies replies;
    private final VsockConnection.Owner owner;
    private final VsockCounters counters;
    private final VsockHeader header = new VsockHeader();
    private final DescriptorChain chain = new DescriptorChain(VsockDevice.QUEUE_MAX_SIZE);

    VsockTransmitter(
            long guestCid,
            VsockHost host,
            VsockConnections connections,
            VsockReplies replies,
            VsockConnection.Owner owner,
            VsockCounters counters) {
        this.guestCid = guestCid;
        this.host = host;
        this.connections = connections;
        this.replies = replies;
        this.owner = owner;
        this.counters = counters;
    }

    /** Takes what the guest sends. Returns whether it stopped because the guest takes no answers. */
    boolean work(VirtioLink active, MemoryLease loan) {
        Virtqueue queue = active.queue(VsockDevice.TX);
        if (queue == null) {
            return false;
        }
        do {
            queue.disableDoorbell();
            while (!replies.isFull() && queue.take(chain)) {
                take(active.memory(), loan);
                queue.complete(chain.token(), 0);
            }
        } while (!replies.isFull() && queue.enableDoorbell());
        if (queue.needsNotification()) {
            active.notifyUsed(VsockDevice.TX);
        }
        return replies.isFull();
    }

    private void take(GuestMemory memory, MemoryLease loan) {
        long payload = chain.readableBytes() - SIZE;
        if (payload < 0) {
            counters.malformed.getAndIncrement();
            return;
        }
        header.read(memory, chain);
        counters.sentPackets.getAndIncrement();
        if (header.srcCid() != guestCid) {
            counters.badAddresses.getAndIncrement(); // whom a RST would not reach
            return;
        }
        if (header.type() != VIRTIO_VSOCK_TYPE_STREAM || header.dstCid() != VMADDR_CID_HOST) {
            counters.badAddresses.getAndIncrement();
            replies.refuse(header);
            return;
        }
        VsockConnection connection = connections.find(header.dstPort(), header.srcPort());
        boolean sound = chain.writableBytes() == 0
                && header.length() == payload
                && (payload == 0 || header.op() == VIRTIO_VSOCK_OP_RW);
        if (!sound) {
            counters.malformed.getAndIncrement();
        }
        if (connection == null) {
            takeStray(sound);
            return;
        }
        if (!sound) {
            connection.fail();
        } else if (connection.receive(header)) {
            forward(connection, payload, loan);
        }
        connections.settle(connection);
    }

    private void forward(VsockConnection connection, long payload, MemoryLease loan) {
        try {
            long _ = ChainBytes.lendReadable(chain, SIZE, payload, loan); // it has room for every chain
            connection.forward(loan);
        } finally {
            loan.release();
        }
        counters.sentBytes.getAndAdd(payload);
    }

    /** A packet that belongs to no connection. */
    private void takeStray(boolean sound) {
        int op = header.op();
        if (op == VIRTIO_VSOCK_OP_RST) {
            return;
        }
        if (!sound || op != VIRTIO_VSOCK_OP_REQUEST) {
            if (sound) {
                counters.unexpected.getAndIncrement();
            }
            replies.refuse(header);
            return;
        }
        if (connections.isFull()) {
            counters.tooMany.getAndIncrement();
            replies.refuse(header);
            return;
        }
        VsockStream stream = host.connect(header.dstPort());
        if (stream == null) {
            counters.refused.getAndIncrement();
            replies.refuse(header);
            return;
        }
        VsockConnection connection =
                VsockConnection.ofGuest(header, connections.bufferBytes(), stream, counters, owner);
        counters.guestConnections.getAndIncrement();
        connections.add(connection);
        connections.settle(connection);
    }
}
