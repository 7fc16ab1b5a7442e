package io.javisor.devices.virtio.vsock;

import static io.javisor.devices.virtio.vsock.VsockProtocol.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.devices.virtio.VirtioStatus;
import io.javisor.devices.virtio.queue.SplitRingLayout;
import io.javisor.testkit.driver.DriverQueue;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Too much of anything, buffers of the wrong kind, and programs of the host's that do what they must not. */
class VsockFloodTest extends ListenerFixture {
    // ---- storms and floods ----

    /** A guest that asks for refusals, and takes none: its packets wait then. */
    @Test
    void refusalsThatNobodyTakesAreBounded() {
        bench().begin();
        bench().reposts = false;
        int taken = 0;
        for (int i = 0; i < VsockReplies.CAPACITY + 40; i++) {
            bench().sendWithout(Packet.of(VIRTIO_VSOCK_OP_RW, i, PORT));
            if (bench().tx().poll() >= 0) {
                taken++;
            }
        }
        assertEquals(VsockReplies.CAPACITY, taken);
        for (int i = 0; i < VsockReplies.CAPACITY + 40; i++) {
            bench().post(1, VirtioVsockHdrLayout.SIZE);
            Packet _ = bench().expect(VIRTIO_VSOCK_OP_RST, PORT, i >= taken ? lastSent() : i);
        }
        while (bench().tx().poll() >= 0) {
            taken++;
        }
        assertEquals(VsockReplies.CAPACITY + 40, taken);
        bench().expectNothing();
    }

    /** Packets that waited all lay in one buffer, which has the last one by then. */
    private static int lastSent() {
        return VsockReplies.CAPACITY + 39;
    }

    @Test
    void aStormOfResetsCostsNothing() {
        bench().start();
        for (int i = 0; i < 2000; i++) {
            bench().send(VIRTIO_VSOCK_OP_RST, i, i * 31);
        }
        bench().expectNothing();
        assertWorks(GUEST);
    }

    @Test
    void portsAreNotTakenWithoutEnd() {
        VsockBench bench = bench().start();
        List<Fd> ends = new ArrayList<>();
        for (int i = 0; i < VsockConnections.MAX; i++) {
            bench.send(VIRTIO_VSOCK_OP_REQUEST, i, PORT);
            Packet answer = bench.expect(VIRTIO_VSOCK_OP_RESPONSE, PORT, i);
            assertEquals(i < 64 ? 256 << 10 : 64 << 10, answer.bufAlloc());
            ends.add(bench.accept(listener()));
        }
        for (int i = 0; i < 10; i++) {
            bench.send(VIRTIO_VSOCK_OP_REQUEST, 100_000 + i, PORT);
            Packet _ = bench.expect(VIRTIO_VSOCK_OP_RST, PORT, 100_000 + i);
        }
        assertEquals(0, bench.readOnce(bench.client(7)), "the host gets none either");
        bench.expectNothing();
        bench.send(VIRTIO_VSOCK_OP_RST, 5, PORT);
        assertEquals(0, bench.readOnce(ends.get(5)));
        assertWorks(5);
    }

    /** Without buffers for the RST that are due to it, a guest's connections stay, and count. */
    @Test
    void aGuestThatTakesNothingHasNoMoreConnections() {
        VsockBench bench = bench();
        bench.begin();
        bench.reposts = false;
        int refused = 0;
        for (int i = 0; i < VsockConnections.MAX + 100 && bench.counted("too_many") == 0; i++) {
            bench.send(VIRTIO_VSOCK_OP_REQUEST, i, PORT);
            Fd host = bench.accept(listener());
            bench.send(99, i, PORT);
            bench.assertEnded(host);
            host.close();
            refused = i + 1;
            if (refused == VsockConnections.MAX) {
                bench.send(VIRTIO_VSOCK_OP_REQUEST, refused, PORT);
            }
        }
        assertEquals(VsockConnections.MAX, refused);
        assertEquals(
                -Errno.EAGAIN, io.javisor.core.host.UnixSocket.accept(listener().value()));
        assertTrue(bench.driver.reset());
        bench.reposts = true;
        bench.start();
        assertWorks(GUEST);
    }

