package io.javisor.devices.virtio.net;

import static io.javisor.devices.virtio.net.NetBench.ALL;
import static io.javisor.devices.virtio.net.NetProtocol.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.devices.virtio.VirtioStatus;
import io.javisor.testkit.FuzzBytes;
import io.javisor.testkit.driver.DriverQueue;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any headers, frames, commands, buffers and descriptors: what reaches the host has a header that says what is true and was negotiated, each request
 * of a ring that is not broken comes back and is counted once, a state is the same again, and a reset leaves a device that passes frames.
 */
class NetFuzzTest {
    private static final int SEND = 0;
    private static final int COMMAND = 1;
    private static final int BUFFER = 2;
    private static final int DELIVER = 3;
    private static final int DESCRIPTOR = 4;
    private static final int LINK = 5;
    private static final int SNAPSHOT = 6;
    private static final int OPERATIONS = 7;

    private static final int QUEUE_SIZE = 16;
    private static final long DATA_GPA = 8 << 20;

    static Stream<byte[]> seeds() {
        return Stream.of(
                // Features, then a TCP segment to be cut, of 100 bytes in two pieces.
                FuzzBytes.of(0xFF, 0xFF, SEND, 100, 0, 1, 1, 1, 54, 0, 20, 0, 34, 0, 16, 0, 0, 0),
                // Commands: not promiscuous, one address, an own address, offloads.
                FuzzBytes.of(
                        0xFF, 0xFF, COMMAND, 3, 0, 0, 0, COMMAND, 16, 1, 0, 1, 0, 0, 0, 2, 2, 2, 2, 2, 2, 0, 0, 0, 0,
                        COMMAND, 8, 1, 1, 2, 0, 0, 0, 0, 7, COMMAND, 10, 5, 0, 2, 0, 0, 0, 0, 0, 0, 0, SNAPSHOT),
                // Buffers, then a frame in three of them.
                FuzzBytes.of(
                        0xFF, 0xFF, BUFFER, 40, 0, BUFFER, 40, 0, BUFFER, 80, 0, DELIVER, 100, 0, 0, 0, LINK, LINK),
                // A descriptor that lies.
                FuzzBytes.of(0, 0, DESCRIPTOR, 1, 0xFF, 0xFF, 0xFF, 0, 1, 2, 3));
    }

    @MethodSource("seeds")
    @FuzzTest
    void whateverTheGuestDoes(byte[] input) {
        FuzzBytes bytes = new FuzzBytes(input);
        try (NetBench bench = new NetBench(1)) {
            long features = features(bytes.u16());
            Guest guest = bench.start(features, QUEUE_SIZE);
            while (bytes.more()) {
                step(bench, guest, features, bytes);
            }
            bench.device.setLink(true);
            assertTrue(bench.driver.reset());
            passes(bench);
        }
    }

    /** A choice that the device accepts. */
    private static long features(int choice) {
        long features = ALL;
        int[] optional = {
            VIRTIO_NET_F_HOST_TSO4, VIRTIO_NET_F_HOST_TSO6, VIRTIO_NET_F_HOST_USO, VIRTIO_NET_F_HOST_ECN,
            VIRTIO_NET_F_MRG_RXBUF, VIRTIO_NET_F_CTRL_RX, VIRTIO_NET_F_CTRL_RX_EXTRA, VIRTIO_NET_F_CTRL_MAC_ADDR,
            VIRTIO_NET_F_GUEST_USO4, VIRTIO_NET_F_GUEST_USO6, VIRTIO_NET_F_GUEST_ECN, VIRTIO_NET_F_STATUS
        };
        for (int i = 0; i < optional.length; i++) {
            if ((choice & (1 << i)) == 0) {
                features &= ~mask(optional[i]);
            }
        }
        return NetConfigSpace.accepts(features) ? features : features & ~mask(VIRTIO_NET_F_HOST_ECN);
    }

