package io.javisor.devices.virtio.net;

import static io.javisor.devices.virtio.net.Guest.BUFFER_SIZE;
import static io.javisor.devices.virtio.net.NetBench.ALL;
import static io.javisor.devices.virtio.net.NetBench.body;
import static io.javisor.devices.virtio.net.NetBench.frame;
import static io.javisor.devices.virtio.net.NetProtocol.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.devices.virtio.VirtioStatus;
import io.javisor.devices.virtio.queue.QueueFault;
import io.javisor.testkit.driver.DriverQueue;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Guests that do what none should: nothing but a counter comes of it, no byte is touched that was not offered, and others can go on. */
class NetHostileTest {
    private static final int QUEUE_SIZE = 16;
    private static final long DATA_GPA = 8 << 20;

    private final NetBench bench = new NetBench(1);

    @AfterEach
    void close() {
        bench.close();
    }

    private static DriverQueue queue(Guest guest, int index) {
        if (index == 2) {
            DriverQueue control = guest.control;
            assertNotNull(control);
            return control;
        }
        return index == 0 ? guest.pair().rx : guest.pair().tx;
    }

    @ParameterizedTest
    @CsvSource({
        "0, INDEX_JUMP", "0, BAD_INDEX", "0, CHAIN_TOO_LONG", "0, BAD_INDIRECT_TABLE", "0, NOT_RAM",
                "0, WRONG_DIRECTION",
        "1, INDEX_JUMP", "1, BAD_INDEX", "1, CHAIN_TOO_LONG", "1, BAD_INDIRECT_TABLE", "1, NOT_RAM",
                "1, WRONG_DIRECTION",
        "2, INDEX_JUMP", "2, BAD_INDEX", "2, CHAIN_TOO_LONG", "2, BAD_INDIRECT_TABLE", "2, NOT_RAM",
                "2, WRONG_DIRECTION"
    })
    void aBrokenRingIsSeenInACounterAndIsMendedByAReset(int index, QueueFault fault) {
        Guest guest = bench.start(ALL, QUEUE_SIZE);
        DriverQueue queue = queue(guest, index);
        int write = index == 0 ? 2 : 0;
        switch (fault) {
            case INDEX_JUMP -> queue.rawAvailableIndex(500);
            case BAD_INDEX -> queue.rawAvailable(QUEUE_SIZE);
            case CHAIN_TOO_LONG -> {
                queue.rawDescriptor(3, DATA_GPA, 16, write | 1, 4);
                queue.rawDescriptor(4, DATA_GPA, 16, write | 1, 3);
                queue.rawAvailable(3);
            }
            case BAD_INDIRECT_TABLE -> {
                queue.rawDescriptor(3, DATA_GPA, 15, 4, 0);
                queue.rawAvailable(3);
            }
            case NOT_RAM -> {
                queue.rawDescriptor(3, NetBench.MEMORY_SIZE - 8, 16, write, 0);
                queue.rawAvailable(3);
            }
            case WRONG_DIRECTION -> {
                queue.rawDescriptor(3, DATA_GPA, 16, 2 | 1, 4);
                queue.rawDescriptor(4, DATA_GPA, 16, 0, 0);
                queue.rawAvailable(3);
            }
        }
        assertTrue(bench.send(0, frame(1, 60)));
        queue.ring();
        bench.events.turn();
        assertEquals(1, bench.virtioCounters.queue(index).faults(fault));
        assertTrue((bench.driver.status() & VirtioStatus.VIRTIO_CONFIG_S_NEEDS_RESET) != 0);
        assertEquals(0, queue.usedIndex());
        assertNull(bench.receive(0));
        assertTrue(bench.driver.reset());
        passes();
    }

