package io.javisor.devices.virtio.net;

import static io.javisor.devices.virtio.net.NetBench.ALL;
import static io.javisor.devices.virtio.net.NetBench.body;
import static io.javisor.devices.virtio.net.NetProtocol.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.net.NetConstants;
import io.javisor.devices.virtio.net.backend.TapBackend;
import io.javisor.testkit.junit.TapTest;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A network device over a tap of the kernel's, whose bridge has another tap: what goes in on one side comes out of the other. */
@TapTest
class NetTapTest {
    private static final int FRAMES = 100_000;
    private static final int WINDOW = 64;
    private static final int MAX_FRAME = TapPair.MAX_MTU + 14;
    /** Frames longer than 65535 bytes the kernel cuts itself (netif_skb_features: gso_max_size). */
    private static final int MAX_WHOLE_PAYLOAD = 65_535 - TestPackets.ETHERNET - TestPackets.IP - TestPackets.TCP;

    private static final long NO_MERGE = ALL & ~mask(VIRTIO_NET_F_MRG_RXBUF);

    private TapPair taps;
    private NetBench bench;

    @BeforeEach
    void plug() throws Exception {
        use(1);
    }

    private void use(int queues) throws Exception {
        if (bench != null) {
            unplug();
        }
        taps = new TapPair(queues, TapPair.MAX_MTU);
        bench = new NetBench(
                taps.near,
                List.of(taps.far),
                new NetDeviceConfig(NetBench.MAC, TapPair.MAX_MTU),
                events -> new TapBackend("near0", taps.near, events));
    }

    @AfterEach
    void unplug() {
        bench.close();
        taps.close();
    }

    /** Mostly as in a network, now and then of any length. */
    private static int length(SplittableRandom random) {
        return random.nextInt(20) == 0 ? random.nextInt(60, MAX_FRAME + 1) : random.nextInt(60, 1515);
    }

    /** The frame that the far tap has; there must be one. */
    private byte[] far() {
        byte[] message = bench.receive(taps.far);
        if (message == null) {
            throw new AssertionError("nothing came through the tap");
        }
        return message;
    }

    @Test
    void everyFrameThatIsSentComesOutInOrder() {
        Guest guest = bench.start(ALL, 256);
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < FRAMES; i++) {
            int length = length(random);
            byte[] frame = NetBench.frame(i, length);
            assertTrue(guest.pair().send(frame, 1 + random.nextInt(4), random.nextBoolean()) >= 0);
            assertArrayEquals(body(frame), body(far()), "frame " + i);
            assertTrue(guest.pair().tx.poll() >= 0);
        }
        assertEquals(FRAMES, bench.sent().frames());
        assertEquals(0, bench.sent().drops());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void everyFrameThatComesIsReceivedInOrder(boolean merge) {
        Guest guest = bench.start(merge ? ALL : NO_MERGE, 256);
        guest.pair().post(merge ? 256 : 32, merge ? 1536 : 65_562);
        SplittableRandom random = new SplittableRandom(2);
        int sent = 0;
        int got = 0;
        SplittableRandom lengths = new SplittableRandom(3);
        while (got < FRAMES) {
            int batch = Math.min(FRAMES - sent, 1 + random.nextInt(WINDOW));
            for (int i = 0; i < batch; i++) {
                assertTrue(bench.send(0, NetBench.frame(sent++, length(lengths))));
            }
            while (got < sent) {
                bench.events.turn();
                byte[] message = guest.pair().receive();
                assertNotNull(message, "frame " + got);
                assertArrayEquals(body(NetBench.frame(got, message.length - HEADER_SIZE)), body(message));
                got++;
            }
        }
        assertEquals(FRAMES, bench.received().frames());
        assertEquals(0, bench.received().drops());
    }

