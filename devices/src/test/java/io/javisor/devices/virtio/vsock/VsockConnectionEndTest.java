package io.javisor.devices.virtio.vsock;

import static io.javisor.devices.virtio.vsock.VsockProtocol.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Errno;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How connections end, half by half or at once. */
class VsockConnectionEndTest extends ConnectionFixture {
    // ---- half closes ----

    @Test
    void aHostThatHasSaidAllStillReads() {
        VsockConnection connection = open();
        connection.readable();
        stream.readResult = 0;
        assertEquals(0, read(connection, 10));
        assertEquals("read", stream.takeCalls());
        sent(connection, VIRTIO_VSOCK_OP_SHUTDOWN, 0, VIRTIO_VSOCK_SHUTDOWN_SEND);
        nothing(connection);
        assertFalse(connection.waitsForGuest());
        forward(connection, 10);
        assertEquals("write:10", stream.takeCalls());
    }

    @Test
    void aGuestThatHasSaidAllStillReads() {
        VsockConnection connection = open();
        assertFalse(say(connection, VIRTIO_VSOCK_OP_SHUTDOWN, 0, VIRTIO_VSOCK_SHUTDOWN_SEND));
        assertEquals("endOutput", stream.takeCalls());
        connection.readable();
        stream.readResult = 5;
        assertEquals(5, read(connection, 10));
        sent(connection, VIRTIO_VSOCK_OP_RW, 5, 0);
    }

    @Test
    void aGuestThatDoesNotListenIsNotReadFor() {
        VsockConnection connection = open();
        connection.readable();
        assertFalse(say(connection, VIRTIO_VSOCK_OP_SHUTDOWN, 0, VIRTIO_VSOCK_SHUTDOWN_RCV));
        assertEquals("endInput", stream.takeCalls());
        nothing(connection);
        connection.readable();
        nothing(connection);
        forward(connection, 10);
        assertEquals("write:10", stream.takeCalls());
    }