    /** A proper driver gets frames through both ways. */
    private void passes() {
        Guest guest = bench.start(ALL, QUEUE_SIZE);
        guest.pair().post(QUEUE_SIZE, BUFFER_SIZE);
        assertTrue(guest.pair().send(frame(1, 100)) >= 0);
        assertArrayEquals(frame(1, 100), bench.receive(0));
        assertTrue(bench.send(0, frame(2, 100)));
        bench.events.turn();
        assertArrayEquals(body(frame(2, 100)), guest.pair().next());
    }

    // ---- frames that are none ----

    @ParameterizedTest
    @ValueSource(ints = {1, 11, 12, 13, 25})
    void aFrameWithoutAnEthernetHeaderIsDropped(int length) {
        Guest guest = bench.start(ALL, QUEUE_SIZE);
        assertTrue(guest.pair().send(new byte[length]) >= 0);
        assertTrue(guest.pair().tx.poll() >= 0);
        assertNull(bench.receive(0));
        assertEquals(1, bench.sent().drops(NetDrop.RUNT));
    }

    @Test
    void aFrameOfNoBytesOrOfBytesToWriteIsDropped() {
        Guest guest = bench.start(ALL, QUEUE_SIZE);
        DriverQueue tx = guest.pair().tx;
        tx.rawDescriptor(5, DATA_GPA, 0, 0, 0);
        tx.rawAvailable(5);
        tx.rawDescriptor(6, DATA_GPA, 100, 2, 0);
        tx.rawAvailable(6);
        tx.ring();
        assertEquals(2, tx.usedIndex());
        assertEquals(2, bench.sent().drops(NetDrop.RUNT));
        assertEquals(0, bench.memory.getLong(DATA_GPA));
    }

    @Test
    void aFrameThatIsTooLongIsDropped() {
        Guest guest = bench.start(ALL, QUEUE_SIZE);
        DriverQueue tx = guest.pair().tx;
        tx.rawDescriptor(5, DATA_GPA, MAX_FRAME_SIZE + HEADER_SIZE + 1, 0, 0);
        tx.rawAvailable(5);
        tx.rawDescriptor(6, DATA_GPA, 7 << 20, 0, 0);
        tx.rawAvailable(6);
        tx.ring();
        assertEquals(2, tx.usedIndex());
        assertEquals(2, bench.sent().drops(NetDrop.TOO_LONG));
        assertNull(bench.receive(0));
    }

    @Test
    void everyHeaderThatIsNotTrueIsDropped() {
        Guest guest = bench.start(ALL, QUEUE_SIZE);
        int dropped = 0;
        for (int type = 0; type < 256; type++) {
            byte[] message = frame(1, 100);
            message[0] = 1;
            message[1] = (byte) type;
            message[2] = 54;
            message[4] = 100;
            message[6] = 34;
            message[8] = 16;
            assertTrue(guest.pair().send(message) >= 0);
            assertTrue(guest.pair().tx.poll() >= 0);
            if (bench.receive(0) == null) {
                dropped++;
            }
        }
        assertEquals(256 - 6, dropped, "none, TCPv4 and v6 with and without ECN, UDP"); // 0, 1, 4, 5, 0x81, 0x84
        assertEquals(dropped, bench.sent().drops(NetDrop.BAD_HEADER));
    }

    // ---- buffers that are none ----

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aBufferForNoFrameIsCounted(boolean merge) {
        Guest guest = bench.start(merge ? ALL : ALL & ~mask(VIRTIO_NET_F_MRG_RXBUF), QUEUE_SIZE);
        DriverQueue rx = guest.pair().rx;
        rx.rawDescriptor(5, DATA_GPA, 100, 0, 0); // to be read
        rx.rawAvailable(5);
        rx.rawDescriptor(6, DATA_GPA, 0, 2, 0);
        rx.rawAvailable(6);
        rx.rawDescriptor(7, DATA_GPA, 11, 2, 0);
        rx.rawAvailable(7);
        rx.rawDescriptor(8, DATA_GPA + 0x1000, BUFFER_SIZE, 2, 0);
        rx.rawAvailable(8);
        rx.ring();
        assertTrue(bench.send(0, frame(1, 60)));
        bench.events.turn();
        assertEquals(3, bench.received().badBuffers());
        assertEquals(4, rx.usedIndex(), "all come back");
        assertEquals(1, bench.received().frames());
        assertEquals(0, bench.driver.status() & VirtioStatus.VIRTIO_CONFIG_S_NEEDS_RESET);
    }

