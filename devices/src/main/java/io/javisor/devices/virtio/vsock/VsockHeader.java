package io.javisor.devices.virtio.vsock;

import static io.javisor.devices.virtio.vsock.VirtioVsockHdrLayout.*;

import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.virtio.queue.ChainBytes;
import io.javisor.devices.virtio.queue.DescriptorChain;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A packet's header: a copy of what the guest wrote, read once, or what it is to get. Used for one packet after the other; allocates nothing after
 * it was made.
 */
final class VsockHeader {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment bytes = MemorySegment.ofArray(new byte[SIZE]);

    /** Takes the header of a chain whose readable part has room for one. */
    void read(GuestMemory memory, DescriptorChain chain) {
        long _ = ChainBytes.read(memory, chain, 0, bytes, 0, SIZE);
    }

    /** Puts it at the start of a chain's writable part, which has room for it. */
    void write(GuestMemory memory, DescriptorChain chain) {
        long _ = ChainBytes.write(memory, chain, 0, bytes, 0, SIZE);
    }

    /** A packet to the guest without payload, flags and credit. */
    void set(long srcCid, int srcPort, long dstCid, int dstPort, int type, int op) {
        bytes.set(LONG, SRC_CID_OFFSET, srcCid);
        bytes.set(LONG, DST_CID_OFFSET, dstCid);
        bytes.set(INT, SRC_PORT_OFFSET, srcPort);
        bytes.set(INT, DST_PORT_OFFSET, dstPort);
        bytes.set(INT, LEN_OFFSET, 0);
        bytes.set(SHORT, TYPE_OFFSET, (short) type);
        bytes.set(SHORT, OP_OFFSET, (short) op);
        bytes.set(INT, FLAGS_OFFSET, 0);
        bytes.set(INT, BUF_ALLOC_OFFSET, 0);
        bytes.set(INT, FWD_CNT_OFFSET, 0);
    }

    void setLength(int length) {
        bytes.set(INT, LEN_OFFSET, length);
    }

    void setFlags(int flags) {
        bytes.set(INT, FLAGS_OFFSET, flags);
    }

    void setCredit(int bufAlloc, int fwdCnt) {
        bytes.set(INT, BUF_ALLOC_OFFSET, bufAlloc);
        bytes.set(INT, FWD_CNT_OFFSET, fwdCnt);
    }

    long srcCid() {
        return bytes.get(LONG, SRC_CID_OFFSET);
    }

    long dstCid() {
        return bytes.get(LONG, DST_CID_OFFSET);
    }

    int srcPort() {
        return bytes.get(INT, SRC_PORT_OFFSET);
    }

    int dstPort() {
        return bytes.get(INT, DST_PORT_OFFSET);
    }

    /** 0 to 2³²−1. */
    long length() {
        return Integer.toUnsignedLong(bytes.get(INT, LEN_OFFSET));
    }

    int type() {
        return Short.toUnsignedInt(bytes.get(SHORT, TYPE_OFFSET));
    }

    int op() {
        return Short.toUnsignedInt(bytes.get(SHORT, OP_OFFSET));
    }

    int flags() {
        return bytes.get(INT, FLAGS_OFFSET);
    }

    int bufAlloc() {
        return bytes.get(INT, BUF_ALLOC_OFFSET);
    }

    int fwdCnt() {
        return bytes.get(INT, FWD_CNT_OFFSET);
    }
}
