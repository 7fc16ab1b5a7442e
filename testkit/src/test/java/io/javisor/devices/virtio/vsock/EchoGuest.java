package io.javisor.devices.virtio.vsock;

import static io.javisor.devices.virtio.vsock.VirtioVsockHdrLayout.SIZE;
import static io.javisor.devices.virtio.vsock.VsockProtocol.*;

import io.javisor.core.memory.GuestMemory;
import io.javisor.testkit.driver.DriverQueue;
import io.javisor.testkit.driver.VirtioDriver;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A guest with sockets of its own, which keeps to the rules: what comes on a connection goes back on it, in packets of any size, as credit and buffers allow;
 * when the host has said all and has it back, the connection is closed. One thread's.
 */
final class EchoGuest {
    private static final int QUEUE = 64;
    private static final int RX_BYTES = 4096;
    private static final int TX_BYTES = 16 << 10;
    private static final int BUFFER = 96 << 10;
    private static final int BOTH = VIRTIO_VSOCK_SHUTDOWN_RCV | VIRTIO_VSOCK_SHUTDOWN_SEND;

    private static final class Connection {
        final int guestPort;
        final int hostPort;
        final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
        int waitingBytes;
        int offset; // in the first that waits
        int received;
        int forwarded;
        int told;
        int sent;
        int hostForwarded;
        int hostBuffer;
        boolean hostSaidAll;
        boolean closing;

        Connection(int guestPort, int hostPort) {
            this.guestPort = guestPort;
            this.hostPort = hostPort;
        }

        int room() {
            return hostBuffer - (sent - hostForwarded);
        }
    }

    private final GuestMemory memory;
    private final VirtioDriver driver;
    private final DriverQueue rx;
    private final DriverQueue tx;
    private final long[] rxGpas = new long[QUEUE];
    private final long[] txGpas = new long[QUEUE];
    private final ArrayDeque<Long> freeTx = new ArrayDeque<>();
    private final ArrayDeque<Packet> due = new ArrayDeque<>();
    private final Map<Long, Connection> connections = new HashMap<>();
    private final Random random;
    private int ended;
    private long receivedBytes;

    EchoGuest(VirtioDriver driver, GuestMemory memory, long features, long seed) {
        this.driver = driver;
        this.memory = memory;
        this.random = new Random(seed);
        long _ = driver.initialize(features);
        rx = driver.setUpQueue(0, QUEUE);
        tx = driver.setUpQueue(1, QUEUE, 2);
        DriverQueue _ = driver.setUpQueue(2, QUEUE);
        for (int i = 0; i < QUEUE; i++) {
            post(driver.allocate(RX_BYTES, 8));
            freeTx.add(driver.allocate(TX_BYTES + SIZE, 8));
        }
        driver.driverOk();
    }

    private void post(long gpa) {
        rx.begin();
        rx.writable(gpa, RX_BYTES);
        rxGpas[rx.commit()] = gpa;
    }

    int ended() {
        return ended;
    }

    int open() {
        return connections.size();
    }

    long receivedBytes() {
        return receivedBytes;
    }

    /** Asks the host for a connection. */
    void connect(int guestPort, int hostPort) {
        connections.put(key(guestPort, hostPort), new Connection(guestPort, hostPort));
        due.add(Packet.of(VIRTIO_VSOCK_OP_REQUEST, guestPort, hostPort).withCredit(BUFFER, 0));
    }

    private static long key(int guestPort, int hostPort) {
        return (long) guestPort << 32 | Integer.toUnsignedLong(hostPort);
    }

    /** All that can be done now. Returns whether anything was. */
    boolean turn() {
        boolean busy = false;
        for (int head = tx.poll(); head >= 0; head = tx.poll()) {
            freeTx.add(txGpas[head]);
            busy = true;
        }
        for (int head = rx.poll(); head >= 0; head = rx.poll()) {
            byte[] bytes = new byte[rx.usedLength()];
            memory.copyOut(rxGpas[head], bytes, 0, bytes.length);
            post(rxGpas[head]);
            take(Packet.parse(bytes));
            busy = true;
        }
        boolean _ = rx.kick();
        while (!due.isEmpty() && !freeTx.isEmpty()) {
            send(due.remove());
            busy = true;
        }
        for (Connection connection : new ArrayList<>(connections.values())) {
            busy |= echo(connection);
        }
        boolean _ = tx.kick();
        return busy;
    }