    @Test
    void noByteBesideTheBuffersIsTouched() {
        Guest guest = bench.start(ALL, QUEUE_SIZE);
        DriverQueue rx = guest.pair().rx;
        bench.memory.fill(DATA_GPA, 0x10000, (byte) 0x77);
        for (int i = 0; i < 8; i++) {
            rx.rawDescriptor(i, DATA_GPA + 0x1000L * i + 3, 13 + i, 2, 0);
            rx.rawAvailable(i);
        }
        rx.ring();
        assertTrue(bench.send(0, frame(1, 100)));
        bench.events.turn();
        assertEquals(1, bench.received().frames());
        int used = rx.usedIndex();
        long left = 112;
        for (int i = 0; i < 8; i++) {
            long size = i < used ? Math.min(13 + i, left) : 0;
            left -= size;
            for (int j = 0; j < 0x1000; j++) {
                if (j < 3 || j >= 3 + 13 + i) {
                    assertEquals(0x77, bench.memory.getByte(DATA_GPA + 0x1000L * i + j));
                }
            }
        }
        assertEquals(0, left);
    }

    @Test
    void buffersThatOverlapHarmNobodyElse() {
        Guest guest = bench.start(ALL, QUEUE_SIZE);
        DriverQueue rx = guest.pair().rx;
        for (int i = 0; i < QUEUE_SIZE; i++) {
            rx.rawDescriptor(i, rx.config().deviceGpa(), 64, 2, 0); // the used ring itself
            rx.rawAvailable(i);
        }
        rx.ring();
        for (int i = 0; i < 20; i++) {
            boolean _ = bench.send(0, frame(i, 600));
            bench.events.turn();
        }
        assertTrue(bench.driver.reset());
        passes();
    }

    // ---- commands that are none ----

    @Test
    void everyShortCommandIsRefusedOrDone() {
        Guest guest = bench.start(ALL, QUEUE_SIZE);
        int done = 0;
        for (int kind = 0; kind < 256; kind++) {
            for (int command = 0; command < 8; command++) {
                for (int length = 0; length < 3; length++) {
                    int[] bytes = new int[2 + length];
                    bytes[0] = kind;
                    bytes[1] = command;
                    if (guest.command(bytes) == VIRTIO_NET_OK) {
                        done++;
                    }
                }
            }
        }
        assertEquals(6, done, "the receive modes, with one byte");
        assertEquals(6, bench.counters.commands());
        assertEquals(256 * 8 * 3 - 6, bench.counters.refusedCommands());
    }

    @Test
    void tablesThatLieChangeNothing() {
        Guest guest = bench.start(ALL, QUEUE_SIZE);
        assertEquals(VIRTIO_NET_OK, guest.command(0, 0, 0));
        RxFilterState before = bench.device.save().filter();
        bench.device.resume();
        int[][] lies = {
            {1, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0},
            {1, 0, 0, 0, 0, 0x80, 0, 0, 0, 0},
            {1, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF},
            {1, 0, 1, 0, 0, 0, 0, 0, 0, 0},
            {1, 0, 1, 0, 0, 0, 2, 2, 2, 2, 2, 2},
            {1, 0, 1, 0, 0, 0, 2, 2, 2, 2, 2, 2, 0, 0, 0},
            {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2},
            {1, 0, 0, 0, 0, 0},
            {1, 0},
        };
        for (int[] lie : lies) {
            assertEquals(VIRTIO_NET_ERR, guest.command(lie), Arrays.toString(lie));
        }
        assertEquals(before, bench.device.save().filter());
    }

