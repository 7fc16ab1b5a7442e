package io.javisor.devices.virtio.vsock;

import static io.javisor.devices.virtio.vsock.VsockProtocol.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.devices.virtio.mmio.VirtioMmioState;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** How connections end, and what becomes of them in a reset, a pause and a snapshot. */
class VsockEndsTest extends BenchFixture {
    private static final int BOTH = VIRTIO_VSOCK_SHUTDOWN_RCV | VIRTIO_VSOCK_SHUTDOWN_SEND;

    // ---- ends ----

    @Test
    void theHostMayEndItsHalf() {
        VsockBench bench = bench().start();
        Fd host = connectToListener();
        bench.write(host, "last");
        VsockBench.endOutput(host);
        bench.turn();
        assertEquals("last", bench.expect(VIRTIO_VSOCK_OP_RW, PORT, GUEST).text());
        assertEquals(
                VIRTIO_VSOCK_SHUTDOWN_SEND,
                bench.expect(VIRTIO_VSOCK_OP_SHUTDOWN, PORT, GUEST).flags());
        bench.send(Packet.of(VIRTIO_VSOCK_OP_RW, GUEST, PORT).with("answer"));
        assertEquals("answer", bench.read(host));
        bench.send(Packet.of(VIRTIO_VSOCK_OP_SHUTDOWN, GUEST, PORT).withFlags(BOTH));
        assertEquals(0, bench.readOnce(host));
        Packet _ = bench.expect(VIRTIO_VSOCK_OP_RST, PORT, GUEST);
        bench.expectNothing();
    }

    @Test
    void theGuestMayEndItsHalf() {
        VsockBench bench = bench().start();
        Fd host = connectToListener();
        bench.send(Packet.of(VIRTIO_VSOCK_OP_RW, GUEST, PORT).with("question"));
        bench.send(Packet.of(VIRTIO_VSOCK_OP_SHUTDOWN, GUEST, PORT).withFlags(VIRTIO_VSOCK_SHUTDOWN_SEND));
        assertEquals("question", bench.read(host));
        assertEquals(0, bench.readOnce(host));
        bench.write(host, "answer");
        bench.turn();
        assertEquals("answer", bench.expect(VIRTIO_VSOCK_OP_RW, PORT, GUEST).text());
        host.close();
        bench.turn();
        Packet _ = bench.expect(VIRTIO_VSOCK_OP_SHUTDOWN, PORT, GUEST);
        Packet end = bench.receive();
        if (end != null) { // both halves at once, or one after the other
            assertEquals(BOTH, end.flags());
        }
        bench.send(VIRTIO_VSOCK_OP_RST, GUEST, PORT);
        bench.expectNothing();
        assertEquals(1, bench.counted("ended_connections"));
    }

    @Test
    void aGuestThatDoesNotListenHasTheHostKnow() {
        VsockBench bench = bench().start();
        Fd host = connectToListener();
        bench.send(Packet.of(VIRTIO_VSOCK_OP_SHUTDOWN, GUEST, PORT).withFlags(VIRTIO_VSOCK_SHUTDOWN_RCV));
        assertEquals(-Errno.EPIPE, bench.tryWrite(host, new byte[10]));
        bench.send(Packet.of(VIRTIO_VSOCK_OP_RW, GUEST, PORT).with("still here"));
        assertEquals("still here", bench.read(host));
    }

    @Test
    void aHostThatClosesIsSeenOut() {
        VsockBench bench = bench().start();
        Fd host = connectToListener();
        bench.write(host, "bye");
        host.close();
        bench.turn();
        assertEquals("bye", bench.expect(VIRTIO_VSOCK_OP_RW, PORT, GUEST).text());
        Packet end = bench.expect(VIRTIO_VSOCK_OP_SHUTDOWN, PORT, GUEST);
        if (end.flags() != BOTH) {
            end = bench.expect(VIRTIO_VSOCK_OP_SHUTDOWN, PORT, GUEST);
        }
        assertEquals(BOTH, end.flags());
        bench.events.time.advance(7 * SECOND);
        bench.expectNothing();
        bench.events.time.advance(SECOND);
        Packet _ = bench.expect(VIRTIO_VSOCK_OP_RST, PORT, GUEST);
        assertEquals(1, bench.counted("timeouts"));
        bench.events.time.advance(100 * SECOND);
        bench.expectNothing();
        assertEquals(0, bench.events.time.armed());
    }

    /** What it sent by then is the host's, however slow that reads. */
    @Test
    void aGuestThatClosesLosesNothing() {
        VsockBench bench = bench().start();
        Fd host = connectToListener();
        int sent = 0;
        while (bench.receive() == null && sent < 1 << 20) {
            if (sent >= 448 << 10) {
                break; // what a socket takes, and what waits
            }
            bench.sendWithout(Packet.of(VIRTIO_VSOCK_OP_RW, GUEST, PORT).with(new byte[32 << 10]));
            assertTrue(bench.tx().poll() >= 0);
            sent += 32 << 10;
        }
        bench.send(Packet.of(VIRTIO_VSOCK_OP_SHUTDOWN, GUEST, PORT).withFlags(BOTH));
        bench.turn();
        int got = 0;
        for (int some = bench.readBytes(host).length; some > 0; some = bench.readBytes(host).length) {
            got += some;
            bench.turn();
        }
        assertEquals(0, bench.counted("bad_credit"));
        assertEquals(sent, got);
        assertEquals(0, bench.readOnce(host));
    }

