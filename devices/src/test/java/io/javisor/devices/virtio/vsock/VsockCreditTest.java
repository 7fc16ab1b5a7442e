package io.javisor.devices.virtio.vsock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class VsockCreditTest {
    private final VsockCredit credit = new VsockCredit(1000);

    @Test
    void theGuestHasNoRoomBeforeItSaysSo() {
        assertEquals(0, credit.sendable());
        assertTrue(credit.update(500, 0));
        assertEquals(500, credit.sendable());
    }

    @Test
    void whatIsUnderWayTakesRoom() {
        assertTrue(credit.update(500, 0));
        credit.sent(300);
        assertEquals(200, credit.sendable());
        assertTrue(credit.update(500, 100));
        assertEquals(300, credit.sendable());
    }

    @Test
    void aBufferThatShrinksHasNoRoom() {
        assertTrue(credit.update(500, 0));
        credit.sent(400);
        assertTrue(credit.update(100, 0));
        assertEquals(0, credit.sendable());
        assertTrue(credit.update(100, 350));
        assertEquals(50, credit.sendable());
    }

    /** Linux fills in a header and puts the packet in its queue under different locks. */
    @Test
    void aCountThatGoesBackIsAnOlderPackets() {
        assertTrue(credit.update(500, 0));
        credit.sent(500);
        assertTrue(credit.update(500, 400));
        assertTrue(credit.update(500, 300));
        assertEquals(400, credit.sendable());
    }

    @Test
    void whatWasNeverSentCannotHaveLeft() {
        assertTrue(credit.update(500, 0));
        credit.sent(100);
        assertTrue(credit.update(500, 100));
        assertFalse(credit.update(500, 101));
        assertEquals(500, credit.sendable());
        assertFalse(credit.update(500, Integer.MAX_VALUE));
        assertTrue(credit.update(500, 100 + Integer.MIN_VALUE)); // as far behind as a count can be
    }

    @Test
    void countsOfTheGuestWrapAround() {
        long total = 0;
        assertTrue(credit.update(-1, 0));
        for (int i = 0; i < 10; i++) {
            assertEquals(Integer.MAX_VALUE, credit.sendable());
            credit.sent(Integer.MAX_VALUE);
            total += Integer.MAX_VALUE;
            assertEquals(0, credit.sendable());
            assertTrue(credit.update(-1, (int) total));
            assertFalse(credit.update(-1, (int) total + 1));
        }
    }

    @Test
    void countsOfTheHostWrapAround() {
        VsockCredit large = new VsockCredit(Integer.MAX_VALUE);
        long total = 0;
        for (int i = 0; i < 10; i++) {
            assertTrue(large.receive(Integer.MAX_VALUE));
            assertFalse(large.receive(1));
            large.forwarded(Integer.MAX_VALUE);
            total += Integer.MAX_VALUE;
            assertEquals((int) total, large.tellForwarded());
        }
    }

    @Test
    void theGuestCanSendNoMoreThanFits() {
        assertFalse(credit.receive(1001));
        assertFalse(credit.receive(0xFFFF_FFFFL));
        assertTrue(credit.receive(600));
        assertFalse(credit.receive(401));
        assertTrue(credit.receive(400));
        assertFalse(credit.receive(1));
        assertTrue(credit.receive(0));
        credit.forwarded(10);
        assertTrue(credit.receive(10));
    }

    @Test
    void theGuestIsToldOfRoomWhenItBelievesThatThereIsLittle() {
        assertTrue(credit.receive(400));
        credit.forwarded(400);
        assertFalse(credit.isUpdateDue()); // it believes that 600 are free
        assertTrue(credit.receive(200));
        assertTrue(credit.isUpdateDue()); // 400
        assertEquals(400, credit.tellForwarded());
        assertFalse(credit.isUpdateDue());
        assertTrue(credit.receive(800));
        assertFalse(credit.isUpdateDue(), "there is nothing new to tell");
        credit.forwarded(1);
        assertTrue(credit.isUpdateDue());
        assertEquals(1000, credit.bufAlloc());
    }
}
