package io.javisor.devices.virtio.vsock;

import static io.javisor.devices.virtio.vsock.VsockProtocol.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.core.bus.BusDevice;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.virtio.PulseLine;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.mmio.VirtioMmioState;
import io.javisor.devices.virtio.mmio.VirtioMmioTransport;
import io.javisor.testkit.FakeTime;
import io.javisor.testkit.FuzzBytes;
import io.javisor.testkit.driver.DriverQueue;
import io.javisor.testkit.driver.VirtioDriver;
import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Packets of any kind, buffers of any size, programs of the host's that come, speak, stall and go, time, pauses, resets, snapshots. Whatever comes: what the
 * guest gets is a packet that there is, from the host and with bytes in the order in which the host gave them, and no more of them than it has said that it
 * takes; what it sends comes back once; a host's end is used by the rules (see {@link MemoryHost}), and given back; a reset leaves a device that works.
 */
class VsockFuzzTest {
    private static final int SIZE = 1 << 20;
    private static final int QUEUE = 32;
    private static final int RX_BYTES = 512;
    private static final int TX_BYTES = 1 << 16;
    private static final int MAX_STEPS = 200;

    static Stream<byte[]> seeds() {
        return Stream.of(
                // Buffers; a request, data, the host's answer, both ends.
                FuzzBytes.of(
                        9, 0, 20, 0, 1, 0, 0, 0, 9, 0, 20, 0, 5, 0, 0, 40, 3, 0, 9, 7, 0, 1, 5, 0, 3, 0, 0, 4, 0, 0, 0,
                        3),
                // The host asks; the guest takes it.
                FuzzBytes.of(9, 0, 20, 6, 1, 0, 2, 1, 0, 0, 9, 0, 3, 0, 50, 9, 0, 20, 4, 0, 5, 0, 12),
                FuzzBytes.of(0, 1, 0, 0, 0, 0, 99, 0, 0, 0, 7, 10, 8, 9, 0, 1, 9, 1, 1, 9, 2, 1, 11),
                FuzzBytes.of(9, 0, 20, 0, 1, 0, 0, 0, 2, 0, 5, 0, 0, 200, 2, 0, 100, 13, 12, 10));
    }

    @MethodSource("seeds")
    @FuzzTest
    void anyTraffic(byte[] input) {
        try (Arena arena = Arena.ofConfined()) {
            new Run(arena, new FuzzBytes(input)).run();
        }
    }

    private static final class Run {
        private final FuzzBytes source;
        private final GuestMemory memory;
        private final FakeTime time = new FakeTime(0);
        private final MemoryHost host = new MemoryHost();
        private final VsockCounters counters = new VsockCounters();
        private final VirtioCounters virtioCounters = new VirtioCounters(3);
        private VsockDevice device;
        private VirtioMmioTransport transport;
        private DriverQueue rx;
        private DriverQueue tx;
        private DriverQueue event;
        private final long[] rxGpas = new long[QUEUE];
        private long txGpa;
        private long rxGpa;
        private long eventGpa;
        private boolean paused;
        private int sent;
        private int back;
        /** By host port and guest port: the next byte that the guest is to get. */
        private final Map<Long, Integer> nextBytes = new HashMap<>();
        /** The most that the guest said it has forwarded, and the largest buffer that it said it has; packets may be of any age. */
        private final Map<Long, Long> forwards = new HashMap<>();

        private final Map<Long, Long> buffers = new HashMap<>();
        private final Map<Long, Long> received = new HashMap<>();

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

        Run(Arena arena, FuzzBytes source) {
            this.source = source;
            memory = new GuestMemory(List.of(new GuestMemory.Region(0, arena.allocate(SIZE, 4096))));
            device = newDevice();
            transport = newTransport();
            VirtioDriver driver = start();
            rx = driver.setUpQueue(0, QUEUE);
            tx = driver.setUpQueue(1, QUEUE);
            event = driver.setUpQueue(2, 4);
            ready(driver);
        }

        private VsockDevice newDevice() {
            return new VsockDevice("vsock0", Packet.GUEST_CID, host, time, time, counters);
        }

        private VirtioMmioTransport newTransport() {
            return new VirtioMmioTransport(device, memory, Runnable::run, new PulseLine(), virtioCounters, 0);
        }

        private VirtioDriver start() {
            VirtioDriver driver = new VirtioDriver(registers, memory, 0x1000);
            long _ = driver.initialize(VirtioDriver.RING_FEATURES | device.features());
            return driver;
        }

        private void ready(VirtioDriver driver) {
            txGpa = driver.allocate(TX_BYTES + 64, 8);
            rxGpa = driver.allocate((long) QUEUE * RX_BYTES, 8);
            eventGpa = driver.allocate(4, 4);
            driver.driverOk();
        }

