package io.javisor.devices.virtio.vsock;

import static io.javisor.devices.virtio.vsock.VsockProtocol.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Errno;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How connections begin, and how bytes pass. */
class VsockConnectionTest extends ConnectionFixture {
    // ---- beginnings ----

    @Test
    void aGuestsRequestIsAnswered() {
        VsockConnection connection = ofGuest();
        assertEquals(BUFFER, stream.bufferBytes);
        sent(connection, VIRTIO_VSOCK_OP_RESPONSE);
        nothing(connection);
        assertFalse(connection.waitsForGuest());
    }

    @Test
    void aHostsRequestIsOpenWhenTheGuestSaysSo() {
        VsockConnection connection = ofHost();
        assertTrue(connection.waitsForGuest());
        sent(connection, VIRTIO_VSOCK_OP_REQUEST);
        nothing(connection);
        assertEquals("", stream.takeCalls());
        say(connection, VIRTIO_VSOCK_OP_RESPONSE);
        assertEquals("accepted:52 await", stream.takeCalls());
        assertFalse(connection.waitsForGuest());
        nothing(connection);
    }

    @Test
    void aGuestThatRefusesEndsIt() {
        VsockConnection connection = ofHost();
        sent(connection, VIRTIO_VSOCK_OP_REQUEST);
        say(connection, VIRTIO_VSOCK_OP_RST);
        over(connection);
        assertEquals("finish", stream.takeCalls());
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                VIRTIO_VSOCK_OP_INVALID,
                VIRTIO_VSOCK_OP_REQUEST,
                VIRTIO_VSOCK_OP_SHUTDOWN,
                VIRTIO_VSOCK_OP_RW,
                VIRTIO_VSOCK_OP_CREDIT_UPDATE,
                VIRTIO_VSOCK_OP_CREDIT_REQUEST,
                8,
                0xFFFF
            })
    void aRequestIsAnsweredByNothingElse(int op) {
        VsockConnection connection = ofHost();
        sent(connection, VIRTIO_VSOCK_OP_REQUEST);
        say(connection, op);
        finishedAndReset(connection);
        assertEquals(1, counted("unexpected"));
    }

    @Test
    void aHostThatGivesUpTakesItsRequestBack() {
        VsockConnection connection = ofHost();
        sent(connection, VIRTIO_VSOCK_OP_REQUEST);
        connection.hungUp();
        assertEquals(1, changes);
        sent(connection, VIRTIO_VSOCK_OP_RST);
        over(connection);
    }

    @Test
    void aRequestThatTheGuestHasNotSeenIsForgotten() {
        VsockConnection connection = ofHost();
        connection.hungUp();
        over(connection);
        assertEquals("finish", stream.takeCalls());
    }

    @Test
    void aRequestIsNotWaitedForForEver() {
        VsockConnection connection = ofHost();
        sent(connection, VIRTIO_VSOCK_OP_REQUEST);
        connection.expire();
        finishedAndReset(connection);
        assertEquals(1, counted("timeouts"));
    }

    @Test
    void inputBeforeTheGuestHasAnsweredIsLeftAlone() {
        VsockConnection connection = ofHost();
        sent(connection, VIRTIO_VSOCK_OP_REQUEST);
        connection.readable();
        nothing(connection);
    }

    // ---- bytes ----

    @Test
    void whatTheHostSaysGoesToTheGuest() {
        VsockConnection connection = open();
        connection.readable();
        assertEquals(1, changes);
        assertEquals(VIRTIO_VSOCK_OP_RW, connection.next());
        stream.readResult = 100;
        assertEquals(100, read(connection, 1000));
        assertEquals("read await", stream.takeCalls(), "less than asked for: there is no more now");
        sent(connection, VIRTIO_VSOCK_OP_RW, 100, 0);
        nothing(connection);
        assertEquals(BUFFER - 100, connection.sendable());
    }

    @Test
    void aFullReadIsGoneOnWith() {
        VsockConnection connection = open();
        connection.readable();
        stream.readResult = 5000;
        assertEquals(1000, read(connection, 1000));
        assertEquals("read", stream.takeCalls());
        sent(connection, VIRTIO_VSOCK_OP_RW, 1000, 0);
        assertEquals(VIRTIO_VSOCK_OP_RW, connection.next());
        stream.readResult = -Errno.EAGAIN;
        assertEquals(0, read(connection, 1000));
        assertEquals("read await", stream.takeCalls());
        nothing(connection);
    }

    @Test
    void withoutCreditTheHostIsNotRead() {
        VsockConnection connection = open();
        stream.readResult = BUFFER;
        connection.readable();
        assertEquals(BUFFER, read(connection, BUFFER));
        sent(connection, VIRTIO_VSOCK_OP_RW, BUFFER, 0);
        assertEquals(0, connection.sendable());
        sent(connection, VIRTIO_VSOCK_OP_CREDIT_REQUEST);
        nothing(connection); // asked once
        say(connection, VIRTIO_VSOCK_OP_CREDIT_UPDATE);
        nothing(connection);
        guestForwarded = 10;
        say(connection, VIRTIO_VSOCK_OP_CREDIT_UPDATE);
        assertEquals(VIRTIO_VSOCK_OP_RW, connection.next());
        assertEquals(10, connection.sendable());
        stream.readResult = 10;
        assertEquals(10, read(connection, 10));
        sent(connection, VIRTIO_VSOCK_OP_RW, 10, 0);
        sent(connection, VIRTIO_VSOCK_OP_CREDIT_REQUEST);
    }

    @Test
    void aGuestThatHasForwardedWhatItWasNeverSentIsReset() {
        VsockConnection connection = open();
        guestForwarded = 1;
        say(connection, VIRTIO_VSOCK_OP_CREDIT_UPDATE);
        finishedAndReset(connection);
        assertEquals(1, counted("bad_credit"));
    }

    @Test
    void aRequestWithSuchACountIsReset() {
        guestForwarded = 7;
        VsockConnection connection = ofGuest();
        finishedAndReset(connection);
    }

    @Test
    void whatTheGuestSaysGoesToTheHost() {
        VsockConnection connection = open();
        forward(connection, 1000);
        assertEquals("write:1000", stream.takeCalls());
        nothing(connection);
    }

    @Test
    void theGuestIsToldOfRoomWhenItHasLeft() {
        VsockConnection connection = open();
        stream.writeResult = 0; // a host that does not read
        forward(connection, 40_000);
        nothing(connection);
        connection.written(30_000);
        assertEquals(1, changes);
        sent(connection, VIRTIO_VSOCK_OP_CREDIT_UPDATE);
        assertEquals(30_000, header.fwdCnt());
        nothing(connection);
    }

    @Test
    void aGuestThatSendsMoreThanItMayIsReset() {
        VsockConnection connection = open();
        stream.writeResult = 0;
        forward(connection, BUFFER);
        assertFalse(say(connection, VIRTIO_VSOCK_OP_RW, 1, 0));
        assertEquals("write:65536 finish", stream.takeCalls());
        sent(connection, VIRTIO_VSOCK_OP_RST);
        over(connection);
        assertEquals(1, counted("bad_credit"));
    }

    @Test
    void anEmptyPacketIsNothing() {
        VsockConnection connection = open();
        assertFalse(say(connection, VIRTIO_VSOCK_OP_RW, 0, 0));
        assertEquals("", stream.takeCalls());
        nothing(connection);
    }

    @Test
    void whoAsksForCreditIsTold() {
        VsockConnection connection = open();
        say(connection, VIRTIO_VSOCK_OP_CREDIT_REQUEST);
        sent(connection, VIRTIO_VSOCK_OP_CREDIT_UPDATE);
        nothing(connection);
    }

    @Test
    void everyPacketTellsOfCredit() {
        VsockConnection connection = open();
        say(connection, VIRTIO_VSOCK_OP_CREDIT_REQUEST);
        connection.readable();
        stream.readResult = 1;
        assertEquals(1, read(connection, 10));
        sent(connection, VIRTIO_VSOCK_OP_RW, 1, 0);
        nothing(connection);
    }
}
