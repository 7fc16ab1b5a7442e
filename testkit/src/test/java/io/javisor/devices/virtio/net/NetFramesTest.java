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

import io.javisor.devices.virtio.QueuedExecutor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames through a network device, whole, in order, and whichever side is slower (virtio 1.2 §5.1.6). */
class NetFramesTest {
    private static final long NO_MERGE = ALL & ~mask(VIRTIO_NET_F_MRG_RXBUF);

    private final NetBench bench = new NetBench(1);

    @AfterEach
    void close() {
        bench.close();
    }

    // ---- frames ----

    @Test
    void aFrameIsSentAsItIsHoweverItIsSpread() {
        Guest guest = bench.start(ALL, 16);
        int number = 0;
        for (int length : new int[] {14, 60, 61, 1514, 9000, 65_535, 65_550}) {
            for (int pieces : new int[] {1, 2, 3, 8}) {
                byte[] frame = frame(number, length);
                assertTrue(guest.pair().send(frame, pieces, pieces > 2) >= 0);
                assertArrayEquals(frame, bench.receive(0), length + " bytes in " + pieces);
                assertTrue(guest.pair().tx.poll() >= 0);
                assertEquals(0, guest.pair().tx.usedLength());
                number++;
            }
        }
        assertEquals(number, bench.sent().frames());
        assertEquals(
                4L * (14 + 60 + 61 + 1514 + 9000 + 65_535 + 65_550),
                bench.sent().bytes());
        assertEquals(0, bench.sent().drops());
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 300, BUFFER_SIZE, 4096, 65_562})
    void aFrameIsReceivedInAsManyBuffersAsItTakes(int bufferSize) {
        Guest guest = bench.start(ALL, 256);
        guest.pair().post(bufferSize > 4096 ? 40 : 256, bufferSize);
        int number = 0;
        for (int length : new int[] {14, 60, 1514, 1515, 9000, 65_535, 65_550}) {
            if (length + HEADER_SIZE > 256L * bufferSize) {
                continue;
            }
            byte[] frame = frame(number++, length);
            assertTrue(bench.send(0, frame));
            bench.events.turn();
            byte[] got = guest.pair().receive();
            assertNotNull(got, length + " bytes");
            assertEquals((frame.length + bufferSize - 1) / bufferSize, Guest.headerField(got, 10), "num_buffers");
            assertArrayEquals(body(frame), body(got));
        }
        assertEquals(number, bench.received().frames());
        assertEquals(0, bench.received().drops());
    }

    @Test
    void withoutMergingAFrameHasOneBuffer() {
        Guest guest = bench.start(NO_MERGE, 16);
        guest.pair().post(16, 65_562);
        for (int length : new int[] {14, 60, 1514, 65_550}) {
            byte[] frame = frame(length, length);
            assertTrue(bench.send(0, frame));
            bench.events.turn();
            byte[] got = guest.pair().receive();
            assertNotNull(got);
            assertEquals(1, Guest.headerField(got, 10), "num_buffers");
            assertArrayEquals(body(frame), body(got));
        }
    }

    @Test
    void withoutMergingAFrameThatIsLongerThanItsBufferIsDropped() {
        Guest guest = bench.start(NO_MERGE & ~GUEST_OFFLOADS, 16);
        guest.pair().post(4, BUFFER_SIZE);
        assertTrue(bench.send(0, frame(1, 1515)));
        assertTrue(bench.send(0, frame(2, 1514)));
        bench.events.turn();
        assertArrayEquals(body(frame(2, 1514)), guest.pair().next());
        assertNull(guest.pair().receive());
        assertEquals(1, bench.received().drops(NetDrop.TOO_LONG));
    }

    @Test
    void theGuestIsInterruptedOncePerBatch() {
        Guest guest = bench.start(ALL, 16);
        guest.pair().post(16, BUFFER_SIZE);
        boolean _ = guest.pair().rx.enableInterrupts();
        int _ = bench.line.takePulses();
        for (int i = 0; i < 5; i++) {
            assertTrue(bench.send(0, frame(i, 60)));
        }
        bench.events.turn();
        assertEquals(1, bench.line.takePulses());
        assertEquals(1, bench.driver.takeInterrupt());
    }

    // ---- when one side is slower ----

    @Test
    void framesWaitInTheTapUntilThereAreBuffers() {
        Guest guest = bench.start(ALL, 16);
        assertTrue(bench.send(0, frame(1, 60)));
        bench.events.turn();
        assertEquals(0, bench.received().frames());
        assertFalse(bench.events.awaitsInput(), "nothing is read that could not be given on");
        guest.pair().post(1, BUFFER_SIZE);
        assertArrayEquals(body(frame(1, 60)), guest.pair().next());
    }

    @Test
    void aFrameIsKeptUntilThereAreBuffersEnough() {
        Guest guest = bench.start(ALL, 16);
        guest.pair().post(2, BUFFER_SIZE);
        assertTrue(bench.send(0, frame(1, 9000)));
        assertTrue(bench.send(0, frame(2, 60)));
        bench.events.turn();
        assertNull(guest.pair().receive());
        assertEquals(1, bench.received().heldFrames());
        guest.pair().post(3, BUFFER_SIZE);
        assertNull(guest.pair().receive());
        guest.pair().post(1, BUFFER_SIZE);
        assertArrayEquals(body(frame(1, 9000)), guest.pair().next());
        bench.events.turn();
        assertArrayEquals(body(frame(2, 60)), guest.pair().next());
        assertEquals(0, bench.received().drops());
    }

    @Test
    void onlyTheFirstLongFrameAfterManyShortOnesIsKept() {
        Guest guest = bench.start(ALL, 256);
        guest.pair().post(128, BUFFER_SIZE);
        for (int i = 0; i < 500; i++) {
            assertTrue(bench.send(0, frame(i, 60)));
            bench.events.turn();
            assertArrayEquals(body(frame(i, 60)), guest.pair().next());
        }
        for (int i = 0; i < 3; i++) {
            assertTrue(bench.send(0, frame(i, 60_000)));
            bench.events.turn();
            assertArrayEquals(body(frame(i, 60_000)), guest.pair().next());
        }
        assertEquals(1, bench.received().heldFrames());
        assertEquals(0, bench.received().drops());
    }

    @Test
    void noFrameIsKeptBecauseATurnIsOver() {
        Guest guest = bench.start(ALL, 256);
        guest.pair().post(256, BUFFER_SIZE);
        QueuedExecutor loop = new QueuedExecutor();
        bench.loop = loop;
        int turns = 0;
        for (int i = 0; i < 20; i += 2) {
            assertTrue(bench.send(0, frame(i, 60_000)));
            assertTrue(bench.send(0, frame(i + 1, 60_000))); // which is there when the turn ends behind the first
            bench.events.turn();
            turns += loop.waiting();
            loop.run();
            bench.events.turn();
            assertArrayEquals(body(frame(i, 60_000)), guest.pair().next());
            assertArrayEquals(body(frame(i + 1, 60_000)), guest.pair().next());
        }
        loop.run();
        bench.loop = Runnable::run;
        assertTrue(turns > 3, "the chains of 20 frames are not of one turn");
        assertEquals(0, bench.received().heldFrames());
        assertEquals(0, bench.received().drops());
    }

    @Test
    void aFrameThatTheWholeQueueCannotHoldIsDropped() {
        Guest guest = bench.start(ALL, 4);
        guest.pair().post(4, BUFFER_SIZE);
        assertTrue(bench.send(0, frame(1, 9000)));
        assertTrue(bench.send(0, frame(2, 60)));
        bench.events.turn();
        assertArrayEquals(body(frame(2, 60)), guest.pair().next());
        assertEquals(1, bench.received().drops(NetDrop.TOO_LONG));
    }

    @Test
    void framesWaitInTheGuestUntilTheHostHasRoom() {
        Guest guest = bench.start(ALL, 64);
        int sentCount = 0;
        while (guest.pair().tx.inFlight() < 20) {
            assertTrue(guest.pair().send(frame(sentCount++, 60)) >= 0);
            while (guest.pair().tx.poll() >= 0) {
                // Taken back as far as it was sent. One that waits lies in the one buffer of this driver, so it stays.
            }
            if (guest.pair().tx.inFlight() > 0) {
                break;
            }
            assertTrue(sentCount < 10_000, "the socket takes everything");
        }
        assertEquals(1, bench.sent().waits());
        for (int i = 0; i < sentCount - 1; i++) {
            assertArrayEquals(frame(i, 60), bench.receive(0));
        }
        bench.events.turn();
        assertArrayEquals(frame(sentCount - 1, 60), bench.receive(0));
        assertTrue(guest.pair().tx.poll() >= 0);
        assertEquals(sentCount, bench.sent().frames());
    }

    @Test
    void aLongQueueIsServedInRounds() {
        Guest guest = bench.start(ALL & ~(1L << 29), 256);
        guest.pair().post(256, BUFFER_SIZE);
        int count = 0;
        while (bench.send(0, frame(count, 60)) && count < 200) {
            count++;
        }
        bench.events.turn();
        for (int i = 0; i < count; i++) {
            assertArrayEquals(body(frame(i, 60)), guest.pair().next());
        }
    }
}