        void run() {
            for (int step = 0; step < MAX_STEPS && source.more(); step++) {
                switch (source.u8() % 14) {
                    case 0, 1 -> sendPacket();
                    case 2 -> sendRaw();
                    case 3 -> {
                        MemoryHost.MemoryStream stream = host.any(source.u8());
                        int bytes = source.u8() * 16;
                        if (stream != null) {
                            stream.input += stream.inputEnds ? 0 : bytes;
                            stream.tellReadable();
                        }
                    }
                    case 4 -> {
                        MemoryHost.MemoryStream stream = host.any(source.u8());
                        if (stream != null) {
                            stream.inputEnds = true;
                            stream.tellReadable();
                        }
                    }
                    case 5 -> {
                        MemoryHost.MemoryStream stream = host.any(source.u8());
                        if (stream != null) {
                            stream.tellGone();
                        }
                    }
                    case 6 -> {
                        boolean _ = host.ask(source.u8() % 4);
                    }
                    case 7 -> {
                        MemoryHost.MemoryStream stream = host.any(source.u8());
                        int takes = source.u8();
                        if (stream != null) {
                            stream.takes = takes == 255 ? Integer.MAX_VALUE : takes;
                            stream.tellWritten(takes * 64);
                        }
                    }
                    case 8 -> host.refuses = source.u8() % 2 == 0;
                    case 9, 10 -> post(source.u8() % 4 == 0 ? source.u8() * 2 : RX_BYTES, source.u8() % QUEUE);
                    case 11 -> time.advance(source.u8() * 100_000_000L);
                    case 12 -> pauseOrResume();
                    default -> {
                        if (source.u8() % 2 == 0) {
                            reset();
                        } else {
                            replace();
                        }
                    }
                }
                look();
            }
            finish();
        }

        private static long key(int hostPort, int guestPort) {
            return (long) hostPort << 32 | Integer.toUnsignedLong(guestPort);
        }

        /** Ports of the host's are few, those included that it gives itself. */
        private int hostPort() {
            int choice = source.u8() % 8;
            return choice < 4 ? choice : VsockConnections.FIRST_HOST_PORT + choice - 4;
        }

        private void sendPacket() {
            int op = source.u8() % 10;
            int guestPort = source.u8() % 4;
            int hostPort = hostPort();
            int length = op == VIRTIO_VSOCK_OP_RW ? source.u8() * 64 : 0;
            Packet packet = Packet.of(op, guestPort, hostPort).with(new byte[length]);
            if (op == VIRTIO_VSOCK_OP_SHUTDOWN) {
                packet = packet.withFlags(source.u8() % 5);
            }
            int credit = source.u8();
            long key = key(hostPort, guestPort);
            long got = received.getOrDefault(key, 0L);
            long forwarded = Math.max(0, got - source.u8() % 4 * 100L);
            packet = packet.withCredit(credit * 16, (int) forwarded);
            send(packet);
        }

        private void sendRaw() {
            Packet packet = new Packet(
                    source.u8() % 4 == 0 ? source.u8() : Packet.GUEST_CID,
                    source.u8() % 4 == 0 ? source.u8() : VMADDR_CID_HOST,
                    source.u8() % 4,
                    hostPort(),
                    source.u16(),
                    source.u8() % 4 == 0 ? source.u16() : VIRTIO_VSOCK_TYPE_STREAM,
                    source.u8() % 4 == 0 ? source.u16() : source.u8() % 8,
                    (int) source.u32(),
                    (int) source.u32(),
                    (int) source.u32(),
                    new byte[source.u16()]);
            send(packet);
        }

        private void send(Packet packet) {
            if (tx.freeDescriptors() < 2 || paused) {
                return; // a guest that is paused sends nothing
            }
            byte[] bytes = packet.bytes();
            int length = Math.min(bytes.length, TX_BYTES);
            memory.copyIn(bytes, 0, txGpa, length);
            long key = key(packet.dstPort(), packet.srcPort());
            long _ = forwards.merge(key, Integer.toUnsignedLong(packet.fwdCnt()), Math::max);
            long _ = buffers.merge(key, Integer.toUnsignedLong(packet.bufAlloc()), Math::max);
            long before = host.written;
            tx.begin();
            tx.readable(txGpa, Math.min(length, VirtioVsockHdrLayout.SIZE));
            if (length > VirtioVsockHdrLayout.SIZE) {
                tx.readable(txGpa + VirtioVsockHdrLayout.SIZE, length - VirtioVsockHdrLayout.SIZE);
            }
            int _ = tx.commit();
            sent++;
            boolean _ = tx.publish();
            tx.ring();
            long written = host.written - before;
            assertTrue(written == 0 || written == packet.payload().length || tx.inFlight() > 1, "written " + written);
        }

        private void post(int sizeBytes, int count) {
            for (int i = 0; i < count && rx.freeDescriptors() > 0 && sizeBytes > 0; i++) {
                rx.begin();
                rx.writable(rxGpa, sizeBytes); // is looked at before the next one comes
                int head = rx.commit();
                rxGpas[head] = rxGpa + (long) head * RX_BYTES;
                rx.put(
                        rx.config().descriptorGpa() + 16L * head,
                        rxGpas[head],
                        sizeBytes,
                        2 /* VIRTQ_DESC_F_WRITE */,
                        0);
            }
            boolean _ = rx.publish();
            rx.ring();
        }

