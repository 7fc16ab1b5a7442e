package io.javisor.devices.virtio.vsock;

import static io.javisor.devices.virtio.vsock.VsockProtocol.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Fd;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A guest that says what it must not. Whatever it is, a connection beside it goes on. */
class VsockHostileTest extends ListenerFixture {
    private void assertReset(Fd host) {
        Packet _ = bench().expect(VIRTIO_VSOCK_OP_RST, PORT, GUEST);
        bench().assertEnded(host);
        bench().expectNothing();
        assertWorks(GUEST);
    }

    // ---- packets ----

    @ParameterizedTest
    @ValueSource(ints = {1, 16, 43})
    void aPacketWithoutAWholeHeaderIsDropped(int bytes) {
        bench().start();
        long gpa = bench().driver.allocate(64, 8);
        bench().tx().begin();
        bench().tx().readable(gpa, bytes);
        int head = bench().tx().commit();
        boolean _ = bench().tx().kick();
        assertEquals(head, bench().tx().poll());
        assertEquals(1, bench().counted("malformed"));
        bench().expectNothing();
        assertWorks(GUEST);
    }

    @Test
    void aPacketToBeWrittenIsDropped() {
        bench().start();
        long gpa = bench().driver.allocate(64, 8);
        bench().tx().begin();
        bench().tx().writable(gpa, 64);
        int head = bench().tx().commit();
        boolean _ = bench().tx().kick();
        assertEquals(head, bench().tx().poll());
        assertEquals(0, bench().tx().usedLength());
        assertEquals(1, bench().counted("malformed"));
    }

    @Test
    void aPacketThatIsToBeWrittenTooResetsItsConnection() {
        bench().start();
        Fd host = connect(GUEST);
        byte[] packet = Packet.of(VIRTIO_VSOCK_OP_RW, GUEST, PORT).with("no").bytes();
        long gpa = bench().driver.allocate(256, 8);
        bench().memory.copyIn(packet, 0, gpa, packet.length);
        bench().tx().begin();
        bench().tx().readable(gpa, packet.length);
        bench().tx().writable(gpa + 128, 64);
        int head = bench().tx().commit();
        boolean _ = bench().tx().kick();
        assertEquals(head, bench().tx().poll());
        assertEquals(1, bench().counted("malformed"));
        assertReset(host);
    }

