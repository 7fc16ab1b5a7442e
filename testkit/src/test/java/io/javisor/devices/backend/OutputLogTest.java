package io.javisor.devices.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OutputLogTest {
    private final ManualHostEvents events = new ManualHostEvents();
    private int flushes;
    private final OutputLog log = new OutputLog("com2", events, () -> flushes++);
    private final ManualHostEvents.ManualTimer timer = events.timer("com2/output");
    private final MemorySegment target = MemorySegment.ofArray(new byte[4096]);

    @AfterEach
    void close() {
        log.close();
        log.close();
    }

    private void append(String text) {
        assertTrue(log.append(HostPipes.bytes(text), 0, text.length()), "nobody holds the guest");
    }

    private String take(long position) {
        int count = log.take(position, target);
        return new String(target.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
    }

    @Test
    void readersAreIndependent() {
        append("abc");
        assertTrue(log.append('d'));
        assertEquals("abcd", take(0));
        assertEquals("cd", take(2));
        assertEquals("abcd", take(0));
        assertEquals("", take(4));
        assertEquals(4, log.end());
    }

    @Test
    void nobodyIsWokenWhoDoesNotWait() {
        append("x".repeat(10_000));
        assertEquals(-1, timer.armedNanos);
        assertEquals("x".repeat(4096), take(0));
        append("x");
        assertEquals(-1, timer.armedNanos, "this reader knows that there is more");
    }

    @Test
    void oneWhoHasAllIsWokenInBatches() {
        assertEquals("", take(0));
        assertTrue(log.append('a'));
        assertEquals(1_000_000, timer.armedNanos);
        append("bc");
        assertEquals(1, timer.schedules);
        append("d".repeat(4093));
        assertEquals(1, timer.armedNanos, "a batch is full");
        append("e".repeat(5000));
        assertEquals(2, timer.schedules);
        timer.expire();
        assertEquals(1, flushes);
        append("f");
        assertEquals(-1, timer.armedNanos, "not until it has all again");
        assertEquals("", take(log.end()));
        append("g".repeat(4096));
        assertEquals(1, timer.armedNanos);
    }

    @Test
    void theOldestGoFirst() {
        int size = OutputLog.CAPACITY;
        append("a".repeat(size));
        assertEquals('a', take(0).charAt(0));
        assertTrue(log.append('b'));
        assertEquals(OutputLog.OVERRUN, log.take(0, target));
        assertEquals(4096, log.take(1, target));
        assertEquals("ab", take(size - 1));
        assertEquals(size + 1 - 100, log.startOfLast(100));
        append(HostPipes.pattern(3 * size));
        assertEquals(4L * size + 1, log.end());
        assertEquals(OutputLog.OVERRUN, log.take(log.end() - size - 1, target));
        assertEquals(HostPipes.pattern(3 * size).substring(3 * size - 1000), take(log.end() - 1000));
        assertEquals(HostPipes.pattern(3 * size).substring(2 * size, 2 * size + 4096), take(log.end() - size));
    }

    @Test
    void theStartOfWhatIsShort() {
        assertEquals(0, log.startOfLast(OutputLog.SCROLLBACK));
        append("abc");
        assertEquals(0, log.startOfLast(OutputLog.SCROLLBACK));
        assertEquals(2, log.startOfLast(1));
    }

    @Test
    void closedItTakesNothing() {
        append("abc");
        log.close();
        append("d");
        assertTrue(log.append('e'));
        assertEquals("", take(0));
        assertEquals(3, log.end());
        assertEquals(3, log.startOfLast(100));
    }

    @Test
    void whatCameAfterTheEndIsCounted() {
        append("abc");
        log.close();
        append("de");
        assertEquals(4, log.behind(1));
        assertEquals(0, log.overrun(0));
    }

    @Test
    void theSlowestOfThoseWhoHoldTheGuestHoldsIt() {
        OutputLog.Holder fast = log.hold();
        OutputLog.Holder slow = log.hold();
        append("x".repeat(OutputLog.HIGH_WATER));
        assertFalse(log.append('y'));
        assertFalse(log.append(MemorySegment.NULL, 0, 0), "asked without bytes");
        assertFalse(log.advance(fast, log.end()));
        assertFalse(log.append(MemorySegment.NULL, 0, 0), "the other is behind");
        assertFalse(log.advance(slow, log.end() - OutputLog.LOW_WATER - 1));
        assertTrue(log.advance(slow, log.end() - OutputLog.LOW_WATER), "now it may go on");
        assertTrue(log.append('z'));
        assertFalse(log.advance(slow, log.end()), "it was not held");
    }

    @Test
    void whoIsLetGoHoldsNobody() {
        OutputLog.Holder gone = log.hold();
        assertFalse(log.append(HostPipes.bytes("x".repeat(OutputLog.CAPACITY)), 0, OutputLog.CAPACITY));
        assertTrue(log.letGo(gone));
        append("x".repeat(OutputLog.CAPACITY));
        assertFalse(log.letGo(gone), "again");
    }

    @Test
    void whoAwaitsIsWokenForWhatIsThere() {
        append("abc");
        log.await(0);
        assertEquals(1_000_000, timer.armedNanos);
        timer.expire();
        assertEquals(1, flushes);
        append("x".repeat(5000));
        assertEquals(-1, timer.armedNanos);
        log.await(3);
        assertEquals(1, timer.armedNanos, "a batch is there");
        timer.expire();
        log.await(log.end());
        assertEquals(-1, timer.armedNanos);
        append("y");
        assertEquals(1_000_000, timer.armedNanos);
    }

    @Test
    void overrunIsWhatIsGone() {
        append("x".repeat(OutputLog.CAPACITY));
        assertEquals(0, log.overrun(0));
        append("abc");
        assertEquals(3, log.overrun(0));
        assertEquals(1, log.overrun(2));
        assertEquals(0, log.overrun(10));
        assertEquals(OutputLog.CAPACITY + 3, log.behind(0));
    }
}
