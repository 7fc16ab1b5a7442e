package io.javisor.devices.virtio.vsock;

import static io.javisor.devices.virtio.vsock.VsockProtocol.*;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.bus.BusDevice;
import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.host.UnixSocket;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.virtio.PulseLine;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.mmio.VirtioMmioTransport;
import io.javisor.devices.virtio.net.PolledEvents;
import io.javisor.devices.virtio.vsock.backend.UnixVsockHost;
import io.javisor.testkit.driver.DriverQueue;
import io.javisor.testkit.driver.VirtioDriver;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A device over Unix sockets in a directory, a guest that drives it through registers and rings, and programs of the host's; all of it turns when the
 * test says so.
 */
final class VsockBench implements AutoCloseable {
    static final int QUEUE = 64;
    static final int RX_BYTES = 4096;
    private static final long SIZE = 4 << 20;
    private static final int TX_BYTES = 1 << 17;

    private final Arena arena = Arena.ofConfined();
    final MemorySegment ram = arena.allocate(SIZE, 4096);
    final GuestMemory memory = new GuestMemory(List.of(new GuestMemory.Region(0, ram)));
    final PolledEvents events = new PolledEvents();
    private final VirtioCounters virtioCounters = new VirtioCounters(3);
    final VsockCounters counters = new VsockCounters();
    private final MemorySegment io = arena.allocate(1 << 20);
    private final String path;
    private final Fd listening;
    private final List<Fd> opened = new ArrayList<>();
    final UnixVsockHost host;
    VsockDevice device;
    VirtioMmioTransport transport;
    VirtioDriver driver;

    @Nullable
    DriverQueue rx;

    @Nullable
    DriverQueue tx;

    @Nullable
    DriverQueue event;

    private long txGpa;
    private final long[] rxGpas = new long[QUEUE];
    private final int[] rxSizes = new int[QUEUE];
    /** Buffers come back at once. */
    boolean reposts = true;

    /** Of whichever transport it is by now. */
    private final BusDevice registers = new BusDevice() {
        @Override
        public long read(long offset, int size) {
            return transport.read(offset, size);
        }

        @Override
        public void write(long offset, int size, long value) {
            transport.write(offset, size, value);
        }
    };

    VsockBench(Path directory) {
        path = directory.resolve("v").toString();
        listening = UnixSocket.listen(path, 0600);
        host = new UnixVsockHost(
                "vsock0",
                listening.value(),
                port -> UnixSocket.tryConnect(path + "_" + Integer.toUnsignedString(port)),
                events,
                counters);
        device = newDevice();
        transport = newTransport();
        driver = new VirtioDriver(registers, memory, 0x1000);
    }

    VsockDevice newDevice() {
        return new VsockDevice("vsock0", Packet.GUEST_CID, host, events.time, events, counters);
    }

    VirtioMmioTransport newTransport() {
        return new VirtioMmioTransport(device, memory, Runnable::run, new PulseLine(), virtioCounters, 0);
    }

    // ---- the guest ----

    /** Brings the device up, with buffers for what it receives and for events. */
    VsockBench start() {
        begin();
        post(QUEUE / 2, RX_BYTES);
        return this;
    }

    /** As {@link #start}, without a buffer for what it receives. */
    void begin() {
        driver = new VirtioDriver(registers, memory, 0x1000);
        long _ = driver.initialize(VirtioDriver.RING_FEATURES | device.features());
        rx = driver.setUpQueue(0, QUEUE);
        tx = driver.setUpQueue(1, QUEUE, 4);
        event = driver.setUpQueue(2, 4);
        txGpa = driver.allocate(TX_BYTES, 8);
        driver.driverOk();
    }

    DriverQueue rx() {
        return Objects.requireNonNull(rx);
    }

    DriverQueue tx() {
        return Objects.requireNonNull(tx);
    }

    DriverQueue event() {
        return Objects.requireNonNull(event);
    }

    void post(int count, int sizeBytes) {
        for (int i = 0; i < count; i++) {
            postAt(driver.allocate(Math.max(sizeBytes, 1), 8), sizeBytes);
        }
    }

    private void postAt(long gpa, int sizeBytes) {
        rx().begin();
        rx().writable(gpa, sizeBytes);
        int head = rx().commit();
        assertEquals(true, head >= 0, "the receive queue is full");
        rxGpas[head] = gpa;
        rxSizes[head] = sizeBytes;
        boolean _ = rx().kick();
    }

    /** Sends a packet: a header in one piece, the payload in another. It is taken at once. */
    void send(Packet packet) {
        sendWithout(packet);
        assertEquals(true, tx().poll() >= 0, () -> "not taken: " + packet);
        assertEquals(0, tx().usedLength());
    }