    private void take(Packet packet) {
        int guestPort = packet.dstPort();
        int hostPort = packet.srcPort();
        Connection connection = connections.get(key(guestPort, hostPort));
        if (packet.op() == VIRTIO_VSOCK_OP_REQUEST && connection == null) {
            connection = new Connection(guestPort, hostPort);
            connections.put(key(guestPort, hostPort), connection);
            due.add(Packet.of(VIRTIO_VSOCK_OP_RESPONSE, guestPort, hostPort).withCredit(BUFFER, 0));
        }
        if (connection == null) {
            throw new AssertionError("for no connection: " + packet);
        }
        connection.hostBuffer = packet.bufAlloc();
        connection.hostForwarded = packet.fwdCnt();
        if (connection.room() < 0) {
            throw new AssertionError("room " + connection.room() + " after " + packet);
        }
        switch (packet.op()) {
            case VIRTIO_VSOCK_OP_RW -> {
                connection.received += packet.length();
                receivedBytes += packet.length();
                if (connection.received - connection.forwarded > BUFFER) {
                    throw new AssertionError("more than there is room for: " + packet);
                }
                connection.waiting.add(packet.payload());
                connection.waitingBytes += packet.length();
            }
            case VIRTIO_VSOCK_OP_SHUTDOWN ->
                connection.hostSaidAll |= (packet.flags() & VIRTIO_VSOCK_SHUTDOWN_SEND) != 0;
            case VIRTIO_VSOCK_OP_CREDIT_REQUEST -> due.add(credit(connection));
            case VIRTIO_VSOCK_OP_RST -> {
                if (!connection.closing) {
                    throw new AssertionError("reset by " + packet);
                }
                connections.remove(key(guestPort, hostPort));
                ended++;
            }
            default -> {}
        }
    }

    private Packet credit(Connection connection) {
        return Packet.of(VIRTIO_VSOCK_OP_CREDIT_UPDATE, connection.guestPort, connection.hostPort);
    }

    private boolean echo(Connection connection) {
        boolean busy = false;
        while (connection.waitingBytes > 0 && connection.room() > 0 && !freeTx.isEmpty()) {
            int most = Math.min(Math.min(connection.waitingBytes, connection.room()), TX_BYTES);
            byte[] payload = take(connection, random.nextInt(4) == 0 ? 1 + random.nextInt(most) : most);
            connection.sent += payload.length;
            connection.forwarded += payload.length;
            send(Packet.of(VIRTIO_VSOCK_OP_RW, connection.guestPort, connection.hostPort)
                    .with(payload));
            busy = true;
        }
        if (connection.hostSaidAll && connection.waitingBytes == 0 && !connection.closing && !freeTx.isEmpty()) {
            connection.closing = true;
            send(Packet.of(VIRTIO_VSOCK_OP_SHUTDOWN, connection.guestPort, connection.hostPort)
                    .withFlags(BOTH));
            busy = true;
        }
        return busy;
    }

    private static byte[] take(Connection connection, int count) {
        byte[] payload = new byte[count];
        int done = 0;
        while (done < count) {
            byte[] first = connection.waiting.getFirst();
            int here = Math.min(count - done, first.length - connection.offset);
            System.arraycopy(first, connection.offset, payload, done, here);
            done += here;
            connection.offset += here;
            if (connection.offset == first.length) {
                connection.waiting.removeFirst();
                connection.offset = 0;
            }
        }
        connection.waitingBytes -= count;
        return payload;
    }

    private void send(Packet packet) {
        Connection connection = connections.get(key(packet.srcPort(), packet.dstPort()));
        Packet told = packet;
        if (connection != null) {
            connection.told = connection.forwarded;
            told = packet.withCredit(BUFFER, connection.told);
        }
        byte[] bytes = told.bytes();
        long gpa = freeTx.remove();
        memory.copyIn(bytes, 0, gpa, bytes.length);
        tx.beginIndirect();
        tx.readable(gpa, SIZE);
        if (bytes.length > SIZE) {
            tx.readable(gpa + SIZE, bytes.length - SIZE);
        }
        txGpas[tx.commit()] = gpa;
    }

    List<Integer> guestPorts() {
        return connections.values().stream()
                .map(connection -> connection.guestPort)
                .toList();
    }

    VirtioDriver driver() {
        return driver;
    }
}
