package io.javisor.devices.virtio.vsock;

import static io.javisor.devices.virtio.vsock.VsockProtocol.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.memory.GuestMemory;
import io.javisor.core.memory.MemoryLease;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;

/** A connection, without a device around it: what its guest says and its host's end does is the test's to say. */
abstract class ConnectionFixture {
    static final int HOST_PORT = 52;
    static final int GUEST_PORT = 1025;
    static final int BUFFER = 1 << 16;
    static final int BOTH = VIRTIO_VSOCK_SHUTDOWN_RCV | VIRTIO_VSOCK_SHUTDOWN_SEND;

    final Arena arena = Arena.ofConfined();
    final GuestMemory memory = new GuestMemory(List.of(new GuestMemory.Region(0, arena.allocate(1 << 20, 4096))));
    final MemoryLease lease = memory.newLease(4);
    final RecordingStream stream = new RecordingStream();
    final VsockCounters counters = new VsockCounters();
    final VsockHeader header = new VsockHeader();
    int changes;
    int guestForwarded;

    @AfterEach
    void close() {
        arena.close();
    }

    void packet(int op, int length, int flags) {
        header.set(3, GUEST_PORT, VMADDR_CID_HOST, HOST_PORT, VIRTIO_VSOCK_TYPE_STREAM, op);
        header.setLength(length);
        header.setFlags(flags);
        header.setCredit(BUFFER, guestForwarded);
    }

    boolean say(VsockConnection connection, int op, int length, int flags) {
        packet(op, length, flags);
        return connection.receive(header);
    }

    void say(VsockConnection connection, int op) {
        assertFalse(say(connection, op, 0, 0));
    }

    VsockConnection ofGuest() {
        packet(VIRTIO_VSOCK_OP_REQUEST, 0, 0);
        return VsockConnection.ofGuest(header, BUFFER, stream, counters, _ -> changes++);
    }

    VsockConnection ofHost() {
        return VsockConnection.ofHost(HOST_PORT, GUEST_PORT, BUFFER, stream, counters, _ -> changes++);
    }

    /** One that the guest asked for and has been told that it has. */
    VsockConnection open() {
        VsockConnection connection = ofGuest();
        sent(connection, VIRTIO_VSOCK_OP_RESPONSE);
        assertEquals("await", stream.takeCalls());
        nothing(connection);
        return connection;
    }

    /** The packet that is due is that one, and goes to the guest. */
    void sent(VsockConnection connection, int op) {
        sent(connection, op, 0, 0);
    }

    void sent(VsockConnection connection, int op, int length, int flags) {
        if (op != VIRTIO_VSOCK_OP_RW) { // which was due before it was read
            assertEquals(op, connection.next());
        }
        connection.send(op, length, 3, header);
        assertEquals(op, header.op());
        assertEquals(length, header.length());
        assertEquals(flags, header.flags());
        assertEquals(VMADDR_CID_HOST, header.srcCid());
        assertEquals(3, header.dstCid());
        assertEquals(HOST_PORT, header.srcPort());
        assertEquals(GUEST_PORT, header.dstPort());
        assertEquals(VIRTIO_VSOCK_TYPE_STREAM, header.type());
        assertEquals(BUFFER, header.bufAlloc());
    }

    static void nothing(VsockConnection connection) {
        assertEquals(VsockConnection.NOTHING, connection.next());
    }

    int read(VsockConnection connection, int room) {
        try {
            lease.addDeviceWritable(0, room);
            return connection.read(lease);
        } finally {
            lease.release();
        }
    }

    void forward(VsockConnection connection, int length) {
        assertTrue(say(connection, VIRTIO_VSOCK_OP_RW, length, 0));
        try {
            lease.addDeviceReadable(0, length);
            connection.forward(lease);
        } finally {
            lease.release();
        }
    }

    void over(VsockConnection connection) {
        assertTrue(connection.isOver());
        nothing(connection);
    }

    /** The host's end is left to finish, the guest gets a reset, and that is all. */
    void finishedAndReset(VsockConnection connection) {
        assertEquals("finish", stream.takeCalls());
        sent(connection, VIRTIO_VSOCK_OP_RST);
        over(connection);
    }

    long counted(String name) {
        return Objects.requireNonNull(counters.snapshot().get(name), name);
    }
}
