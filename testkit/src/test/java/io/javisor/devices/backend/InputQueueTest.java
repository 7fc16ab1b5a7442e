package io.javisor.devices.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class InputQueueTest {
    private final ManualHostEvents events = new ManualHostEvents();
    private int resumed;
    private final InputQueue queue = new InputQueue("com2", events, () -> resumed++);
    private final ManualHostEvents.ManualTimer timer = events.timer("com2/input");

    private void add(String text) {
        assertEquals(text.length(), queue.reserve(text.length() > 4096 ? 4096 : 1, text.length()));
        queue.add(HostPipes.bytes(text), text.length());
    }

    private String poll(int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append((char) queue.poll());
        }
        return text.toString();
    }

    @Test
    void bytesComeOutInOrderAndUnsigned() {
        assertEquals(SerialBackend.NOTHING, queue.poll());
        add("a\377");
        add("b");
        assertEquals("a\377b", poll(3));
        assertEquals(SerialBackend.NOTHING, queue.poll());
    }

    @Test
    void aBreakIsAUnitOfItsOwn() {
        add("a");
        assertEquals(2, queue.reserve(1, 2));
        queue.add(SerialBackend.BREAK);
        queue.add(0xFF);
        assertEquals('a', queue.poll());
        assertEquals(SerialBackend.BREAK, queue.poll());
        assertEquals(0xFF, queue.poll());
    }

    @Test
    void whoNeedsMoreThanThereIsGetsNothingAndIsToldLater() {
        add("x".repeat(5000));
        assertEquals(3192, queue.room(3192));
        assertEquals(0, queue.room(4096));
        poll(904);
        assertEquals(1, timer.armedNanos, "half is free");
    }

    @Test
    void roomThatIsKeptIsNobodyElses() {
        assertEquals(5000, queue.reserve(1, 5000));
        assertEquals(3192, queue.room(1));
        assertEquals(3192, queue.reserve(1, 4000));
        assertEquals(0, queue.reserve(1, 1));
        queue.giveBack(5000);
        assertEquals(1, timer.armedNanos, "whoever waits is told, though nobody took anything");
        assertEquals(5000, queue.room(1));
        queue.add(HostPipes.bytes("y".repeat(3192)), 3192);
        assertEquals("y".repeat(3192), poll(3192));
        assertEquals(8192, queue.room(1));
    }

    @Test
    void itWrapsAround() {
        String text = HostPipes.pattern(5000);
        for (int i = 0; i < 5; i++) {
            add(text);
            assertEquals(text, poll(5000));
        }
    }

    @Test
    void fullItAsksForMoreOnceHalfIsTaken() {
        assertEquals(8192, queue.room(1));
        add("x".repeat(8192));
        poll(8192);
        assertEquals(-1, timer.armedNanos, "nobody was told that it is full");
        add("x".repeat(8192));
        assertEquals(0, queue.room(1));
        poll(4095);
        assertEquals(-1, timer.armedNanos);
        poll(1);
        assertEquals(1, timer.armedNanos);
        timer.expire();
        assertEquals(1, resumed);
        poll(4096);
        assertEquals(1, timer.schedules, "once");
    }

    @Test
    void closedItStillGivesWhatItHas() {
        add("x".repeat(8192));
        assertEquals(0, queue.room(1));
        queue.close();
        assertEquals("x".repeat(8192), poll(8192));
        assertEquals(0, timer.schedules);
        assertTrue(timer.closed);
    }
}
