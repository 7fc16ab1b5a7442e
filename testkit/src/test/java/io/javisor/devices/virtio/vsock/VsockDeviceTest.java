package io.javisor.devices.virtio.vsock;

import static io.javisor.devices.virtio.vsock.VsockProtocol.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Fd;
import io.javisor.devices.virtio.VirtioFeature;
import io.javisor.testkit.driver.VirtioDriver;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The device through its registers and rings, over real Unix sockets (virtio 1.2 §5.10; Firecracker's docs/vsock.md). */
class VsockDeviceTest extends BenchFixture {
    @Test
    void itIsASocketDeviceOfThatContext() {
        VsockBench bench = bench();
        assertEquals(VIRTIO_ID_VSOCK, bench.driver.probe());
        assertEquals(
                VirtioDriver.RING_FEATURES | VirtioFeature.mask(VsockDevice.VIRTIO_VSOCK_F_STREAM),
                bench.driver.offeredFeatures());
        bench.start();
        assertEquals(Packet.GUEST_CID, bench.driver.readConfig(0, 8));
        assertEquals(Packet.GUEST_CID, bench.driver.readConfig(0, 4));
        assertEquals(0, bench.driver.readConfig(4, 4));
        bench.driver.writeConfig(0, 8, 99);
        assertEquals(Packet.GUEST_CID, bench.driver.readConfig(0, 8));
        assertEquals(1, bench.counted("bad_config_writes"));
    }

    // ---- the guest begins ----

    @Test
    void aGuestConnectsToWhoListens() {
        VsockBench bench = bench().start();
        Fd host = connectToListener();
        bench.send(Packet.of(VIRTIO_VSOCK_OP_RW, GUEST, PORT).with("hello"));
        assertEquals("hello", bench.read(host));
        bench.write(host, "world");
        bench.turn();
        Packet answer = bench.expect(VIRTIO_VSOCK_OP_RW, PORT, GUEST);
        assertEquals("world", answer.text());
        assertEquals(5, answer.fwdCnt());
        assertEquals(1, bench.counted("guest_connections"));
        assertEquals(5L, bench.device.queueCounters(0).get("bytes"));
        assertEquals(5L, bench.device.queueCounters(1).get("bytes"));
    }

    @Test
    void whereNobodyListensAGuestIsRefused() {
        VsockBench bench = bench().start();
        bench.send(VIRTIO_VSOCK_OP_REQUEST, GUEST, PORT);
        Packet _ = bench.expect(VIRTIO_VSOCK_OP_RST, PORT, GUEST);
        Fd listener = bench.listen(PORT);
        listener.close(); // it leaves its path behind
        bench.send(VIRTIO_VSOCK_OP_REQUEST, GUEST, PORT);
        Packet _ = bench.expect(VIRTIO_VSOCK_OP_RST, PORT, GUEST);
        assertEquals(2, bench.counted("refused"));
        assertEquals(0, bench.counted("host_errors"));
    }

    @Test
    void portsHave32Bits() {
        VsockBench bench = bench().start();
        Fd listener = bench.listen(-1);
        Fd host = bench.connect(-2, -1, listener);
        bench.send(Packet.of(VIRTIO_VSOCK_OP_RW, -2, -1).with("x"));
        assertEquals("x", bench.read(host));
    }

    @Test
    void bytesOfAPacketMayBeSpreadAnyhow() {
        VsockBench bench = bench().start();
        Fd host = connectToListener();
        byte[] packet = Packet.of(VIRTIO_VSOCK_OP_RW, GUEST, PORT).with("hello").bytes();
        long gpa = bench.driver.allocate(256, 8);
        bench.memory.copyIn(packet, 0, gpa, packet.length);
        bench.tx().begin();
        for (int at = 0; at < packet.length; at += 7) {
            bench.tx().readable(gpa + at, Math.min(7, packet.length - at));
        }
        int head = bench.tx().commit();
        boolean _ = bench.tx().kick();
        assertEquals(head, bench.tx().poll());
        assertEquals("hello", bench.read(host));
    }

    // ---- the host begins ----

    @Test
    void aHostConnectsToAPortOfTheGuests() {
        VsockBench bench = bench().start();
        Fd client = bench.client(7);
        Packet request = bench.expect(VIRTIO_VSOCK_OP_REQUEST, HOST, 7);
        assertEquals(256 << 10, request.bufAlloc());
        bench.assertOpen(client);
        bench.send(VIRTIO_VSOCK_OP_RESPONSE, 7, HOST);
        assertEquals("OK 1073741824\n", bench.read(client));
        bench.send(Packet.of(VIRTIO_VSOCK_OP_RW, 7, HOST).with("hello"));
        assertEquals("hello", bench.read(client));
        bench.write(client, "world");
        bench.turn();
        assertEquals("world", bench.expect(VIRTIO_VSOCK_OP_RW, HOST, 7).text());
        assertEquals(1, bench.counted("host_connections"));
    }

    @Test
    void whatFollowsTheLineIsTheGuests() {
        VsockBench bench = bench().start();
        Fd client = bench.client();
        bench.write(client, "CONNECT 7\nhello");
        bench.turn();
        Packet _ = bench.expect(VIRTIO_VSOCK_OP_REQUEST, HOST, 7);
        bench.expectNothing();
        bench.send(VIRTIO_VSOCK_OP_RESPONSE, 7, HOST);
        bench.turn();
        assertEquals("hello", bench.expect(VIRTIO_VSOCK_OP_RW, HOST, 7).text());
        assertEquals("OK 1073741824\n", bench.read(client));
    }

    @Test
    void aLineMayComeInPieces() {
        VsockBench bench = bench().start();
        Fd client = bench.client();
        for (char c : "CONNECT 4294967294\n".toCharArray()) {
            bench.expectNothing();
            bench.write(client, String.valueOf(c));
            bench.turn();
        }
        Packet _ = bench.expect(VIRTIO_VSOCK_OP_REQUEST, HOST, -2);
    }

    @Test
    void aGuestThatRefusesClosesTheHostsEnd() {
        VsockBench bench = bench().start();
        Fd client = bench.client(7);
        Packet _ = bench.expect(VIRTIO_VSOCK_OP_REQUEST, HOST, 7);
        bench.send(VIRTIO_VSOCK_OP_RST, 7, HOST);
        assertEquals(0, bench.readOnce(client));
        bench.expectNothing();
        assertEquals(1, bench.counted("ended_connections"));
    }

    @Test
    void eachConnectionHasAPortOfItsOwn() {
        VsockBench bench = bench().start();
        for (int i = 0; i < 5; i++) {
            Fd _ = bench.client(7);
            Packet _ = bench.expect(VIRTIO_VSOCK_OP_REQUEST, HOST + i, 7);
        }
    }

    @Test
    void withoutADriverNobodyIsTaken() {
        VsockBench bench = bench();
        Fd client = bench.client(7);
        assertEquals(0, bench.readOnce(client));
        bench.start();
        bench.expectNothing();
    }

    @Test
    void aGuestThatDoesNotAnswerIsNotWaitedForForEver() {
        VsockBench bench = bench().start();
        Fd client = bench.client(7);
        Packet _ = bench.expect(VIRTIO_VSOCK_OP_REQUEST, HOST, 7);
        bench.events.time.advance(9 * SECOND);
        bench.assertOpen(client);
        bench.events.time.advance(SECOND);
        assertEquals(0, bench.readOnce(client));
        Packet _ = bench.expect(VIRTIO_VSOCK_OP_RST, HOST, 7);
        bench.send(VIRTIO_VSOCK_OP_RESPONSE, 7, HOST); // too late
        Packet _ = bench.expect(VIRTIO_VSOCK_OP_RST, HOST, 7);
        assertEquals(1, bench.counted("timeouts"));
    }

    @Test
    void aHostThatGivesUpBeforeTheGuestAnswersIsToldToIt() {
        VsockBench bench = bench().start();
        Fd client = bench.client(7);
        Packet _ = bench.expect(VIRTIO_VSOCK_OP_REQUEST, HOST, 7);
        client.close();
        bench.turn();
        Packet _ = bench.expect(VIRTIO_VSOCK_OP_RST, HOST, 7);
        assertEquals(1, bench.counted("ended_connections"));
    }

    // ---- credit ----

    @Test
    void aHostIsReadNoFasterThanTheGuestHasRoom() {
        VsockBench bench = bench().start();
        Fd listener = bench.listen(PORT);
        bench.send(Packet.of(VIRTIO_VSOCK_OP_REQUEST, GUEST, PORT).withCredit(10, 0));
        bench.turn();
        Packet _ = bench.expect(VIRTIO_VSOCK_OP_RESPONSE, PORT, GUEST);
        Fd host = bench.accept(listener);
        bench.write(host, "0123456789abcdef");
        bench.turn();
        assertEquals("0123456789", bench.expect(VIRTIO_VSOCK_OP_RW, PORT, GUEST).text());
        Packet _ = bench.expect(VIRTIO_VSOCK_OP_CREDIT_REQUEST, PORT, GUEST);
        bench.turn();
        bench.expectNothing();
        bench.send(Packet.of(VIRTIO_VSOCK_OP_CREDIT_UPDATE, GUEST, PORT).withCredit(10, 4));
        assertEquals("abcd", bench.expect(VIRTIO_VSOCK_OP_RW, PORT, GUEST).text());
        Packet _ = bench.expect(VIRTIO_VSOCK_OP_CREDIT_REQUEST, PORT, GUEST);
        bench.send(Packet.of(VIRTIO_VSOCK_OP_CREDIT_UPDATE, GUEST, PORT).withCredit(10, 14));
        assertEquals("ef", bench.expect(VIRTIO_VSOCK_OP_RW, PORT, GUEST).text());
    }

    @Test
    void aHostIsReadNoFasterThanTheGuestHasBuffers() {
        VsockBench bench = bench();
        bench.begin();
        bench.reposts = false;
        Fd listener = bench.listen(PORT);
        bench.post(1, VsockBench.RX_BYTES);
        Fd host = bench.connect(GUEST, PORT, listener);
        bench.write(host, "a".repeat(10_000));
        bench.turn();
        bench.expectNothing();
        bench.post(1, VirtioVsockHdrLayout.SIZE + 6000);
        assertEquals(6000, bench.expect(VIRTIO_VSOCK_OP_RW, PORT, GUEST).length());
        bench.turn();
        bench.post(2, VirtioVsockHdrLayout.SIZE + 6000);
        assertEquals(4000, bench.expect(VIRTIO_VSOCK_OP_RW, PORT, GUEST).length());
        bench.expectNothing();
    }

    /** Several ends for one guest: each has its turn. */
    @Test
    void nobodyHasTheGuestForHimself() {
        VsockBench bench = bench();
        bench.begin();
        bench.reposts = false;
        Fd listener = bench.listen(PORT);
        bench.post(3, VsockBench.RX_BYTES);
        List<Fd> hosts = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            hosts.add(bench.connect(GUEST + i, PORT, listener));
        }
        hosts.forEach(host -> bench.write(host, "a".repeat(30_000)));
        bench.turn();
        for (int round = 0; round < 4; round++) {
            bench.post(3, VirtioVsockHdrLayout.SIZE + 1000);
            int seen = 0;
            for (int i = 0; i < 3; i++) {
                Packet packet = Objects.requireNonNull(bench.receive());
                assertEquals(1000, packet.length());
                seen |= 1 << (packet.dstPort() - GUEST);
            }
            assertEquals(7, seen);
        }
    }

    @Test
    void whatAHostDoesNotTakeWaitsAndTheGuestIsToldWhenItLeaves() {
        VsockBench bench = bench().start();
        Fd listener = bench.listen(PORT);
        Fd host = bench.connect(GUEST, PORT, listener);
        Fd other = bench.connect(GUEST + 1, PORT, listener);
        byte[] block = new byte[16 << 10];
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        while (sent.size() < 320 << 10) { // past what the socket takes, into what waits for it
            for (int i = 0; i < block.length; i++) {
                block[i] = (byte) ((sent.size() + i * 31) >> 3);
            }
            bench.send(Packet.of(VIRTIO_VSOCK_OP_RW, GUEST, PORT).with(block));
            sent.writeBytes(block);
        }
        bench.send(Packet.of(VIRTIO_VSOCK_OP_RW, GUEST + 1, PORT).with("not held up"));
        assertEquals("not held up", bench.read(other));
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        while (got.size() < sent.size()) {
            byte[] some = bench.readBytes(host);
            assertTrue(some.length > 0, () -> got.size() + " bytes came");
            got.writeBytes(some);
            bench.turn();
        }
        assertArrayEquals(sent.toByteArray(), got.toByteArray());
        int told = 0;
        for (Packet next = bench.receive(); next != null; next = bench.receive()) {
            assertEquals(VIRTIO_VSOCK_OP_CREDIT_UPDATE, next.op());
            told = next.fwdCnt();
        }
        assertTrue(sent.size() - told <= 128 << 10, told + " bytes have left, as the guest knows");
    }
}
