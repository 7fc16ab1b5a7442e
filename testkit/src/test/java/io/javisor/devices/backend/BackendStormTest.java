package io.javisor.devices.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.event.EventLoop;
import io.javisor.core.event.WorkerPool;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.log.LogLimit;
import io.javisor.testkit.Await;
import io.javisor.testkit.LogCapture;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What clients of a serial port may have logged again and again, again and again: the lines are counted. */
class BackendStormTest {
    private static final int STORM = 1000;

    private final LogCapture capture = LogCapture.of("io.javisor.devices.backend");
    private final ManualHostEvents events = new ManualHostEvents();
    private final Fd nowhere = HostPipes.open(Path.of("/dev/null"), HostConstants.O_WRONLY);

    @AfterEach
    void close() {
        capture.close();
        nowhere.close();
    }

    @Test
    void clientsThatAreTurnedAway() {
        try (OutputLog log = new OutputLog("com2", events, () -> {});
                InputQueue input = new InputQueue("com2", events, () -> {});
                PeerSet peers = new PeerSet(log, input, events, () -> {}, _ -> {})) {
            events.refuseWatches = true;
            for (int i = 0; i < STORM; i++) {
                assertFalse(peers.join("com2 client " + i, nowhere.value(), null, 0));
            }
        }
        assertEquals(
                List.of("WARN com2 client 0: turned away: epoll_ctl: EPERM (Operation not permitted)"),
                capture.lines());
    }

    @Test
    void clientsThatCannotBeAccepted() {
        try (HostLine backend = new HostLine("com2", events)) {
            SocketEnd _ = backend.addSocket(nowhere.value());
            RecordingGuest _ = RecordingGuest.attach(backend);
            events.watchOf(nowhere.value()).fire();
            for (int i = 1; i < STORM; i++) {
                events.timer("com2/accept").expire();
            }
        }
        assertEquals(1, capture.lines().size(), () -> capture.lines().toString());
    }

    @Test
    void clientsThatComeReadTooSlowlyAndGo() {
        OutputLog log = new OutputLog("com2", events, () -> {});
        LogLimit limit = new LogLimit();
        MemorySegment flood = MemorySegment.ofArray(new byte[OutputLog.CAPACITY + 1]);
        MemorySegment buffer = Arena.ofAuto().allocate(4096);
        for (int i = 0; i < 30; i++) {
            LogReader client = new LogReader("com2 client " + i, log, nowhere.value(), log.end(), limit);
            assertTrue(log.append(flood, 0, (int) flood.byteSize()));
            LogReader.Progress _ = client.pump(buffer);
            assertEquals(OutputLog.CAPACITY / 2 + 1, client.lostBytes());
        }
        log.close();
        assertEquals(List.of("WARN com2 client 0: reads too slowly, output is lost to it"), capture.lines());
    }

    @Test
    void workThatFails() {
        try (EventLoop loop = EventLoop.start("storm/io-loop");
                WorkerPool workers = new WorkerPool("storm/worker", 1, STORM)) {
            LoopHostEvents pool = new LoopHostEvents(loop, workers);
            CountDownLatch runs = new CountDownLatch(STORM);
            for (int i = 0; i < STORM; i++) {
                pool.runOnce("work", () -> {
                    runs.countDown();
                    throw new IllegalStateException("it fails each time");
                });
            }
            Await.latch(runs);
            Await.until(() -> !capture.lines().isEmpty());
        }
        assertEquals(List.of("WARN work: java.lang.IllegalStateException: it fails each time"), capture.lines());
    }
}