    @Test
    void portsCanBeUsedAgain() {
        VsockBench bench = bench().start();
        Fd listener = bench.listen(PORT);
        for (int i = 0; i < 5; i++) {
            Fd host = bench.connect(GUEST, PORT, listener);
            bench.send(Packet.of(VIRTIO_VSOCK_OP_SHUTDOWN, GUEST, PORT).withFlags(BOTH));
            Packet _ = bench.expect(VIRTIO_VSOCK_OP_RST, PORT, GUEST);
            assertEquals(0, bench.readOnce(host));
        }
    }

    // ---- lives ----

    @Test
    void aResetEndsAllConnections() {
        VsockBench bench = bench().start();
        Fd listener = bench.listen(PORT);
        Fd host = bench.connect(GUEST, PORT, listener);
        Fd client = bench.client(7);
        assertTrue(bench.driver.reset());
        assertEquals(0, bench.readOnce(host));
        bench.assertEnded(client);
        assertEquals(0, bench.events.time.armed());
        assertEquals(2, bench.counted("ended_connections"));
        bench.start();
        Fd again = bench.connect(GUEST, PORT, listener);
        bench.send(Packet.of(VIRTIO_VSOCK_OP_RW, GUEST, PORT).with("again"));
        assertEquals("again", bench.read(again));
    }

    @Test
    void aPausedGuestSeesNothing() {
        VsockBench bench = bench().start();
        Fd host = connectToListener();
        int[] quiet = {0};
        bench.transport.function().pause(() -> quiet[0]++);
        assertEquals(1, quiet[0]);
        byte[] before = bench.ram.toArray(ValueLayout.JAVA_BYTE);
        bench.write(host, "while it slept");
        Fd client = bench.client(7);
        bench.turn();
        assertArrayEquals(before, bench.ram.toArray(ValueLayout.JAVA_BYTE));
        bench.sendWithout(Packet.of(VIRTIO_VSOCK_OP_RW, GUEST, PORT).with("too"));
        assertEquals(-1, bench.tx().poll());
        bench.transport.function().resume();
        bench.turn();
        assertTrue(bench.tx().poll() >= 0);
        assertEquals("too", bench.read(host));
        Packet first = Objects.requireNonNull(bench.receive());
        Packet second = Objects.requireNonNull(bench.receive());
        boolean dataFirst = first.op() == VIRTIO_VSOCK_OP_RW;
        assertEquals("while it slept", (dataFirst ? first : second).text());
        assertEquals(VIRTIO_VSOCK_OP_REQUEST, (dataFirst ? second : first).op());
        bench.assertOpen(client);
    }

    @Test
    void aRestoredGuestIsToldThatItsConnectionsAreGone() {
        VsockBench bench = bench().start();
        Fd host = connectToListener();
        Fd _ = bench.client(7);
        Packet _ = bench.expect(VIRTIO_VSOCK_OP_REQUEST, HOST, 7);
        long eventGpa = bench.driver.allocate(4, 4);
        bench.memory.putInt(eventGpa, -1);
        bench.event().begin();
        bench.event().writable(eventGpa, 4);
        int buffer = bench.event().commit();
        boolean _ = bench.event().kick();
        bench.write(host, "in mid-request");
        bench.sendWithout(Packet.of(VIRTIO_VSOCK_OP_RW, GUEST, PORT).with("this too"));
        VsockState state = bench.device.save();
        VirtioMmioState registers = bench.transport.save();
        bench.send(Packet.of(VIRTIO_VSOCK_OP_RW, GUEST, PORT).with("x"));
        assertEquals("this toox", bench.read(host), "a machine whose state was saved goes on");
        assertEquals(-1, bench.event().poll());

        bench.replaceDevice();
        bench.device.restore(state);
        bench.transport.restore(registers);
        assertEquals(state, bench.device.save());
        assertEquals(buffer, bench.event().poll());
        assertEquals(4, bench.event().usedLength());
        assertEquals(VIRTIO_VSOCK_EVENT_TRANSPORT_RESET, bench.memory.getInt(eventGpa));
        assertEquals(1, bench.counted("transport_resets"));
        Fd _ = bench.client(7);
        bench.turn();
        assertThrows(IllegalArgumentException.class, () -> new VsockState(2, HOST));
        assertThrows(IllegalArgumentException.class, () -> new VsockState(1, 5));
    }

    @Test
    void anEventWaitsForABuffer() {
        VsockBench bench = bench().start();
        VsockState state = bench.device.save();
        VirtioMmioState registers = bench.transport.save();
        bench.replaceDevice();
        bench.device.restore(state);
        bench.transport.restore(registers);
        assertEquals(0, bench.counted("transport_resets"));
        long gpa = bench.driver.allocate(4, 4);
        bench.event().begin();
        bench.event().writable(gpa, 3); // too small
        int _ = bench.event().commit();
        boolean _ = bench.event().kick();
        assertTrue(bench.event().poll() >= 0);
        assertEquals(0, bench.event().usedLength());
        bench.event().begin();
        bench.event().writable(gpa, 4);
        int _ = bench.event().commit();
        boolean _ = bench.event().kick();
        assertTrue(bench.event().poll() >= 0);
        assertEquals(4, bench.event().usedLength());
        assertEquals(1, bench.counted("bad_buffers"));
    }
}