    @Test
    void aHintIsSaidOnce() {
        VsockConnection connection = open();
        for (int i = 0; i < 3; i++) {
            assertFalse(say(connection, VIRTIO_VSOCK_OP_SHUTDOWN, 0, VIRTIO_VSOCK_SHUTDOWN_SEND));
            assertFalse(say(connection, VIRTIO_VSOCK_OP_SHUTDOWN, 0, 0)); // which takes nothing back
        }
        assertEquals("endOutput", stream.takeCalls());
        assertFalse(say(connection, VIRTIO_VSOCK_OP_RW, 1, 0));
        sent(connection, VIRTIO_VSOCK_OP_RST);
        assertEquals(1, counted("unexpected"));
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 7, -1, Integer.MIN_VALUE})
    void hintsThatThereAreNotAreRefused(int flags) {
        VsockConnection connection = open();
        assertFalse(say(connection, VIRTIO_VSOCK_OP_SHUTDOWN, 0, flags));
        finishedAndReset(connection);
    }

    // ---- ends ----

    @Test
    void aGuestThatClosesIsToldThatItsPortIsFree() {
        VsockConnection connection = open();
        assertFalse(say(connection, VIRTIO_VSOCK_OP_SHUTDOWN, 0, BOTH));
        finishedAndReset(connection);
        assertEquals(0, counted("unexpected"));
    }

    @Test
    void oneHalfAfterTheOtherIsTheWhole() {
        VsockConnection connection = open();
        assertFalse(say(connection, VIRTIO_VSOCK_OP_SHUTDOWN, 0, VIRTIO_VSOCK_SHUTDOWN_RCV));
        assertFalse(say(connection, VIRTIO_VSOCK_OP_SHUTDOWN, 0, VIRTIO_VSOCK_SHUTDOWN_SEND));
        assertEquals("endInput finish", stream.takeCalls());
        sent(connection, VIRTIO_VSOCK_OP_RST);
        over(connection);
    }

    @Test
    void aHostThatClosesIsSeenOutByTheGuest() {
        VsockConnection connection = open();
        connection.readable();
        stream.readResult = 0;
        assertEquals(0, read(connection, 10));
        connection.hungUp();
        sent(connection, VIRTIO_VSOCK_OP_SHUTDOWN, 0, BOTH);
        assertTrue(connection.waitsForGuest());
        nothing(connection);
        assertFalse(say(connection, VIRTIO_VSOCK_OP_RW, 10, 0)); // it was under way
        assertEquals(10, counted("dropped_bytes"));
        say(connection, VIRTIO_VSOCK_OP_RST);
        over(connection);
        assertEquals("read finish", stream.takeCalls());
    }

    @Test
    void aGuestThatDoesNotSeeTheHostOutIsReset() {
        VsockConnection connection = open();
        connection.readable();
        stream.readResult = -Errno.ECONNRESET;
        assertEquals(0, read(connection, 10));
        sent(connection, VIRTIO_VSOCK_OP_SHUTDOWN, 0, BOTH);
        connection.expire();
        sent(connection, VIRTIO_VSOCK_OP_RST);
        over(connection);
        assertEquals(1, counted("timeouts"));
    }

    @Test
    void whatAHostSaidBeforeItWentIsStillTheGuests() {
        VsockConnection connection = open();
        connection.hungUp();
        sent(connection, VIRTIO_VSOCK_OP_SHUTDOWN, 0, VIRTIO_VSOCK_SHUTDOWN_RCV);
        connection.readable();
        stream.readResult = 5;
        assertEquals(5, read(connection, 5));
        sent(connection, VIRTIO_VSOCK_OP_RW, 5, 0);
        stream.readResult = 0;
        assertEquals(0, read(connection, 5));
        sent(connection, VIRTIO_VSOCK_OP_SHUTDOWN, 0, BOTH);
        assertTrue(connection.waitsForGuest());
    }

    @Test
    void whoWritesToAHostThatHasGoneIsToldSo() {
        VsockConnection connection = open();
        stream.writeResult = -Errno.EPIPE;
        forward(connection, 10);
        assertEquals(10, counted("dropped_bytes"));
        sent(connection, VIRTIO_VSOCK_OP_SHUTDOWN, 0, VIRTIO_VSOCK_SHUTDOWN_RCV);
        assertEquals("write:10", stream.takeCalls());
    }

    @Test
    void aHostThatGoesFromAGuestThatDoesNotListenHasEndedAll() {
        VsockConnection connection = open();
        assertFalse(say(connection, VIRTIO_VSOCK_OP_SHUTDOWN, 0, VIRTIO_VSOCK_SHUTDOWN_RCV));
        connection.hungUp();
        sent(connection, VIRTIO_VSOCK_OP_SHUTDOWN, 0, BOTH);
        assertTrue(connection.waitsForGuest());
    }

    @Test
    void aGuestThatDoesNotListenToAHostThatHasGoneHasNothingToWaitFor() {
        VsockConnection connection = open();
        connection.hungUp();
        sent(connection, VIRTIO_VSOCK_OP_SHUTDOWN, 0, VIRTIO_VSOCK_SHUTDOWN_RCV);
        assertFalse(say(connection, VIRTIO_VSOCK_OP_SHUTDOWN, 0, VIRTIO_VSOCK_SHUTDOWN_RCV));
        sent(connection, VIRTIO_VSOCK_OP_SHUTDOWN, 0, BOTH);
    }

    @Test
    void aResetByTheGuestIsTheEnd() {
        VsockConnection connection = open();
        say(connection, VIRTIO_VSOCK_OP_RST);
        over(connection);
        assertEquals("finish", stream.takeCalls());
        connection.readable();
        connection.hungUp();
        connection.written(1);
        over(connection);
        assertEquals("", stream.takeCalls());
    }

    @ParameterizedTest
    @ValueSource(ints = {VIRTIO_VSOCK_OP_INVALID, VIRTIO_VSOCK_OP_REQUEST, VIRTIO_VSOCK_OP_RESPONSE, 8, 0xFFFF})
    void whatAnOpenConnectionHasNotIsRefused(int op) {
        VsockConnection connection = open();
        say(connection, op);
        finishedAndReset(connection);
        assertEquals(1, counted("unexpected"));
    }

    @Test
    void whileAResetIsDueNothingElseIs() {
        VsockConnection connection = open();
        say(connection, 99);
        for (int op = 0; op < 10; op++) {
            if (op != VIRTIO_VSOCK_OP_RST) {
                say(connection, op);
                assertEquals(VIRTIO_VSOCK_OP_RST, connection.next());
            }
        }
        assertEquals(1, counted("unexpected"));
        say(connection, VIRTIO_VSOCK_OP_RST);
        over(connection); // both have given up
        assertEquals("finish", stream.takeCalls());
    }

    @Test
    void aDeviceThatIsResetLeavesNothing() {
        VsockConnection connection = open();
        connection.readable();
        connection.abandon();
        over(connection);
        assertEquals("finish", stream.takeCalls());
    }
}
