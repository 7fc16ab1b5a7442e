package io.javisor.devices.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.event.EventLoop;
import io.javisor.core.event.WorkerPool;
import io.javisor.core.host.Errno;
import io.javisor.core.host.Libc;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several ends of one line: a terminal, which is a pipe here, and two files. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostLineTest {
    /** A file that takes what it is given, or, stuck, nothing. */
    private static final class Target implements OutputTarget {
        final StringBuilder written = new StringBuilder();
        volatile boolean stuck;

        @Override
        public long write(long dataHva, int count) {
            if (stuck) {
                return -Errno.EAGAIN;
            }
            byte[] bytes = Libc.segmentAt(dataHva, count).toArray(ValueLayout.JAVA_BYTE);
            written.append(new String(bytes, StandardCharsets.US_ASCII));
            return count;
        }
    }

    private final ManualHostEvents events = new ManualHostEvents();
    private final HostPipes.Ends in = HostPipes.pipe();
    private final HostPipes.Ends out = HostPipes.pipe();
    private final Target first = new Target();
    private final Target second = new Target();
    private final HostLine line = new HostLine("com1", events);
    private final ManualHostEvents.ManualTimer timer = events.timer("com1/output");

    @AfterEach
    void close() {
        line.close();
        in.close();
        out.close();
    }

    private StdioEnd addStdio() {
        return line.addStdio(in.reader().value(), out.writer().value(), ConsoleInputFilter.NONE, events);
    }

    private void addFiles() {
        line.addFile("com1/first", first);
        line.addFile("com1/second", second);
    }

    private boolean write(String text) {
        return line.write(HostPipes.bytes(text), 0, text.length());
    }

    /** Lets the workers do what there is to do now. */
    private void work() {
        for (int i = events.work.size(); i > 0; i--) {
            events.runOne();
        }
    }

    @Test
    void eachEndGetsAllOutputOfOneLog() {
        addFiles();
        assertTrue(line.write('a'));
        assertTrue(line.write(HostPipes.bytes("bcd"), 1, 2));
        timer.expire();
        work();
        assertEquals("acd", first.written.toString());
        assertEquals("acd", second.written.toString());
        assertEquals(
                1,
                events.timers.keySet().stream()
                        .filter(name -> name.endsWith("/output"))
                        .count());
    }

    @Test
    void theInputOfAllGoesToTheGuestInTheOrderInWhichItComes() {
        StdioEnd _ = addStdio();
        HostPipes.Ends other = HostPipes.pipe();
        HostPipes.Ends sink = HostPipes.pipe();
        StdioEnd _ = line.addStdio(other.reader().value(), sink.writer().value(), ConsoleInputFilter.NONE, events);
        RecordingGuest guest = RecordingGuest.attach(line);
        HostPipes.write(other.writer(), "s");
        HostPipes.write(in.writer(), "f");
        events.watchOf(other.reader().value()).fire();
        events.watchOf(in.reader().value()).fire();
        work();
        assertEquals((int) 's', guest.received.remove());
        assertEquals((int) 'f', guest.received.remove());
        assertEquals(SerialBackend.NOTHING, line.read());
        assertEquals(2, line.counters().readBytes());
        other.close();
        sink.close();
    }

    @Test
    void oneSlowEndHoldsTheGuestAndTheOtherGoesOn() {
        addFiles();
        RecordingGuest guest = RecordingGuest.attach(line);
        second.stuck = true;
        String text = HostPipes.pattern(OutputLog.HIGH_WATER + 1);
        assertFalse(write(text));
        timer.expire();
        while (first.written.length() < text.length()) {
            work();
            if (timer.armedNanos >= 0) {
                timer.expire();
            }
        }
        assertEquals(text, first.written.toString());
        assertFalse(line.write(MemorySegment.NULL, 0, 0));
        assertEquals(0, guest.drained.availablePermits());
        second.stuck = false;
        while (guest.drained.availablePermits() == 0) {
            work();
        }
        assertTrue(line.write(MemorySegment.NULL, 0, 0));
        assertTrue(text.length() - second.written.length() <= OutputLog.LOW_WATER);
        assertEquals(0, line.counters().lostBytes());
    }

    /** The timer may come for an end that had written a part, when the other has caught up and the first can't go on. */
    @Test
    void anEndThatHasCaughtUpGetsWhatComesBesideOneThatStands() {
        StdioEnd _ = addStdio();
        line.addFile("com1/first", first);
        RecordingGuest _ = RecordingGuest.attach(line);
        assertTrue(line.write('a'));
        timer.expire();
        events.watchOf(out.writer().value()).fire();
        events.work.addLast(events.work.removeFirst()); // the terminal's worker first
        events.runOne();
        assertTrue(line.write('b'));
        events.runOne();
        assertEquals("ab", first.written.toString());
        timer.expire(); // the terminal takes nothing more from here on
        assertTrue(line.write('c'));
        timer.expire();
        work();
        assertEquals("abc", first.written.toString());
    }

    @Test
    void whatComesAfterAnEndWasTakenOffIsNotCountedAsItsLoss() {
        StdioEnd terminal = addStdio();
        line.addFile("com1/first", first);
        RecordingGuest _ = RecordingGuest.attach(line);
        assertTrue(line.write('a'));
        line.takeOff(terminal, 0);
        assertTrue(write("bcd"));
        assertEquals(1, line.counters().lostBytes());
        assertEquals(0, line.counters().discardedBytes());
    }

    @Test
    void anEndThatIsTakenOffIsClosedAndTheOthersGoOn() {
        StdioEnd terminal = addStdio();
        addFiles();
        RecordingGuest _ = RecordingGuest.attach(line);
        assertEquals(terminal, line.standard());
        line.takeOff(terminal, 0);
        assertTrue(events.watchOf(in.reader().value()).closed);
        assertTrue(events.watchOf(out.writer().value()).closed);
        assertTrue(line.write('a'));
        timer.expire();
        work();
        assertEquals("a", first.written.toString());
        assertEquals("a", second.written.toString());
        line.takeOff(terminal, 0); // nothing more happens
        assertTrue(line.write('b'));
        timer.expire();
        work();
        assertEquals("ab", second.written.toString());
        assertEquals(terminal, line.standard(), "its figures are asked for later");
        assertEquals(3, line.ends());
    }

    /** It would never say that it has room again. */
    @Test
    void anEndThatHeldTheGuestLetsItGoWhenItIsTakenOff() {
        StdioEnd terminal = addStdio();
        RecordingGuest guest = RecordingGuest.attach(line);
        assertFalse(write("x".repeat(OutputLog.CAPACITY)));
        line.takeOff(terminal, 0);
        assertEquals(1, guest.drained.availablePermits());
        assertTrue(line.write('b'));
    }

    @Test
    void theFirstOnesFiguresAreTheLines() {
        StdioEnd _ = addStdio();
        addFiles();
        assertTrue(write("hello"));
        timer.expire();
        work();
        assertEquals(0, line.counters().writtenBytes(), "the terminal is not ready");
        events.watchOf(out.writer().value()).fire();
        work();
        assertEquals(new SerialCounters(0, 5, 1, 0, 0), line.counters());
    }

    /** A terminal that is stopped must not take the time that a log needs. */
    @Test
    void aStuckEndCostsNoOtherItsLastOutput() {
        try (EventLoop loop = EventLoop.start("test/io-loop");
                WorkerPool workers = new WorkerPool("test/worker", 2, 8);
                HostLine real = new HostLine("com1", new LoopHostEvents(loop, workers))) {
            HostPipes.write(out.writer(), "x".repeat(65_536)); // as much as a pipe takes, and nobody reads
            StdioEnd _ = real.addStdio(
                    in.reader().value(),
                    out.writer().value(),
                    ConsoleInputFilter.NONE,
                    new LoopHostEvents(loop, workers));
            real.addFile("com1/first", first);
            real.addFile("com1/second", second);
            String text = HostPipes.pattern(100_000);
            assertTrue(real.write(HostPipes.bytes(text), 0, text.length()));
            assertFalse(real.flushAndClose(300_000_000));
            assertEquals(text, first.written.toString());
            assertEquals(text, second.written.toString());
            assertEquals(100_000, real.counters().lostBytes());
        }
    }

    @Test
    void outputOfALineWithoutAnEndIsCounted() {
        line.addNothing();
        assertTrue(write("hello"));
        assertEquals(new SerialCounters(0, 0, 0, 0, 5), line.counters());
        assertNull(line.standard());
        assertTrue(line.flushAndClose(0));
        assertNotNull(line.counters());
    }
}