    @Test
    void severalQueuesCarryFlowsEachInOrder() throws Exception {
        use(4);
        Guest guest = bench.start(ALL, 256);
        assertEquals(VIRTIO_NET_OK, guest.command(4, 0, 4, 0));
        guest.pairs.forEach(pair -> pair.post(128, 1536));
        int flows = 32;
        int[] next = new int[flows];
        int rounds = 300;
        for (int round = 0; round < rounds; round++) {
            for (int flow = 0; flow < flows; flow++) {
                assertTrue(bench.send(0, TestPackets.udp(round, flow, 100)));
            }
            bench.events.turn();
            for (Guest.Pair pair : guest.pairs) {
                byte[] message = pair.receive();
                while (message != null) {
                    int flow = TestPackets.get16(message, HEADER_SIZE + 34) - 1000;
                    assertArrayEquals(body(TestPackets.udp(next[flow], flow, 100)), body(message));
                    next[flow]++;
                    // Answers teach the tap which queue a flow belongs to; they go out wherever they are sent.
                    assertTrue(pair.send(TestPackets.udp(next[flow], flow, 60)) >= 0);
                    assertTrue(pair.tx.poll() >= 0);
                    assertNotNull(bench.receive(taps.far));
                    message = pair.receive();
                }
            }
        }
        int[] all = new int[flows];
        Arrays.fill(all, rounds);
        assertArrayEquals(all, next);
        long used = 0;
        for (int i = 0; i < 4; i++) {
            used += bench.counters.received(i).frames() > 0 ? 1 : 0;
        }
        assertTrue(used > 1, "frames came in " + used + " queues");
    }

    @Test
    void pairsOutOfUseGetNothing() throws Exception {
        use(4);
        Guest guest = bench.start(ALL, 64);
        guest.pairs.forEach(pair -> pair.post(32, 1536));
        for (int flow = 0; flow < 32; flow++) {
            assertTrue(bench.send(0, TestPackets.udp(1, flow, 100)));
        }
        bench.events.turn();
        assertEquals(32, bench.received().frames());
        assertTrue(guest.pairs.get(3).send(NetBench.frame(1, 60)) >= 0);
        assertArrayEquals(body(NetBench.frame(1, 60)), body(far()));
    }

    // ---- offloads ----

    @Test
    void aLongSegmentPassesAsOneOrIsCutByTheKernel() {
        taps.farOffloads(NetConstants.TUN_F_CSUM | NetConstants.TUN_F_TSO4);
        Guest guest = bench.start(ALL, 16);
        int payload = MAX_WHOLE_PAYLOAD;
        byte[] segment = TestPackets.tso(1, payload, 1448);
        assertTrue(guest.pair().send(segment, 3, false) >= 0);
        byte[] whole = far();
        assertEquals(1, whole[1], "as one");
        assertEquals(1448, Guest.headerField(whole, 4));
        assertEquals(segment.length, whole.length);
        assertTrue(guest.pair().tx.poll() >= 0);

        taps.farOffloads(0);
        assertTrue(guest.pair().send(segment, 3, false) >= 0);
        int headers = HEADER_SIZE + TestPackets.ETHERNET + TestPackets.IP + TestPackets.TCP;
        int at = headers;
        while (at < segment.length) {
            byte[] piece = far();
            assertEquals(0, piece[0] | piece[1]);
            assertTrue(TestPackets.isChecksumRight(piece), "the kernel made the checksum");
            assertArrayEquals(
                    Arrays.copyOfRange(segment, at, at + piece.length - headers),
                    Arrays.copyOfRange(piece, headers, piece.length));
            at += piece.length - headers;
        }
        int longest = 65_535 - TestPackets.IP - TestPackets.TCP; // a frame of 65549 bytes
        assertTrue(guest.pair().send(TestPackets.tso(2, longest, 1448), 3, false) >= 0);
        for (int i = 0; i < longest; i += 1448) {
            assertTrue(TestPackets.isChecksumRight(far()));
        }
        assertEquals(0, bench.sent().drops());
    }

