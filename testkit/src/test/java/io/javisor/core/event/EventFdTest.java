package io.javisor.core.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Libc;
import io.javisor.testkit.Await;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class EventFdTest {
    @Test
    void countsSignals() {
        try (EventFd eventFd = EventFd.create("test")) {
            assertEquals(0, eventFd.drain());
            eventFd.signal();
            assertEquals(1, eventFd.drain());
            assertEquals(0, eventFd.drain());
            eventFd.signal();
            eventFd.signal();
            eventFd.signal();
            assertEquals(3, eventFd.drain());
            assertTrue(eventFd.fd().value() > 2);
        }
    }

    @Test
    void neverBlocksWhenTheCounterIsFull() {
        try (EventFd eventFd = EventFd.create("test");
                Arena arena = Arena.ofConfined()) {
            MemorySegment most = arena.allocateFrom(ValueLayout.JAVA_LONG, -2L); // eventfd(2): 0xfffffffffffffffe
            assertEquals(8, Libc.write(eventFd.fd().value(), most.address(), 8));
            eventFd.signal();
            eventFd.signal();
            assertEquals(-2L, eventFd.drain());
            assertEquals(0, eventFd.drain());
        }
    }

    @Test
    void refusesUseAfterClose() throws IOException {
        long before = Await.fdCount();
        EventFd eventFd = EventFd.create("doorbell");
        assertEquals(before + 1, Await.fdCount());
        eventFd.close();
        eventFd.close();
        assertEquals(before, Await.fdCount());
        assertThrows(IllegalStateException.class, eventFd::signal);
        assertThrows(IllegalStateException.class, eventFd::drain);
        assertEquals("doorbell (closed)", eventFd.toString());
    }
}