    /** Sends a packet, and does not look whether it was taken. */
    void sendWithout(Packet packet) {
        byte[] bytes = packet.bytes();
        memory.copyIn(bytes, 0, txGpa, bytes.length);
        tx().beginIndirect();
        tx().readable(txGpa, VirtioVsockHdrLayout.SIZE);
        if (packet.payload().length > 0) {
            tx().readable(txGpa + VirtioVsockHdrLayout.SIZE, packet.payload().length);
        }
        int _ = tx().commit();
        boolean _ = tx().kick();
    }

    void send(int op, int guestPort, int hostPort) {
        send(Packet.of(op, guestPort, hostPort));
    }

    /** The next packet to the guest, or null. */
    @Nullable
    Packet receive() {
        int head = rx().poll();
        if (head < 0) {
            return null;
        }
        byte[] bytes = new byte[rx().usedLength()];
        memory.copyOut(rxGpas[head], bytes, 0, bytes.length);
        if (reposts) {
            postAt(rxGpas[head], rxSizes[head]);
        }
        return Packet.parse(bytes);
    }

    /** The next packet, which is that one. */
    Packet expect(int op, int hostPort, int guestPort) {
        Packet packet = receive();
        if (packet == null) {
            throw new AssertionError("nothing was received, not op " + op);
        }
        assertEquals(op, packet.op(), packet::toString);
        assertEquals(hostPort, packet.srcPort(), packet::toString);
        assertEquals(guestPort, packet.dstPort(), packet::toString);
        assertEquals(VMADDR_CID_HOST, packet.srcCid(), packet::toString);
        assertEquals(Packet.GUEST_CID, packet.dstCid(), packet::toString);
        assertEquals(packet.payload().length, packet.length(), packet::toString);
        return packet;
    }

    void expectNothing() {
        Packet packet = receive();
        if (packet != null) {
            throw new AssertionError("received " + packet);
        }
    }

    /** A connection from a port of the guest's to who listens; returns the host's end. */
    Fd connect(int guestPort, int hostPort, Fd listener) {
        send(VIRTIO_VSOCK_OP_REQUEST, guestPort, hostPort);
        turn();
        Packet _ = expect(VIRTIO_VSOCK_OP_RESPONSE, hostPort, guestPort);
        return accept(listener);
    }

    // ---- the host ----

    void turn() {
        events.turn();
    }

    Fd listen(int port) {
        return own(UnixSocket.listen(path + "_" + Integer.toUnsignedString(port), 0600));
    }

    Fd accept(Fd listener) {
        return own(Fd.own("accepted", UnixSocket.accept(listener.value())));
    }

    /** A program that connects to the socket. */
    Fd client() {
        return own(UnixSocket.connect(path));
    }

    /** One that has asked for a port; the guest has its request. */
    Fd client(int guestPort) {
        Fd client = client();
        write(client, "CONNECT " + Integer.toUnsignedString(guestPort) + "\n");
        turn();
        return client;
    }

    private Fd own(Fd fd) {
        opened.add(fd);
        return fd;
    }

    void write(Fd fd, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        assertEquals(bytes.length, tryWrite(fd, bytes));
    }

    /** How much was taken; a negated errno. */
    long tryWrite(Fd fd, byte[] bytes) {
        MemorySegment.copy(bytes, 0, io, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return Libc.write(fd.value(), io.address(), bytes.length);
    }

    /** All that is there now. */
    String read(Fd fd) {
        return new String(readBytes(fd), StandardCharsets.ISO_8859_1);
    }

    byte[] readBytes(Fd fd) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (true) {
            long count = Libc.read(fd.value(), io.address(), io.byteSize());
            if (count <= 0) {
                return all.toByteArray();
            }
            all.writeBytes(io.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    /** One read: how many bytes, 0 at the end, or a negated errno. */
    long readOnce(Fd fd) {
        return Libc.read(fd.value(), io.address(), io.byteSize());
    }

    void assertOpen(Fd fd) {
        assertEquals(-Errno.EAGAIN, readOnce(fd));
    }

    /** The other end is closed, or has ended its output. */
    void assertEnded(Fd fd) {
        long result = readOnce(fd);
        assertEquals(true, result == 0 || result == -Errno.ECONNRESET, () -> "read: " + result);
    }

    static void endOutput(Fd fd) {
        assertEquals(0, Libc.shutdown(fd.value(), HostConstants.SHUT_WR));
    }

    long counted(String name) {
        return Objects.requireNonNull(device.counters().get(name), name);
    }

    /** The device is another from now on, over the same host's side. */
    void replaceDevice() {
        device.close();
        device = newDevice();
        transport = newTransport();
    }

    @Override
    public void close() {
        boolean _ = transport.function().reset(0);
        device.close();
        host.close();
        opened.forEach(Fd::close);
        listening.close();
        assertEquals(0, events.time.open(), "timers");
        assertEquals(0, events.open(), "watches");
        arena.close();
    }
}