    private static void step(NetBench bench, Guest guest, long features, FuzzBytes bytes) {
        switch (bytes.u8() % OPERATIONS) {
            case SEND -> send(bench, guest, features, bytes);
            case COMMAND -> {
                int[] command = new int[bytes.u8()];
                for (int i = 0; i < command.length; i++) {
                    command[i] = bytes.u8();
                }
                long before = bench.counters.commands() + bench.counters.refusedCommands();
                int answer = guest.command(command);
                if (answer >= 0) {
                    assertTrue(answer <= VIRTIO_NET_ERR);
                    assertEquals(before + 1, bench.counters.commands() + bench.counters.refusedCommands());
                }
            }
            case BUFFER -> {
                DriverQueue rx = guest.pair().rx;
                int length = bytes.u16();
                rx.begin();
                rx.writable(DATA_GPA, length);
                if (rx.commit() >= 0) {
                    boolean _ = rx.kick();
                }
            }
            case DELIVER -> {
                byte[] message = NetBench.frame(1, Math.max(14, bytes.u16()));
                message[0] = (byte) bytes.u8();
                message[1] = (byte) bytes.u8();
                boolean _ = bench.send(0, message);
                bench.events.turn();
                while (guest.pair().rx.poll() >= 0) {
                    // The driver takes them back.
                }
            }
            case DESCRIPTOR -> {
                int which = bytes.u8() % 3;
                DriverQueue control = guest.control;
                DriverQueue queue =
                        which == 0 || control == null ? guest.pair().rx : which == 1 ? guest.pair().tx : control;
                queue.rawDescriptor(
                        bytes.u8() % QUEUE_SIZE,
                        bytes.u32() % NetBench.MEMORY_SIZE,
                        bytes.u16(),
                        bytes.u8() & 7,
                        bytes.u8());
            }
            case LINK -> bench.device.setLink(!bench.device.isLinkUp());
            default -> {
                NetState state = bench.device.save();
                assertEquals(state, bench.device.save());
                bench.device.resume();
            }
        }
    }

    private static void send(NetBench bench, Guest guest, long features, FuzzBytes bytes) {
        byte[] message = new byte[bytes.u16() % 65_000 + 1];
        int pieces = 1 + bytes.u8() % 4;
        for (int i = 0; i < Math.min(HEADER_SIZE, message.length); i++) {
            message[i] = (byte) bytes.u8();
        }
        NetQueueCounters counters = bench.sent();
        long before = counters.frames() + counters.drops();
        boolean alive = guest.pair().send(message, Math.min(pieces, message.length), false) >= 0;
        byte[] got = bench.receive(0);
        boolean whole = (bench.driver.status() & VirtioStatus.VIRTIO_CONFIG_S_NEEDS_RESET) == 0;
        if (alive && whole && guest.pair().tx.poll() >= 0) {
            assertEquals(before + 1, counters.frames() + counters.drops());
        }
        if (got != null) {
            assertTrueHeader(got, features);
        }
    }

    /** Written anew from virtio 1.2 §5.1.6.2, apart from the device's. */
    private static void assertTrueHeader(byte[] message, long features) {
        int frame = message.length - HEADER_SIZE;
        int flags = message[0];
        int type = message[1] & 0x7F;
        boolean ecn = message[1] < 0;
        assertTrue(flags == 0 || flags == 1);
        if (flags == 1) {
            assertTrue(Guest.headerField(message, 6) + Guest.headerField(message, 8) + 2 <= frame);
        }
        if (type != 0 || ecn) {
            long feature = type == 1
                    ? mask(VIRTIO_NET_F_HOST_TSO4)
                    : type == 4 ? mask(VIRTIO_NET_F_HOST_TSO6) : type == 5 ? mask(VIRTIO_NET_F_HOST_USO) : 0;
            assertTrue((features & feature) != 0, "type " + type);
            assertTrue(!ecn || (type != 5 && (features & mask(VIRTIO_NET_F_HOST_ECN)) != 0));
            assertEquals(1, flags);
            assertTrue(Guest.headerField(message, 2) <= frame);
            assertTrue(Guest.headerField(message, 4) > 0);
        }
    }

    private static void passes(NetBench bench) {
        while (bench.receive(0) != null) {
            // What is left.
        }
        Guest guest = bench.start(ALL, QUEUE_SIZE);
        guest.pair().post(4, 1526);
        assertTrue(guest.pair().send(NetBench.frame(3, 64)) >= 0);
        assertArrayEquals(NetBench.frame(3, 64), bench.receive(0));
        assertTrue(bench.send(0, NetBench.frame(4, 64)));
        bench.events.turn();
        assertArrayEquals(NetBench.body(NetBench.frame(4, 64)), guest.pair().next());
    }
}