    // ---- buffers ----

    @ParameterizedTest
    @ValueSource(ints = {1, 43})
    void aBufferThatHoldsNoHeaderComesBackEmpty(int bytes) {
        bench().begin();
        bench().reposts = false;
        bench().send(VIRTIO_VSOCK_OP_REQUEST, GUEST, PORT);
        Fd _ = bench().accept(listener());
        bench().post(1, bytes);
        assertTrue(bench().rx().poll() >= 0);
        assertEquals(0, bench().rx().usedLength());
        assertEquals(1, bench().counted("bad_buffers"));
        bench().post(1, VirtioVsockHdrLayout.SIZE);
        Packet _ = bench().expect(VIRTIO_VSOCK_OP_RESPONSE, PORT, GUEST);
    }

    @Test
    void aBufferForAHeaderOnlyTakesNoData() {
        bench().begin();
        bench().reposts = false;
        bench().post(1, VirtioVsockHdrLayout.SIZE);
        Fd host = connect(GUEST);
        bench().write(host, "data");
        bench().turn();
        bench().post(1, VirtioVsockHdrLayout.SIZE);
        assertTrue(bench().rx().poll() >= 0);
        assertEquals(0, bench().rx().usedLength());
        assertEquals(1, bench().counted("bad_buffers"));
        bench().post(1, VirtioVsockHdrLayout.SIZE + 1);
        assertEquals("d", bench().expect(VIRTIO_VSOCK_OP_RW, PORT, GUEST).text());
        bench().post(1, 100);
        assertEquals("ata", bench().expect(VIRTIO_VSOCK_OP_RW, PORT, GUEST).text());
    }

