package io.javisor.devices.backend;

import static io.javisor.core.host.HostConstants.O_CREAT;
import static io.javisor.core.host.HostConstants.O_RDONLY;
import static io.javisor.core.host.HostConstants.O_RDWR;
import static io.javisor.core.host.HostConstants.O_WRONLY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.event.EventLoop;
import io.javisor.core.event.WorkerPool;
import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** On a real loop, with real descriptors. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StdioEndTest {
    private static final long SECONDS_10 = TimeUnit.SECONDS.toNanos(10);

    private final EventLoop loop = EventLoop.start("test/io-loop");
    private final WorkerPool workers = new WorkerPool("test/worker", 2, 8);
    private final HostEvents events = new LoopHostEvents(loop, workers);
    private final Fd null0 = HostPipes.open(Path.of("/dev/null"), O_RDONLY);

    @AfterEach
    void close() {
        workers.close();
        loop.close();
        null0.close();
        assertEquals(0, loop.failureCount());
    }

    private HostLine backend(Fd in, Fd out) {
        HostLine line = new HostLine("serial0", events);
        StdioEnd _ = line.addStdio(in.value(), out.value(), ConsoleInputFilter.NONE, events);
        return line;
    }

    private static int outputErrno(HostLine line) {
        return Objects.requireNonNull(line.standard()).outputErrno();
    }

    private static boolean write(HostLine backend, String text) {
        return backend.write(HostPipes.bytes(text), 0, text.length());
    }

    @Test
    void thousandsOfBytesTakeFewWrites() {
        try (HostPipes.Ends out = HostPipes.pipe();
                HostLine backend = backend(null0, out.writer())) {
            RecordingGuest _ = RecordingGuest.attach(backend);
            String text = HostPipes.pattern(20_000);
            for (int i = 0; i < text.length(); i++) {
                assertTrue(backend.write(text.charAt(i)));
            }
            assertEquals(text, HostPipes.read(out.reader(), text.length()));
            assertTrue(backend.flushAndClose(SECONDS_10));
            SerialCounters counters = backend.counters();
            assertEquals(20_000, counters.writtenBytes());
            assertTrue(counters.writeCalls() <= 200, counters.toString());
        }
    }

    @Test
    void aSingleByteDoesNotWaitForMore() {
        try (HostPipes.Ends out = HostPipes.pipe();
                HostLine backend = backend(null0, out.writer())) {
            assertTrue(backend.write('#'));
            assertEquals("#", HostPipes.readOnce(out.reader(), 10));
        }
    }

    @Test
    void aSlowReaderNeitherBlocksTheGuestNorLosesAnything() throws InterruptedException {
        try (HostPipes.Ends out = HostPipes.pipe();
                HostLine backend = backend(null0, out.writer())) {
            RecordingGuest guest = RecordingGuest.attach(backend);
            String text = HostPipes.pattern(3 << 20);
            StringBuilder received = new StringBuilder();
            int sent = 0;
            while (sent < text.length()) {
                boolean ready = true;
                while (ready && sent < text.length()) { // nobody reads: only the mark stops it
                    int piece = Math.min(1000, text.length() - sent);
                    ready = write(backend, text.substring(sent, sent + piece));
                    sent += piece;
                }
                while (!ready && !guest.drained.tryAcquire()) {
                    received.append(HostPipes.readOnce(out.reader(), 65_536));
                }
            }
            Thread flush = new Thread(() -> assertTrue(backend.flushAndClose(SECONDS_10)));
            flush.start();
            received.append(HostPipes.read(out.reader(), text.length() - received.length()));
            flush.join();
            assertEquals(text, received.toString());
            assertEquals(0, backend.counters().lostBytes());
        }
    }

    @Test
    void aFullDiskIsRememberedAndAReaderThatGoesIsNot() {
        try (Fd full = HostPipes.open(Path.of("/dev/full"), O_WRONLY);
                HostLine backend = backend(null0, full)) {
            assertEquals(0, outputErrno(backend));
            assertTrue(write(backend, "lost"));
            assertTrue(backend.flushAndClose(SECONDS_10));
            assertEquals(Errno.ENOSPC, outputErrno(backend));
        }
        try (HostPipes.Ends out = HostPipes.pipe();
                HostLine backend = backend(null0, out.writer())) {
            out.reader().close();
            assertTrue(write(backend, "lost"));
            assertTrue(backend.flushAndClose(SECONDS_10));
            assertEquals(4, backend.counters().discardedBytes());
            assertEquals(0, outputErrno(backend));
        }
    }

    @Test
    void theGuestOutlivesItsReader() throws InterruptedException {
        try (HostPipes.Ends out = HostPipes.pipe();
                HostLine backend = backend(null0, out.writer())) {
            assertTrue(write(backend, "somebody there?"));
            assertEquals("somebody there?", HostPipes.read(out.reader(), 15));
            out.reader().close();
            while (backend.counters().discardedBytes() < 10) {
                assertTrue(backend.write('x'));
                Thread.sleep(1);
            }
            assertTrue(backend.flushAndClose(SECONDS_10));
        }
    }

    @Test
    void lastWordsAreWritten(@TempDir Path dir) throws IOException {
        Path file = dir.resolve("console.log");
        try (Fd out = HostPipes.open(file, O_WRONLY | O_CREAT);
                HostLine backend = backend(null0, out)) {
            String text = HostPipes.pattern(100_000);
            assertTrue(write(backend, text));
            assertTrue(backend.flushAndClose(SECONDS_10));
            assertEquals(text, Files.readString(file, StandardCharsets.ISO_8859_1));
        }
    }

    @Test
    void devNullIsAnOutput() {
        try (Fd out = HostPipes.open(Path.of("/dev/null"), O_WRONLY);
                HostLine backend = backend(null0, out)) {
            assertTrue(write(backend, "into the void"));
            assertTrue(backend.flushAndClose(SECONDS_10));
            assertEquals(13, backend.counters().writtenBytes());
        }
    }

    @Test
    void aFullDiskIsNotTheGuestsProblem() {
        try (Fd out = HostPipes.open(Path.of("/dev/full"), O_WRONLY);
                HostLine backend = backend(null0, out)) {
            assertTrue(write(backend, "does not fit"));
            assertTrue(backend.flushAndClose(SECONDS_10));
            assertEquals(12, backend.counters().discardedBytes());
        }
    }

    @Test
    void flushGivesUpOnAReaderThatDoesNotRead() {
        try (HostPipes.Ends out = HostPipes.pipe();
                HostLine backend = backend(null0, out.writer())) {
            assertTrue(write(backend, HostPipes.pattern(200_000)));
            assertFalse(backend.flushAndClose(50_000_000));
            assertTrue(backend.counters().lostBytes() > 100_000);
        }
    }

    // ---- input ----

    @Test
    void aPipeIsAnInputUntilItsEnd() throws InterruptedException {
        try (HostPipes.Ends in = HostPipes.pipe();
                HostPipes.Ends out = HostPipes.pipe();
                HostLine backend = backend(in.reader(), out.writer())) {
            RecordingGuest guest = RecordingGuest.attach(backend);
            HostPipes.write(in.writer(), "first ");
            assertEquals("first ", guest.take(6));
            HostPipes.write(in.writer(), "second");
            in.writer().close();
            assertEquals("second", guest.take(6));
            assertTrue(write(backend, "still alive"));
            assertEquals("still alive", HostPipes.read(out.reader(), 11));
        }
    }

    @Test
    void aFileIsAnInput(@TempDir Path dir) throws Exception {
        String text = HostPipes.pattern(50_000);
        Path file = Files.writeString(dir.resolve("script"), text, StandardCharsets.ISO_8859_1);
        try (Fd in = HostPipes.open(file, O_RDONLY);
                HostPipes.Ends out = HostPipes.pipe();
                HostLine backend = backend(in, out.writer())) {
            RecordingGuest guest = RecordingGuest.attach(backend);
            assertEquals(text, guest.take(text.length()));
            assertEquals(50_000, backend.counters().readBytes());
        }
    }

    @Test
    void aGuestThatIsNotListeningLosesNoInput() throws InterruptedException {
        try (HostPipes.Ends in = HostPipes.pipe();
                HostPipes.Ends out = HostPipes.pipe();
                HostLine backend = backend(in.reader(), out.writer())) {
            LinkedBlockingQueue<Integer> calls = new LinkedBlockingQueue<>();
            backend.attach(new SerialBackend.Listener() {
                @Override
                public void inputAvailable() {
                    calls.add(1);
                }

                @Override
                public void outputDrained() {}
            });
            String text = HostPipes.pattern(60_000);
            HostPipes.write(in.writer(), text);
            in.writer().close();
            assertTrue(calls.poll(10, TimeUnit.SECONDS) != null);
            Thread.sleep(20); // it reads on, until its queue is full
            StringBuilder received = new StringBuilder();
            while (received.length() < text.length()) {
                int unit = backend.read();
                if (unit == SerialBackend.NOTHING) {
                    Thread.onSpinWait();
                } else {
                    received.append((char) unit);
                }
            }
            assertEquals(text, received.toString());
        }
    }

    @Test
    void nothingToReadAndAReaderGoneDoNotKeepTheLoopBusy() throws InterruptedException {
        try (HostPipes.Ends in = HostPipes.pipe();
                HostPipes.Ends out = HostPipes.pipe();
                HostLine backend = backend(in.reader(), out.writer())) {
            RecordingGuest _ = RecordingGuest.attach(backend);
            in.writer().close(); // EPOLLHUP on the input,
            out.reader().close(); // EPOLLERR on the output
            long before = loopCpuNanos();
            Thread.sleep(100);
            long used = loopCpuNanos() - before;
            assertTrue(used < 20_000_000, used + " ns");
        }
    }

    private static long loopCpuNanos() {
        java.lang.management.ThreadMXBean threads = java.lang.management.ManagementFactory.getThreadMXBean();
        for (java.lang.management.ThreadInfo info : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (info != null && info.getThreadName().equals("test/io-loop")) {
                return threads.getThreadCpuTime(info.getThreadId());
            }
        }
        throw new AssertionError("no loop thread");
    }

    // ---- terminal ----

    @Test
    void aTerminalIsBoth() throws InterruptedException {
        try (HostPipes.Ends pty = HostPipes.pty();
                Fd other = HostPipes.duplicate(pty.writer());
                HostLine backend = backend(pty.writer(), other)) {
            RecordingGuest guest = RecordingGuest.attach(backend);
            HostPipes.write(pty.reader(), "ls\r\003");
            assertEquals("ls\r\003", guest.take(4));
            assertTrue(write(backend, "file\r\n"));
            assertEquals("file\r\n", HostPipes.read(pty.reader(), 6));
            assertEquals(0, HostPipes.flags(pty.writer()) & io.javisor.core.host.HostConstants.O_NONBLOCK);
        }
    }

    @Test
    void aStoppedTerminalOfItsOwnNonBlockingDescriptionHoldsNoWorker() {
        try (HostPipes.Ends pty = HostPipes.pty();
                Fd own = Fd.reopenNonBlocking("terminal", pty.writer().value(), O_RDWR)) {
            assertEquals(0, HostPipes.flags(pty.writer()) & io.javisor.core.host.HostConstants.O_NONBLOCK);
            HostLine backend = backend(null0, own);
            String text = HostPipes.pattern(300_000);
            assertTrue(write(backend, text));
            assertFalse(backend.flushAndClose(50_000_000)); // nobody reads the master
            SerialCounters counters = backend.counters();
            assertEquals(300_000, counters.writtenBytes() + counters.lostBytes());
            String shown = HostPipes.read(pty.reader(), (int) counters.writtenBytes());
            assertEquals(text.substring(0, shown.length()), shown);
            workers.close(); // returns at once: nothing is stuck
        }
    }

    // ---- misuse ----

    @Test
    void oneDescriptorForBothIsRefused() {
        try (HostLine line = new HostLine("serial0", events)) {
            assertThrows(IllegalArgumentException.class, () -> line.addStdio(3, 3, ConsoleInputFilter.NONE, events));
        }
    }

    @Test
    void aSecondPortIsRefused() {
        try (HostPipes.Ends out = HostPipes.pipe();
                HostLine backend = backend(null0, out.writer())) {
            RecordingGuest guest = RecordingGuest.attach(backend);
            assertThrows(IllegalStateException.class, () -> backend.attach(guest));
        }
    }

    @Test
    void closeEndsAWriteIntoTheBuffer() {
        try (HostPipes.Ends out = HostPipes.pipe()) {
            HostLine backend = backend(null0, out.writer());
            backend.close();
            backend.close();
            assertTrue(backend.write('x'));
            assertTrue(backend.write(MemorySegment.NULL, 0, 0));
            assertTrue(backend.flushAndClose(SECONDS_10));
        }
    }
}
