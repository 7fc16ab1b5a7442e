package io.javisor.devices.backend;

import static io.javisor.core.host.HostConstants.EPOLLOUT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LogWriterTest {
    private final HostPipes.Ends pipe = HostPipes.pipe();
    private final ManualHostEvents events = new ManualHostEvents();
    private final AtomicInteger drained = new AtomicInteger();
    private final OutputLog log = new OutputLog("serial0", events, this::flush);
    private final LogWriter writer =
            new LogWriter("serial0", log, pipe.writer().value(), events, drained::incrementAndGet);
    private final ManualHostEvents.ManualTimer timer = events.timer("serial0/output");
    private final ManualHostEvents.ManualWatch watch =
            events.watchOf(pipe.writer().value());

    @AfterEach
    void close() {
        writer.close();
        log.close();
        pipe.close();
    }

    private void flush() {
        writer.flush();
    }

    private SerialCounters counters() {
        return writer.counters(0);
    }

    private void append(String text) {
        boolean _ = log.append(HostPipes.bytes(text), 0, text.length());
    }

    @Test
    void theFirstByteStartsAMillisecond() {
        assertTrue(log.append('a'));
        assertEquals(1_000_000, timer.armedNanos);
        assertEquals(0, watch.armedEvents);
    }

    @Test
    void moreBytesDoNotStartItAnew() {
        for (int i = 0; i < 4095; i++) {
            assertTrue(log.append('a'));
        }
        assertEquals(1, timer.schedules);
        assertEquals(1_000_000, timer.armedNanos);
    }

    @Test
    void fourKibibytesAreABatchAtOnceAndOnlyOnce() {
        append(HostPipes.pattern(4095));
        assertTrue(log.append('x'));
        assertEquals(1, timer.armedNanos);
        append("more");
        assertEquals(2, timer.schedules);
    }

    @Test
    void aBigStringIsABatchAtOnce() {
        append(HostPipes.pattern(5000));
        assertEquals(1, timer.armedNanos);
        assertEquals(1, timer.schedules);
    }

    @Test
    void aBatchIsOneWriteCall() {
        String text = HostPipes.pattern(1000);
        text.chars().forEach(c -> assertTrue(log.append(c)));
        timer.expire();
        assertEquals(EPOLLOUT, watch.armedEvents);
        assertTrue(events.work.isEmpty(), "no worker before the descriptor takes bytes");
        watch.fire();
        events.runOne();
        assertEquals(1, counters().writeCalls());
        assertEquals(1000, counters().writtenBytes());
        assertEquals(text, HostPipes.readOnce(pipe.reader(), 65_536));
        assertEquals(-1, timer.armedNanos);
    }

    @Test
    void noWriteIsLargerThanAPipeTakesWithoutBlocking() {
        String text = HostPipes.pattern(10_000);
        append(text);
        timer.expire();
        watch.fire();
        events.runOne();
        assertEquals(4096, counters().writtenBytes());
        watch.fire();
        events.runOne();
        assertEquals(8192, counters().writtenBytes());
        assertEquals(1_000_000, timer.armedNanos, "the rest is less than a batch: it waits for company");
        timer.expire();
        watch.fire();
        events.runOne();
        assertEquals(3, counters().writeCalls());
        assertEquals(text, HostPipes.read(pipe.reader(), 10_000));
    }

    @Test
    void bytesComeInOrderRoundTheRing() {
        String text = HostPipes.pattern(3 * OutputLog.CAPACITY);
        int sent = 0;
        StringBuilder received = new StringBuilder();
        while (received.length() < text.length()) {
            int piece = Math.min(50_001, text.length() - sent);
            append(text.substring(sent, sent + piece));
            sent += piece;
            if (timer.armedNanos >= 0) {
                timer.expire();
            }
            for (int i = 0; i < 11 && watch.armedEvents != 0; i++) {
                watch.fire();
                events.runOne();
            }
            received.append(HostPipes.readOnce(pipe.reader(), 65_536));
        }
        assertEquals(text, received.toString());
        assertEquals(0, counters().lostBytes());
    }

    @Test
    void aFullBufferHoldsTheGuestAndADrainedOneReleasesIt() {
        String text = HostPipes.pattern(OutputLog.HIGH_WATER);
        assertTrue(log.append(HostPipes.bytes(text), 0, text.length()));
        assertFalse(log.append('!'));
        assertFalse(log.append(MemorySegment.NULL, 0, 0));
        timer.expire();
        StringBuilder received = new StringBuilder();
        while (drained.get() == 0) {
            watch.fire();
            events.runOne();
            received.append(HostPipes.readOnce(pipe.reader(), 65_536));
        }
        assertTrue(OutputLog.HIGH_WATER + 1 - received.length() <= OutputLog.LOW_WATER);
        assertTrue(log.append(MemorySegment.NULL, 0, 0));
        assertEquals(text.substring(0, received.length()), received.toString());
        assertEquals(1, drained.get());
        assertEquals(0, counters().lostBytes());
    }

    @Test
    void aGuestThatWritesOnLosesOnlyWhatDoesNotFit() {
        String text = HostPipes.pattern(OutputLog.CAPACITY - 10);
        assertFalse(log.append(HostPipes.bytes(text), 0, text.length()));
        assertFalse(log.append(HostPipes.bytes("0123456789abcdef"), 0, 16));
        assertEquals(6, counters().lostBytes());
        assertFalse(log.append('x'));
        assertEquals(7, counters().lostBytes());
        timer.expire();
        watch.fire();
        events.runOne();
        assertEquals(text.substring(7, 7 + 4096), HostPipes.readOnce(pipe.reader(), 65_536), "the oldest are gone");
        assertEquals(7, counters().lostBytes());
        assertEquals(4096, counters().writtenBytes());
    }

    @Test
    void bytesThatAreBeingWrittenAreNoLongerTheLogs() throws InterruptedException {
        HostPipes.write(pipe.writer(), "x".repeat(65_536)); // the pipe is full: the next write blocks
        append("under way");
        timer.expire();
        watch.fire();
        Thread worker = new Thread(events::runOne);
        worker.start();
        while (worker.getState() != Thread.State.RUNNABLE) {
            Thread.onSpinWait();
        }
        Thread.sleep(20); // into write(2)
        append(HostPipes.pattern(OutputLog.CAPACITY));
        append("!");
        assertEquals(65_536, HostPipes.read(pipe.reader(), 65_536).length());
        worker.join();
        assertEquals("under way", HostPipes.readOnce(pipe.reader(), 100));
        watch.fire();
        events.runOne();
        assertEquals(HostPipes.pattern(4097).substring(1), HostPipes.readOnce(pipe.reader(), 65_536));
        assertEquals(1, counters().lostBytes(), "the first of the rest, not what was under way");
    }

    @Test
    void aReaderThatHasGoneIsNotMissed() {
        append("hello");
        pipe.reader().close();
        timer.expire();
        watch.fire();
        events.runOne();
        assertEquals(5, counters().discardedBytes());
        assertTrue(log.append('x'));
        assertTrue(log.append(HostPipes.bytes("more"), 0, 4));
        assertEquals(10, counters().discardedBytes());
        assertEquals(-1, timer.armedNanos);
        assertTrue(writer.flushAndClose(0));
    }

    @Test
    void aReaderThatGoesReleasesAHeldGuest() {
        append(HostPipes.pattern(OutputLog.CAPACITY));
        pipe.reader().close();
        timer.expire();
        watch.fire();
        events.runOne();
        assertEquals(1, drained.get());
    }

    @Test
    void aHangUpNobodyWaitsForIsIgnored() {
        watch.fireUnasked();
        assertTrue(events.work.isEmpty());
        assertTrue(log.append('a'));
        watch.fireUnasked();
        assertTrue(events.work.isEmpty());
    }

    @Test
    void flushWritesWithoutWaitingForTheBatch() throws InterruptedException {
        append("last words");
        Thread host = new Thread(() -> {
            while (watch.armedEvents == 0) {
                Thread.onSpinWait();
            }
            watch.fire();
            events.runOne();
        });
        host.start();
        assertTrue(writer.flushAndClose(5_000_000_000L));
        host.join();
        assertEquals("last words", HostPipes.readOnce(pipe.reader(), 100));
        assertTrue(watch.closed);
        log.close();
        assertTrue(timer.closed);
    }

    @Test
    void flushEndsWhenItsTimeIsOver() {
        append("nobody reads this");
        assertFalse(writer.flushAndClose(20_000_000));
        assertEquals(17, counters().lostBytes());
    }

    @Test
    void flushOfNothingEndsAtOnce() {
        assertTrue(writer.flushAndClose(Long.MAX_VALUE / 2));
    }

    @Test
    void closeDuringABlockedWriteLeavesItItsMemory() throws InterruptedException {
        HostPipes.write(pipe.writer(), "x".repeat(65_536)); // the pipe is full: the next write blocks
        append("blocked");
        timer.expire();
        watch.fire();
        Thread worker = new Thread(events::runOne);
        worker.start();
        while (worker.getState() != Thread.State.RUNNABLE || counters().writtenBytes() != 0) {
            Thread.onSpinWait();
        }
        Thread.sleep(20); // into write(2)
        writer.close();
        assertEquals(65_536, HostPipes.read(pipe.reader(), 65_536).length());
        worker.join();
        assertEquals("blocked", HostPipes.readOnce(pipe.reader(), 100));
        assertEquals(0, counters().lostBytes());
    }

    @Test
    void closeIsIdempotentAndEndsEverything() {
        append("gone");
        writer.close();
        writer.close();
        assertEquals(4, counters().lostBytes());
        assertTrue(log.append('x')); // another writer's
        assertEquals(0, counters().discardedBytes());
        assertFalse(events.timers.isEmpty());
        timer.expire();
        assertEquals(0, watch.armedEvents);
        log.close();
        assertTrue(log.append('y'));
        assertEquals(1, counters().discardedBytes());
    }

    @Test
    void aDescriptorThatIsAlwaysReadyGoesToAWorker() {
        events.refuseWatches = true;
        try (LogWriter toFile = new LogWriter("file", log, pipe.writer().value(), events, () -> {})) {
            boolean _ = log.append('f');
            toFile.flush();
            events.runOne();
            assertEquals("f", HostPipes.readOnce(pipe.reader(), 10));
        }
    }

    @Test
    void aFileThatCouldNotBeWrittenIsTriedAgain() {
        ManualHostEvents fileEvents = new ManualHostEvents();
        fileEvents.refuseWatches = true; // as epoll does a file
        HostPipes.Ends broken = HostPipes.pipe();
        broken.reader().close();
        LogWriter[] end = new LogWriter[1];
        OutputLog fileLog = new OutputLog("com2", fileEvents, () -> end[0].flush());
        try (fileLog;
                LogWriter toFile =
                        new LogWriter("com2", fileLog, broken.writer().value(), fileEvents, () -> {})) {
            end[0] = toFile;
            ManualHostEvents.ManualTimer batch = fileEvents.timer("com2/output");
            for (int i = 1; i <= 3; i++) {
                assertTrue(fileLog.append('x'));
                batch.expire();
                fileEvents.runOne();
                assertEquals(i, toFile.counters(0).discardedBytes());
            }
            assertTrue(toFile.flushAndClose(0), "nothing is left to write");
        }
        broken.close();
    }
}