    @Test
    void aLongSegmentIsReceivedAsOneOrCutForADriverThatCannot() {
        int payload = MAX_WHOLE_PAYLOAD;
        byte[] segment = TestPackets.tso(1, payload, 1448);
        Guest guest = bench.start(ALL, 256);
        guest.pair().post(256, 1536);
        assertTrue(bench.send(0, segment));
        bench.events.turn();
        byte[] whole = guest.pair().receive();
        assertNotNull(whole);
        assertEquals(segment.length, whole.length);
        assertEquals(1, whole[1]);
        assertEquals(1, bench.received().segmentedFrames());

        Guest plain = bench.start(ALL & ~GUEST_OFFLOADS, 256);
        bench.events.time.advance(100_000_000);
        plain.pair().post(256, 1536);
        assertTrue(bench.send(0, segment));
        bench.events.turn();
        int headers = HEADER_SIZE + TestPackets.ETHERNET + TestPackets.IP + TestPackets.TCP;
        int at = headers;
        while (at < segment.length) {
            byte[] piece = plain.pair().receive();
            assertNotNull(piece);
            assertTrue(TestPackets.isChecksumRight(piece));
            at += piece.length - headers;
        }
        assertEquals(0, bench.received().drops());
    }

    @Test
    void whatTheKernelRefusesIsDroppedAndCounted() {
        Guest guest = bench.start(ALL, 16);
        byte[] message = NetBench.frame(1, 36);
        byte[] header = {1, 1, 34, 0, 8, 0, 30, 0, 2, 0}; // true as far as it goes, but the TCP header does not fit
        System.arraycopy(header, 0, message, 0, header.length);
        assertTrue(guest.pair().send(message) >= 0);
        assertTrue(guest.pair().tx.poll() >= 0);
        assertEquals(1, bench.sent().drops(NetDrop.REFUSED));
        assertTrue(guest.pair().send(NetBench.frame(1, 60)) >= 0);
        assertArrayEquals(body(NetBench.frame(1, 60)), body(far()));
    }

    // ---- the tap goes ----

    @Test
    void aTapThatIsDeletedTakesTheLinkDownAndTheGuestLivesOn() throws Exception {
        Guest guest = bench.start(ALL, 16);
        guest.pair().post(4, 1536);
        bench.events.turn();
        int _ = bench.driver.takeInterrupt();
        taps.namespace.run("ip", "link", "delete", "near0");
        assertTrue(guest.pair().send(NetBench.frame(1, 60)) >= 0);
        bench.events.turn();
        assertFalse(bench.device.isLinkUp());
        assertEquals(2, bench.driver.takeInterrupt() & 2);
        assertEquals(0, bench.driver.readConfig(6, 2));
        for (int i = 0; i < 100; i++) {
            assertTrue(guest.pair().tx.poll() >= 0);
            assertTrue(guest.pair().send(NetBench.frame(1, 60)) >= 0);
        }
        assertEquals(101, bench.sent().drops(NetDrop.LINK_DOWN));
        assertTrue(bench.driver.reset());
        Guest after = bench.start(ALL, 16);
        assertTrue(after.pair().send(NetBench.frame(1, 60)) >= 0);
        assertTrue(after.pair().tx.poll() >= 0);
    }

    @Test
    void aTapThatIsDeletedIsNoticedWhileNothingIsReadOrSent() throws Exception {
        bench.start(ALL, 16);
        bench.events.turn();
        taps.namespace.run("ip", "link", "delete", "near0");
        bench.events.turn();
        assertFalse(bench.device.isLinkUp());
    }

    @Test
    void aTapThatIsTakenDownDropsFramesUntilItIsUpAgain() throws Exception {
        Guest guest = bench.start(ALL, 16);
        taps.namespace.run("ip", "link", "set", "near0", "down");
        assertTrue(guest.pair().send(NetBench.frame(1, 60)) >= 0);
        assertTrue(guest.pair().tx.poll() >= 0);
        assertEquals(1, bench.sent().drops(NetDrop.REFUSED));
        assertTrue(bench.device.isLinkUp());
        taps.namespace.run("ip", "link", "set", "near0", "up");
        assertTrue(guest.pair().send(NetBench.frame(2, 60)) >= 0);
        assertArrayEquals(body(NetBench.frame(2, 60)), body(far()));
    }
}
