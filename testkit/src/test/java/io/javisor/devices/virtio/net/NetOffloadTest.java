package io.javisor.devices.virtio.net;

import static io.javisor.devices.virtio.net.Guest.BUFFER_SIZE;
import static io.javisor.devices.virtio.net.NetBench.ALL;
import static io.javisor.devices.virtio.net.NetBench.body;
import static io.javisor.devices.virtio.net.NetBench.frame;
import static io.javisor.devices.virtio.net.NetProtocol.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What of a frame is left to the other side: checksums and segmentation (virtio 1.2 §5.1.6.2, §5.1.6.4, §5.1.6.5.6). */
class NetOffloadTest {
    private final NetBench bench = new NetBench(1);

    @AfterEach
    void close() {
        bench.close();
    }

    private static byte[] withHeader(byte[] message, int flags, int gsoType, int gsoSize, int start, int offset) {
        message[0] = (byte) flags;
        message[1] = (byte) gsoType;
        message[4] = (byte) gsoSize;
        message[5] = (byte) (gsoSize >>> 8);
        message[6] = (byte) start;
        message[8] = (byte) offset;
        return message;
    }

    @Test
    void theTapIsToldWhatTheDriverCan() {
        bench.control.calls.clear();
        bench.start(ALL, 16);
        assertEquals("offload 0x6f", bench.control.calls.getLast());
        bench.start(ALL & ~mask(VIRTIO_NET_F_GUEST_USO4), 16);
        bench.events.time.advance(100_000_000);
        assertEquals("offload 0xf", bench.control.calls.getLast());
        bench.start(ALL & ~GUEST_OFFLOADS, 16);
        bench.events.time.advance(100_000_000);
        assertEquals("offload 0x0", bench.control.calls.getLast());
    }

    @Test
    void anOffloadIsSwitchedOffAndOn() {
        Guest guest = bench.start(ALL, 256);
        guest.pair().post(200, BUFFER_SIZE);
        byte[] segmented = withHeader(frame(1, 4000), 1, 1, 1448, 34, 16);
        assertTrue(bench.send(0, segmented));
        bench.events.turn();
        byte[] got = guest.pair().receive();
        assertNotNull(got);
        assertEquals(1, got[1]);
        assertEquals(1, bench.received().segmentedFrames());
        assertEquals(VIRTIO_NET_OK, guest.command(5, 0, 2, 0, 0, 0, 0, 0, 0, 0));
        bench.events.time.advance(100_000_000);
        assertEquals("offload 0x1", bench.control.calls.getLast());
        assertTrue(bench.send(0, segmented)); // as one that was on its way
        bench.events.turn();
        assertNull(guest.pair().receive());
        assertEquals(1, bench.received().drops(NetDrop.UNWANTED_OFFLOAD));
        assertEquals(VIRTIO_NET_ERR, guest.command(5, 0, 0x80, 0, 0, 0, 0, 0, 0, 0), "TSO without a checksum");
        assertEquals(VIRTIO_NET_ERR, guest.command(5, 0, 1, 0, 0, 0, 0, 0, 0, 0), "not the guest's");
        assertEquals(VIRTIO_NET_OK, guest.command(5, 0, 0x82, 0, 0, 0, 0, 0, 0, 0));
        assertTrue(bench.send(0, segmented));
        bench.events.turn();
        assertNotNull(guest.pair().receive());
    }

    @Test
    void aChecksumThatTheHostVouchesForMeansNothingToADriverWithoutTheFeature() {
        Guest guest = bench.start(ALL & ~GUEST_OFFLOADS, 16);
        guest.pair().post(16, BUFFER_SIZE);
        assertTrue(bench.send(0, withHeader(frame(1, 60), 2, 0, 0, 0, 0)));
        assertTrue(bench.send(0, withHeader(frame(2, 60), 1, 0, 0, 34, 16)));
        bench.events.turn();
        byte[] got = guest.pair().receive();
        assertNotNull(got);
        assertEquals(0, got[0]);
        assertNull(guest.pair().receive());
        assertEquals(1, bench.received().drops(NetDrop.UNWANTED_OFFLOAD));
    }

    @Test
    void aHeaderThatIsTruePassesAndAnotherDoesNot() {
        Guest guest = bench.start(ALL, 16);
        byte[] good = withHeader(frame(1, 4000), 1, 1, 1448, 34, 16);
        assertTrue(guest.pair().send(good) >= 0);
        byte[] got = bench.receive(0);
        assertNotNull(got);
        assertEquals(52, Guest.headerField(got, 2), "what is to be copied holds the checksum");
        assertArrayEquals(body(good), body(got));
        assertEquals(1, bench.sent().segmentedFrames());
        assertTrue(guest.pair().send(withHeader(frame(2, 60), 1, 0, 0, 50, 60)) >= 0);
        assertNull(bench.receive(0));
        assertEquals(1, bench.sent().drops(NetDrop.BAD_HEADER));
        Guest plain = bench.start(ALL & ~HOST_OFFLOADS, 16);
        assertTrue(plain.pair().send(good) >= 0);
        assertNull(bench.receive(0));
        assertEquals(2, bench.sent().drops(NetDrop.BAD_HEADER));
    }
}