        /** Looks at what the guest got. */
        private void look() {
            while (tx.poll() >= 0) {
                back++;
                assertEquals(0, tx.usedLength());
            }
            for (int head = rx.poll(); head >= 0; head = rx.poll()) {
                if (rx.usedLength() > 0) {
                    byte[] bytes = new byte[rx.usedLength()];
                    memory.copyOut(rxGpas[head], bytes, 0, bytes.length);
                    check(Packet.parse(bytes));
                }
            }
            while (event.poll() >= 0) {
                assertEquals(4, event.usedLength());
            }
        }

        private void check(Packet packet) {
            assertEquals(Packet.GUEST_CID, packet.dstCid(), packet::toString);
            assertEquals(packet.payload().length, packet.length(), packet::toString);
            long key = key(packet.srcPort(), packet.dstPort());
            if (packet.op() == VIRTIO_VSOCK_OP_RST) {
                return;
            }
            assertEquals(VMADDR_CID_HOST, packet.srcCid(), packet::toString);
            assertEquals(VIRTIO_VSOCK_TYPE_STREAM, packet.type(), packet::toString);
            assertTrue(packet.bufAlloc() > 0, packet::toString);
            switch (packet.op()) {
                case VIRTIO_VSOCK_OP_REQUEST, VIRTIO_VSOCK_OP_RESPONSE -> {
                    nextBytes.put(key, 0);
                    received.put(key, 0L);
                }
                case VIRTIO_VSOCK_OP_RW -> {
                    assertTrue(packet.length() > 0, packet::toString);
                    int next = nextBytes.getOrDefault(key, 0);
                    for (byte each : packet.payload()) {
                        assertEquals((byte) next++, each, packet::toString);
                    }
                    nextBytes.put(key, next);
                    long got = received.merge(key, (long) packet.length(), Long::sum);
                    long limit = forwards.getOrDefault(key, 0L) + buffers.getOrDefault(key, 0L);
                    assertTrue(got <= limit, () -> got + " bytes without credit: " + packet);
                }
                case VIRTIO_VSOCK_OP_SHUTDOWN ->
                    assertTrue(packet.flags() >= 1 && packet.flags() <= 3, packet::toString);
                default -> assertTrue(packet.op() >= 6 && packet.op() <= 7, packet::toString);
            }
            if (packet.op() != VIRTIO_VSOCK_OP_SHUTDOWN) {
                assertEquals(0, packet.flags(), packet::toString);
            }
        }

        private void pauseOrResume() {
            if (paused) {
                transport.function().resume();
            } else {
                transport.function().pause(() -> {});
            }
            paused = !paused;
        }

        private void reset() {
            assertTrue(transport.function().reset(0));
            assertTrue(host.streams.stream().allMatch(stream -> stream.finished), "an end was not given back");
            assertEquals(0, time.armed());
            begin();
        }

        private void begin() {
            look();
            back += sent - back; // what was not taken is forgotten
            nextBytes.clear();
            received.clear();
            forwards.clear();
            buffers.clear();
            VirtioDriver driver = start();
            rx = driver.setUpQueue(0, QUEUE);
            tx = driver.setUpQueue(1, QUEUE);
            event = driver.setUpQueue(2, 4);
            ready(driver);
        }

        /** Another machine goes on from a snapshot. */
        private void replace() {
            if (paused) {
                pauseOrResume();
            }
            look();
            memory.putInt(eventGpa, -1);
            event.begin();
            event.writable(eventGpa, 4);
            int _ = event.commit();
            boolean _ = event.publish();
            VsockState state = device.save();
            VirtioMmioState registers = transport.save();
            assertTrue(transport.function().reset(0));
            device.close();
            device = newDevice();
            transport = newTransport();
            device.restore(state);
            transport.restore(registers);
            assertEquals(state, device.save());
            assertTrue(event.poll() >= 0, "the guest is not told");
            assertEquals(4, event.usedLength());
            assertEquals(VIRTIO_VSOCK_EVENT_TRANSPORT_RESET, memory.getInt(eventGpa));
            nextBytes.clear();
            received.clear();
            forwards.clear();
            buffers.clear();
        }

        private void finish() {
            if (paused) {
                pauseOrResume();
            }
            reset();
            host.refuses = false;
            post(RX_BYTES, 8);
            send(Packet.of(VIRTIO_VSOCK_OP_REQUEST, 1000, 2000).withCredit(100, 0));
            int head = rx.poll();
            byte[] bytes = new byte[rx.usedLength()];
            memory.copyOut(rxGpas[head], bytes, 0, bytes.length);
            assertEquals(VIRTIO_VSOCK_OP_RESPONSE, Packet.parse(bytes).op());
            Objects.requireNonNull(host.any(0)).tellGone();
            assertTrue(transport.function().reset(0));
            device.close();
            assertEquals(0, time.open());
        }
    }
}
