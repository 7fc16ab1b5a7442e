package io.javisor.devices.backend;

import static io.javisor.core.host.HostConstants.O_CREAT;
import static io.javisor.core.host.HostConstants.O_WRONLY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.event.EventLoop;
import io.javisor.core.event.WorkerPool;
import io.javisor.core.host.Fd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FileEndTest {
    private static final long SECONDS_10 = TimeUnit.SECONDS.toNanos(10);

    @TempDir
    private Path directory = Path.of("");

    private final EventLoop loop = EventLoop.start("test/io-loop");
    private final WorkerPool workers = new WorkerPool("test/worker", 2, 8);
    private final HostEvents events = new LoopHostEvents(loop, workers);

    @AfterEach
    void close() {
        workers.close();
        loop.close();
        assertEquals(0, loop.failureCount());
    }

    private HostLine file(Fd fd) {
        HostLine line = new HostLine("com2", events);
        line.addFile(fd.value());
        return line;
    }

    @Test
    void outputIsInTheFileAtTheEnd() throws IOException {
        Path file = directory.resolve("log");
        String text = HostPipes.pattern(100_000);
        try (Fd fd = HostPipes.open(file, O_WRONLY | O_CREAT);
                HostLine backend = file(fd)) {
            RecordingGuest guest = RecordingGuest.attach(backend);
            assertTrue(guest.write(text));
            assertTrue(backend.write('!'));
            assertEquals(SerialBackend.NOTHING, backend.read());
            assertTrue(backend.flushAndClose(SECONDS_10));
            assertEquals(text.length() + 1, backend.counters().writtenBytes());
        }
        assertEquals(text + "!", Files.readString(file));
    }

    @Test
    void aFullDiskDoesNotHurtTheGuestAndIsCounted() throws InterruptedException {
        try (Fd fd = HostPipes.open(Path.of("/dev/full"), O_WRONLY);
                HostLine backend = file(fd)) {
            RecordingGuest guest = RecordingGuest.attach(backend);
            String piece = "x".repeat(65_536);
            for (int i = 0; i < 64; i++) {
                while (!guest.write(piece)) {
                    assertTrue(guest.drained.tryAcquire(10, TimeUnit.SECONDS), "the guest goes on");
                }
            }
            assertTrue(backend.flushAndClose(SECONDS_10));
            SerialCounters counters = backend.counters();
            assertEquals(0, counters.writtenBytes());
            assertTrue(counters.discardedBytes() > 1 << 20, counters::toString);
        }
    }

    @Test
    void nothingIsCountedAndDropped() {
        try (NullBackend backend = new NullBackend()) {
            RecordingGuest guest = RecordingGuest.attach(backend);
            assertTrue(guest.write("hello"));
            assertTrue(backend.write('!'));
            assertEquals(SerialBackend.NOTHING, backend.read());
            assertTrue(backend.flushAndClose(0));
            assertEquals(new SerialCounters(0, 0, 0, 0, 6), backend.counters());
        }
    }
}
