package io.javisor.devices.virtio.vsock;

import static io.javisor.devices.virtio.vsock.VirtioVsockHdrLayout.*;
import static io.javisor.devices.virtio.vsock.VsockProtocol.*;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A packet as a guest sends or receives it, proper or not. */
@SuppressWarnings("ArrayRecordComponent") // it is compared by nobody
record Packet(
        long srcCid,
        long dstCid,
        int srcPort,
        int dstPort,
        int length,
        int type,
        int op,
        int flags,
        int bufAlloc,
        int fwdCnt,
        byte[] payload) {
    static final long GUEST_CID = 3;
    static final int BUFFER = 1 << 16;

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** A proper one of the guest's. */
    static Packet of(int op, int guestPort, int hostPort) {
        return new Packet(
                GUEST_CID,
                VMADDR_CID_HOST,
                guestPort,
                hostPort,
                0,
                VIRTIO_VSOCK_TYPE_STREAM,
                op,
                0,
                BUFFER,
                0,
                new byte[0]);
    }

    Packet with(byte[] newPayload) {
        return new Packet(
                srcCid, dstCid, srcPort, dstPort, newPayload.length, type, op, flags, bufAlloc, fwdCnt, newPayload);
    }

    Packet with(String text) {
        return with(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    Packet withLength(int newLength) {
        return new Packet(srcCid, dstCid, srcPort, dstPort, newLength, type, op, flags, bufAlloc, fwdCnt, payload);
    }

    Packet withFlags(int newFlags) {
        return new Packet(srcCid, dstCid, srcPort, dstPort, length, type, op, newFlags, bufAlloc, fwdCnt, payload);
    }

    Packet withType(int newType) {
        return new Packet(srcCid, dstCid, srcPort, dstPort, length, newType, op, flags, bufAlloc, fwdCnt, payload);
    }

    Packet withCids(long from, long to) {
        return new Packet(from, to, srcPort, dstPort, length, type, op, flags, bufAlloc, fwdCnt, payload);
    }

    Packet withCredit(int newBufAlloc, int newFwdCnt) {
        return new Packet(srcCid, dstCid, srcPort, dstPort, length, type, op, flags, newBufAlloc, newFwdCnt, payload);
    }

    /** As it lies in memory. */
    byte[] bytes() {
        byte[] all = new byte[SIZE + payload.length];
        MemorySegment segment = MemorySegment.ofArray(all);
        segment.set(LONG, SRC_CID_OFFSET, srcCid);
        segment.set(LONG, DST_CID_OFFSET, dstCid);
        segment.set(INT, SRC_PORT_OFFSET, srcPort);
        segment.set(INT, DST_PORT_OFFSET, dstPort);
        segment.set(INT, LEN_OFFSET, length);
        segment.set(SHORT, TYPE_OFFSET, (short) type);
        segment.set(SHORT, OP_OFFSET, (short) op);
        segment.set(INT, FLAGS_OFFSET, flags);
        segment.set(INT, BUF_ALLOC_OFFSET, bufAlloc);
        segment.set(INT, FWD_CNT_OFFSET, fwdCnt);
        System.arraycopy(payload, 0, all, SIZE, payload.length);
        return all;
    }

    static Packet parse(byte[] all) {
        MemorySegment segment = MemorySegment.ofArray(all);
        byte[] payload = new byte[all.length - SIZE];
        System.arraycopy(all, SIZE, payload, 0, payload.length);
        return new Packet(
                segment.get(LONG, SRC_CID_OFFSET),
                segment.get(LONG, DST_CID_OFFSET),
                segment.get(INT, SRC_PORT_OFFSET),
                segment.get(INT, DST_PORT_OFFSET),
                segment.get(INT, LEN_OFFSET),
                Short.toUnsignedInt(segment.get(SHORT, TYPE_OFFSET)),
                Short.toUnsignedInt(segment.get(SHORT, OP_OFFSET)),
                segment.get(INT, FLAGS_OFFSET),
                segment.get(INT, BUF_ALLOC_OFFSET),
                segment.get(INT, FWD_CNT_OFFSET),
                payload);
    }

    String text() {
        return new String(payload, StandardCharsets.ISO_8859_1);
    }

    @Override
    public String toString() {
        return "op " + op + " " + srcCid + ":" + Integer.toUnsignedString(srcPort) + " to " + dstCid + ":"
                + Integer.toUnsignedString(dstPort) + ", length " + length + ", flags " + flags + ", credit " + bufAlloc
                + "/" + fwdCnt;
    }
}
