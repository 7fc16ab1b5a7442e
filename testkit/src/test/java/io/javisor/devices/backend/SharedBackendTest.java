package io.javisor.devices.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SharedBackendTest {
    /** An end that keeps what it gets, and may be full. */
    private static final class End implements SinkBackend {
        final StringBuilder written = new StringBuilder();
        final Queue<Integer> input = new ArrayDeque<>();

        @Nullable
        Listener listener;

        boolean full;
        boolean closed;

        @Override
        public void attach(Listener newListener) {
            listener = newListener;
        }

        @Override
        public int read() {
            Integer next = input.poll();
            return next == null ? NOTHING : next;
        }

        @Override
        public boolean write(int value) {
            written.append((char) value);
            return !full;
        }

        @Override
        public boolean write(MemorySegment data, long dataOffset, int count) {
            byte[] bytes = data.asSlice(dataOffset, count).toArray(ValueLayout.JAVA_BYTE);
            written.append(new String(bytes, StandardCharsets.US_ASCII));
            return !full;
        }

        @Override
        public SerialCounters counters() {
            return new SerialCounters(10, written.length(), 1, 0, 0);
        }

        @Override
        public boolean flushAndClose(long timeoutNanos) {
            closed = true;
            return !full;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private final End first = new End();
    private final End second = new End();
    private final SharedBackend line = new SharedBackend(List.of(first, second));

    @Test
    void eachEndGetsAllOutput() {
        assertTrue(line.write('a'));
        byte[] bytes = "bcd".getBytes(StandardCharsets.US_ASCII);
        assertTrue(line.write(MemorySegment.ofArray(bytes), 1, 2));
        assertEquals("acd", first.written.toString());
        assertEquals("acd", second.written.toString());
    }

    @Test
    void theInputOfAllGoesToTheGuest() {
        second.input.add((int) 's');
        first.input.add((int) 'f');
        assertEquals('f', line.read());
        assertEquals('s', line.read());
        assertEquals(SerialBackend.NOTHING, line.read());
    }

    @Test
    void oneFullEndHoldsTheGuest() {
        second.full = true;
        assertFalse(line.write('a'));
        assertFalse(line.write(MemorySegment.NULL, 0, 0));
        second.full = false;
        assertTrue(line.write(MemorySegment.NULL, 0, 0));
        assertEquals("a", first.written.toString());
    }

    @Test
    void allTellTheSameGuest() {
        RecordingGuest guest = RecordingGuest.attach(line);
        assertEquals(guest, first.listener);
        assertEquals(guest, second.listener);
    }

    @Test
    void anEndThatIsTakenOffIsClosedAndTheOthersGoOn() {
        first.full = true;
        line.takeOff(first, 0);
        assertTrue(first.closed);
        assertFalse(second.closed);
        assertTrue(line.write('a'));
        assertEquals("", first.written.toString());
        assertEquals("a", second.written.toString());
        line.takeOff(first, 0); // nothing more happens
        assertTrue(line.write('b'));
        assertEquals("", first.written.toString());
        assertEquals("ab", second.written.toString());
    }

    /** It would never say that it has room again. */
    @Test
    void anEndThatHeldTheGuestLetsItGoWhenItIsTakenOff() {
        RecordingGuest guest = RecordingGuest.attach(line);
        first.full = true;
        assertFalse(line.write('a'));
        line.takeOff(first, 0);
        assertEquals(1, guest.drained.availablePermits());
        assertTrue(line.write('b'));
    }

    @Test
    void theFirstOnesFiguresAreTheLines() {
        assertTrue(line.write('a'));
        line.takeOff(second, 0);
        assertTrue(line.write('b'));
        assertEquals(new SerialCounters(20, 2, 1, 0, 0), line.counters());
    }

    @Test
    void theEndIsThatOfAll() {
        second.full = true;
        assertFalse(line.flushAndClose(0));
        assertTrue(first.closed);
        assertTrue(second.closed);
    }

    @Test
    void thereIsAtLeastOne() {
        assertThrows(IllegalArgumentException.class, () -> new SharedBackend(List.of()));
    }
}
