package io.javisor.devices.virtio.vsock;

import static io.javisor.devices.virtio.vsock.VsockProtocol.VIRTIO_VSOCK_OP_RST;

/**
 * RST packets to a guest for what belongs to no connection, first in first out, as many as there is room for: when they are full no more of the guest's
 * packets are taken until it takes some (virtio 1.2 §5.10.6.1). Allocates nothing after it was made.
 */
final class VsockReplies {
    static final int CAPACITY = 256;

    private final long[] fromCids = new long[CAPACITY];
    private final int[] fromPorts = new int[CAPACITY];
    private final int[] toPorts = new int[CAPACITY];
    private final short[] types = new short[CAPACITY];
    private int first;
    private int count;

    boolean isEmpty() {
        return count == 0;
    }

    boolean isFull() {
        return count == CAPACITY;
    }

    /** Refuses a packet, unless it is a RST itself. There is room. */
    void refuse(VsockHeader packet) {
        if (packet.op() == VIRTIO_VSOCK_OP_RST) {
            return;
        }
        int at = (first + count) % CAPACITY;
        fromCids[at] = packet.dstCid();
        fromPorts[at] = packet.dstPort();
        toPorts[at] = packet.srcPort();
        types[at] = (short) packet.type();
        count++;
    }

    /** Fills in the header of the next, and takes it off. */
    void take(long guestCid, VsockHeader packet) {
        packet.set(fromCids[first], fromPorts[first], guestCid, toPorts[first], types[first], VIRTIO_VSOCK_OP_RST);
        first = (first + 1) % CAPACITY;
        count--;
    }

    void clear() {
        count = 0;
    }
}