    @Test
    void aBufferToBeReadComesBackEmpty() {
        bench().begin();
        bench().reposts = false;
        bench().send(VIRTIO_VSOCK_OP_REQUEST, GUEST, PORT);
        Fd _ = bench().accept(listener());
        DriverQueue rx = bench().rx();
        rx.begin();
        rx.readable(bench().driver.allocate(4096, 8), 4096);
        int head = rx.commit();
        boolean _ = rx.kick();
        assertEquals(head, rx.poll());
        assertEquals(0, rx.usedLength());
        assertEquals(1, bench().counted("bad_buffers"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aRingThatLoopsBreaksTheDevice(int index) {
        bench().begin();
        bench().send(VIRTIO_VSOCK_OP_REQUEST, GUEST, PORT); // so that a buffer is wanted
        Fd host = bench().accept(listener());
        DriverQueue queue = index == 0 ? bench().rx() : bench().tx();
        int flags = SplitRingLayout.VIRTQ_DESC_F_NEXT | (index == 0 ? SplitRingLayout.VIRTQ_DESC_F_WRITE : 0);
        queue.rawDescriptor(0, 0x1000, 16, flags, 1);
        queue.rawDescriptor(1, 0x1000, 16, flags, 0);
        queue.rawAvailable(0);
        queue.ring();
        assertNeedsReset(host);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void aBufferThatIsNoRamBreaksTheDevice(int index) {
        bench().begin();
        bench().send(VIRTIO_VSOCK_OP_REQUEST, GUEST, PORT);
        Fd host = bench().accept(listener());
        DriverQueue queue = index == 0 ? bench().rx() : index == 1 ? bench().tx() : bench().event();
        if (index == 2) { // it is looked at only when there is something to tell
            VsockState state = bench().device.save();
            var registers = bench().transport.save();
            bench().replaceDevice();
            bench().device.restore(state);
            bench().transport.restore(registers);
            queue.rawDescriptor(0, 1L << 40, 16, SplitRingLayout.VIRTQ_DESC_F_WRITE, 0);
            queue.rawAvailable(0);
            bench().device.queueNotified(2);
            assertTrue((bench().transport.function().status() & VirtioStatus.VIRTIO_CONFIG_S_NEEDS_RESET) != 0);
            return;
        }
        queue.rawDescriptor(0, 1L << 40, 64, index == 0 ? SplitRingLayout.VIRTQ_DESC_F_WRITE : 0, 0);
        queue.rawAvailable(0);
        queue.ring();
        assertNeedsReset(host);
    }

    private void assertNeedsReset(Fd host) {
        VsockBench bench = bench();
        assertTrue((bench.transport.function().status() & VirtioStatus.VIRTIO_CONFIG_S_NEEDS_RESET) != 0);
        bench.write(host, "to nobody");
        bench.turn();
        assertTrue(bench.driver.reset());
        bench.assertEnded(host);
        bench.start();
        assertWorks(GUEST);
    }

    // ---- programs of the host's ----

    @ParameterizedTest
    @ValueSource(strings = {"GET / HTTP/1.1\r\n\r\n", "\n", "CONNECT x\n", "CONNECT 99999999999\n", "\0\0\0\0"})
    void whoAsksForNoPortIsSentAway(String text) {
        bench().start();
        Fd client = bench().client();
        bench().write(client, text);
        bench().turn();
        bench().assertEnded(client);
        bench().expectNothing();
        assertEquals(1, bench().counted("bad_clients"));
        assertWorks(GUEST);
    }

    @Test
    void whoSaysNothingHoldsNobodyUp() {
        VsockBench bench = bench().start();
        List<Fd> silent = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            silent.add(bench.client());
            bench.turn();
        }
        silent.forEach(bench::assertOpen);
        Fd client = bench.client(7);
        Packet _ = bench.expect(VIRTIO_VSOCK_OP_REQUEST, HOST, 7);
        bench.assertOpen(client);
        assertEquals(0, bench.readOnce(silent.getFirst()), "the one that waited longest made room");
        bench.assertOpen(silent.get(1));
        bench.write(silent.get(1), "CONNECT 8\n");
        bench.turn();
        Packet _ = bench.expect(VIRTIO_VSOCK_OP_REQUEST, HOST + 1, 8);
    }

    /** Its line is there when the loop looks who makes room, and only the loop has not read it. */
    @Test
    void whoHasSpokenMakesNoRoom() {
        VsockBench bench = bench().start();
        Fd first = bench.client();
        for (int i = 1; i < 64; i++) {
            Fd _ = bench.client();
        }
        bench.turn();
        for (int i = 0; i < 64; i++) {
            Fd _ = bench.client();
        }
        bench.write(first, "CONNECT 9\n");
        bench.turn();
        Packet _ = bench.expect(VIRTIO_VSOCK_OP_REQUEST, HOST, 9);
        bench.assertOpen(first);
    }

    @Test
    void whoLeavesInTheMiddleOfALineIsForgotten() {
        bench().start();
        Fd client = bench().client();
        bench().write(client, "CONNECT 5");
        bench().turn();
        client.close();
        bench().turn();
        bench().expectNothing();
        assertEquals(1, bench().counted("bad_clients"));
    }

    @Test
    void aHostThatGoesWhileBytesWaitForItLosesThemAndNobodyElse() {
        VsockBench bench = bench().start();
        Fd host = connect(GUEST);
        for (int sent = 0; sent < 320 << 10; sent += 32 << 10) {
            bench.sendWithout(Packet.of(VIRTIO_VSOCK_OP_RW, GUEST, PORT).with(new byte[32 << 10]));
            assertTrue(bench.tx().poll() >= 0);
        }
        host.close();
        bench.turn();
        boolean told = false;
        for (Packet packet = bench.receive(); packet != null; packet = bench.receive()) {
            told |= packet.op() == VIRTIO_VSOCK_OP_SHUTDOWN && (packet.flags() & VIRTIO_VSOCK_SHUTDOWN_RCV) != 0;
        }
        assertTrue(told);
        assertFalse(bench.counted("ended_connections") > 0);
        bench.send(VIRTIO_VSOCK_OP_RST, GUEST, PORT);
        assertWorks(GUEST);
    }
}