    @Test
    void aLongTableLetsAllPass() {
        Guest guest = bench.start(ALL, QUEUE_SIZE);
        int[] table = new int[2 + 4 + 500 * 6 + 4 + 6];
        table[0] = 1;
        table[2] = 500 & 0xFF;
        table[3] = 500 >>> 8;
        table[2 + 4 + 500 * 6] = 1;
        table[2 + 4 + 500 * 6 + 4] = 3;
        assertEquals(VIRTIO_NET_OK, guest.command(table));
        RxFilterState filter = bench.device.save().filter();
        assertTrue(filter.anyUnicast());
        assertFalse(filter.anyMulticast());
        assertEquals(java.util.List.of(0x0300_0000_0000L), filter.multicast());
    }

    @Test
    void aCommandWithoutRoomForAnAnswerIsNotDone() {
        Guest guest = bench.start(ALL, QUEUE_SIZE);
        DriverQueue control = queue(guest, 2);
        bench.memory.putByte(DATA_GPA + 2, (byte) 0); // class 0, command 0: not promiscuous
        control.rawDescriptor(5, DATA_GPA, 3, 0, 0);
        control.rawAvailable(5);
        control.rawDescriptor(6, DATA_GPA, 100, 2, 0);
        control.rawAvailable(6);
        control.ring();
        assertEquals(2, control.usedIndex());
        assertEquals(2, bench.counters.refusedCommands());
        assertEquals(1, bench.device.save().filter().modes());
    }

    @Test
    void commandsThatWereNotNegotiatedAreRefused() {
        long control = ALL
                & ~mask(VIRTIO_NET_F_CTRL_RX)
                & ~mask(VIRTIO_NET_F_CTRL_RX_EXTRA)
                & ~mask(VIRTIO_NET_F_CTRL_MAC_ADDR)
                & ~mask(VIRTIO_NET_F_CTRL_GUEST_OFFLOADS);
        Guest guest = bench.start(control, QUEUE_SIZE);
        assertEquals(VIRTIO_NET_ERR, guest.command(0, 0, 0));
        assertEquals(VIRTIO_NET_ERR, guest.command(0, 4, 0));
        assertEquals(VIRTIO_NET_ERR, guest.command(1, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        assertEquals(VIRTIO_NET_ERR, guest.command(1, 1, 2, 0, 0, 0, 0, 7));
        assertEquals(VIRTIO_NET_ERR, guest.command(5, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    }

    // ---- resets ----

    @Test
    void tenThousandResetsInMidFlightLeaveNothing() {
        int watches = bench.events.open();
        int timers = bench.events.time.open();
        for (int i = 0; i < 10_000; i++) {
            Guest guest = bench.start(ALL, QUEUE_SIZE);
            guest.pair().post(1 + i % 3, BUFFER_SIZE);
            boolean _ = bench.send(0, frame(i, 60 + i % 5000));
            bench.events.turn();
            int _ = guest.pair().send(frame(i, 60));
            if (i % 2 == 0) {
                byte[] _ = bench.receive(0);
            }
            assertTrue(bench.driver.reset());
        }
        assertEquals(watches, bench.events.open());
        assertEquals(timers, bench.events.time.open());
        assertEquals(0, bench.events.time.armed());
        NetQueueCounters received = bench.received();
        assertTrue(received.drops(NetDrop.INTERRUPTED) > 100, "some were half delivered");
        while (bench.receive(0) != null) {
            // Make room.
        }
        passes();
    }

    @Test
    void doorbellsOfWhatIsNotThereDoNothing() {
        Guest guest = bench.start(ALL, QUEUE_SIZE);
        for (int i = 0; i < 100_000; i++) {
            guest.pair().rx.ring();
            guest.pair().tx.ring();
        }
        assertEquals(0, bench.sent().frames());
        passes();
    }
}
