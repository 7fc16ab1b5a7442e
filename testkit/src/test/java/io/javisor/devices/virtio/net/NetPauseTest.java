package io.javisor.devices.virtio.net;

import static io.javisor.devices.virtio.net.Guest.BUFFER_SIZE;
import static io.javisor.devices.virtio.net.NetBench.ALL;
import static io.javisor.devices.virtio.net.NetBench.body;
import static io.javisor.devices.virtio.net.NetBench.frame;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.devices.virtio.mmio.VirtioMmioState;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A card of a machine that is paused: frames wait where they are, on both sides. */
class NetPauseTest {
    private final NetBench bench = new NetBench(1);
    private int quiet;

    @AfterEach
    void close() {
        bench.close();
    }

    private void pause() {
        bench.transport.function().pause(() -> quiet++);
    }

    private void resume() {
        bench.transport.function().resume();
    }

    private byte[] memory() {
        return bench.ram.toArray(ValueLayout.JAVA_BYTE);
    }

    @Test
    void framesWaitOutside() {
        Guest guest = bench.start(ALL, 16);
        guest.pair().post(8, BUFFER_SIZE);
        bench.events.turn();
        pause();
        assertEquals(1, quiet);
        byte[] before = memory();
        for (int i = 0; i < 4; i++) {
            assertTrue(bench.send(0, frame(i, 60)));
            bench.events.turn();
        }
        assertArrayEquals(before, memory());
        resume();
        bench.events.turn();
        for (int i = 0; i < 4; i++) {
            assertArrayEquals(body(frame(i, 60)), guest.pair().next());
        }
        assertTrue(bench.send(0, frame(9, 60)));
        bench.events.turn();
        assertArrayEquals(body(frame(9, 60)), guest.pair().next());
        assertEquals(0, bench.received().drops(NetDrop.INTERRUPTED));
    }

    @Test
    void aFrameThatIsHalfDeliveredIsKept() {
        Guest guest = bench.start(ALL, 16);
        guest.pair().post(2, BUFFER_SIZE);
        assertTrue(bench.send(0, frame(1, 9000)));
        bench.events.turn();
        pause();
        byte[] before = memory();
        bench.events.turn();
        assertArrayEquals(before, memory());
        resume();
        assertNull(guest.pair().receive());
        guest.pair().post(8, BUFFER_SIZE);
        bench.events.turn();
        assertArrayEquals(body(frame(1, 9000)), guest.pair().next());
        assertEquals(0, bench.received().drops(NetDrop.INTERRUPTED));
    }

    @Test
    void whatTheGuestSendsWaitsInItsQueue() {
        Guest guest = bench.start(ALL, 16);
        pause();
        int _ = guest.pair().send(frame(1, 60));
        bench.events.turn();
        assertNull(bench.receive(0));
        resume();
        assertArrayEquals(frame(1, 60), bench.receive(0));
    }

    /** The host has no room, and has some again during the pause. */
    @Test
    void roomAtTheHostsSideIsUsedAfterwards() {
        Guest guest = bench.start(ALL, 256);
        int sent = 0;
        while (bench.sent().waits() == 0) {
            int _ = guest.pair().send(frame(sent++, 1000));
            while (guest.pair().tx.poll() >= 0) {
                // Its buffer is the next frame's.
            }
        }
        pause();
        byte[] before = memory();
        int received = 0;
        while (bench.receive(0) != null) {
            received++;
        }
        bench.events.turn();
        assertNull(bench.receive(0));
        assertArrayEquals(before, memory());
        resume();
        while (bench.receive(0) != null) {
            received++;
            bench.events.turn();
        }
        assertEquals(sent, received);
    }

    @Test
    void aRestoredCardBeginsAfterThePause() {
        Guest guest = bench.start(ALL, 16);
        guest.pair().post(4, BUFFER_SIZE);
        pause();
        NetState state = bench.device.save();
        VirtioMmioState registers = bench.transport.save();
        assertTrue(bench.send(0, frame(1, 60)));
        byte[] before = memory();
        bench.replaceDevice();
        pause();
        bench.device.restore(state);
        bench.transport.restore(registers);
        bench.events.turn();
        assertEquals(state, bench.device.save());
        assertEquals(registers, bench.transport.save());
        assertArrayEquals(before, memory());
        resume();
        bench.events.turn();
        assertArrayEquals(body(frame(1, 60)), guest.pair().next());
    }

    @Test
    void aPausedCardCanBeReset() {
        Guest guest = bench.start(ALL, 16);
        guest.pair().post(4, BUFFER_SIZE);
        pause();
        assertTrue(bench.transport.function().reset(0));
        resume();
        Guest again = bench.start(ALL, 16);
        again.pair().post(4, BUFFER_SIZE);
        assertTrue(bench.send(0, frame(1, 60)));
        bench.events.turn();
        assertNotNull(again.pair().receive());
    }
}