    @ParameterizedTest
    @CsvSource({"5, 4", "5, 6", "5, 0", "5, -1", "0, 5", "0, -1"})
    void aLengthThatIsNotThePacketsResetsItsConnection(int bytes, int said) {
        bench().start();
        Fd host = connect(GUEST);
        bench().send(Packet.of(VIRTIO_VSOCK_OP_RW, GUEST, PORT)
                .with(new byte[bytes])
                .withLength(said));
        assertEquals(1, bench().counted("malformed"));
        assertReset(host);
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                VIRTIO_VSOCK_OP_REQUEST,
                VIRTIO_VSOCK_OP_RESPONSE,
                VIRTIO_VSOCK_OP_SHUTDOWN,
                VIRTIO_VSOCK_OP_CREDIT_UPDATE,
                VIRTIO_VSOCK_OP_CREDIT_REQUEST
            })
    void onlyDataHasAPayload(int op) {
        bench().start();
        Fd host = connect(GUEST);
        bench().send(Packet.of(op, GUEST, PORT).with("x"));
        assertEquals(1, bench().counted("malformed"));
        assertReset(host);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 4, 0x1_0000_0003L, -1})
    void aPacketFromAnotherIsNobodys(long cid) {
        bench().start();
        Fd host = connect(GUEST);
        for (int op = 0; op < 9; op++) {
            bench().send(Packet.of(op, GUEST, PORT).withCids(cid, VMADDR_CID_HOST));
        }
        bench().expectNothing();
        assertEquals(9, bench().counted("bad_addresses"));
        bench().assertOpen(host);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 3, 4, 0x1_0000_0002L, -1})
    void whereThereIsNobodyNobodyAnswers(long cid) {
        bench().start();
        Fd host = connect(GUEST);
        bench().send(Packet.of(VIRTIO_VSOCK_OP_REQUEST, GUEST, PORT).withCids(3, cid));
        Packet refusal = Objects.requireNonNull(bench().receive());
        assertEquals(VIRTIO_VSOCK_OP_RST, refusal.op());
        assertEquals(cid, refusal.srcCid());
        assertEquals(3, refusal.dstCid());
        bench().send(Packet.of(VIRTIO_VSOCK_OP_RST, GUEST, PORT).withCids(3, cid)); // never answered
        bench().expectNothing();
        bench().assertOpen(host);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 3, 0xFFFF})
    void anotherTypeIsRefused(int type) {
        bench().start();
        Fd host = connect(GUEST);
        bench().send(Packet.of(VIRTIO_VSOCK_OP_REQUEST, GUEST, PORT).withType(type));
        Packet refusal = bench().expect(VIRTIO_VSOCK_OP_RST, PORT, GUEST);
        assertEquals(type, refusal.type());
        bench().assertOpen(host);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 4, 5, 6, 7, 8, 99, 0xFFFF})
    void whatBelongsToNoConnectionIsRefused(int op) {
        bench().start();
        bench().send(op, GUEST, PORT);
        Packet _ = bench().expect(VIRTIO_VSOCK_OP_RST, PORT, GUEST);
        assertEquals(1, bench().counted("unexpected"));
        assertWorks(GUEST);
    }

    @Test
    void aResetOfNothingIsNothing() {
        bench().start();
        bench().send(VIRTIO_VSOCK_OP_RST, GUEST, PORT);
        bench().expectNothing();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 8, 0xFFFF})
    void whatAConnectionHasNotResetsIt(int op) {
        bench().start();
        Fd host = connect(GUEST);
        bench().send(op, GUEST, PORT);
        assertReset(host);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 0xFF, -1})
    void hintsThatThereAreNotResetIt(int flags) {
        bench().start();
        Fd host = connect(GUEST);
        bench().send(Packet.of(VIRTIO_VSOCK_OP_SHUTDOWN, GUEST, PORT).withFlags(flags));
        assertReset(host);
    }

    @Test
    void whoHasSaidAllSaysNoMore() {
        bench().start();
        Fd host = connect(GUEST);
        bench().send(Packet.of(VIRTIO_VSOCK_OP_SHUTDOWN, GUEST, PORT).withFlags(VIRTIO_VSOCK_SHUTDOWN_SEND));
        bench().send(Packet.of(VIRTIO_VSOCK_OP_RW, GUEST, PORT).with("more"));
        assertReset(host);
    }

    // ---- credit ----

    @Test
    void aGuestThatSendsMoreThanItMayIsReset() {
        bench().start();
        Fd host = connect(GUEST);
        int sent = 0;
        while (bench().counted("bad_credit") == 0) {
            bench().sendWithout(Packet.of(VIRTIO_VSOCK_OP_RW, GUEST, PORT).with(new byte[64 << 10]));
            sent += 64 << 10;
            assertTrue(sent < 2 << 20, "it is never full");
        }
        for (Packet packet = bench().receive(); packet != null; packet = bench().receive()) {
            if (packet.op() == VIRTIO_VSOCK_OP_RST) {
                break;
            }
            assertEquals(VIRTIO_VSOCK_OP_CREDIT_UPDATE, packet.op());
        }
        int got = 0;
        for (int some = bench().readBytes(host).length; some > 0; some = bench().readBytes(host).length) {
            got += some;
            bench().turn();
        }
        assertEquals(sent - (64 << 10), got, "what it had credit for");
        while (bench().tx().poll() >= 0) {
            // Its packets come back.
        }
        assertWorks(GUEST);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1000, Integer.MAX_VALUE})
    void aGuestThatHasForwardedWhatItWasNeverSentIsReset(int forwarded) {
        bench().start();
        Fd host = connect(GUEST);
        bench().send(Packet.of(VIRTIO_VSOCK_OP_CREDIT_UPDATE, GUEST, PORT).withCredit(-1, forwarded));
        assertEquals(1, bench().counted("bad_credit"));
        assertReset(host);
    }

    @Test
    void aBufferOfNothingTakesNothing() {
        bench().start();
        bench().send(Packet.of(VIRTIO_VSOCK_OP_REQUEST, GUEST, PORT).withCredit(0, 0));
        Packet _ = bench().expect(VIRTIO_VSOCK_OP_RESPONSE, PORT, GUEST);
        Fd host = bench().accept(listener());
        bench().write(host, "nowhere to go");
        bench().turn();
        Packet _ = bench().expect(VIRTIO_VSOCK_OP_CREDIT_REQUEST, PORT, GUEST);
        for (int i = 0; i < 10; i++) {
            bench().send(Packet.of(VIRTIO_VSOCK_OP_CREDIT_UPDATE, GUEST, PORT).withCredit(0, 0));
            bench().turn();
            bench().expectNothing();
        }
    }

    @Test
    void aStormOfQuestionsHasOneAnswerAtATime() {
        bench().begin();
        bench().reposts = false;
        bench().post(1, VsockBench.RX_BYTES);
        Fd _ = connect(GUEST);
        for (int i = 0; i < 1000; i++) {
            bench().send(VIRTIO_VSOCK_OP_CREDIT_REQUEST, GUEST, PORT);
        }
        bench().post(5, VsockBench.RX_BYTES);
        Packet _ = bench().expect(VIRTIO_VSOCK_OP_CREDIT_UPDATE, PORT, GUEST);
        bench().expectNothing();
    }
}
