package io.javisor.devices.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.event.EventLoop;
import io.javisor.core.event.WorkerPool;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.HostException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LoopHostEventsTest {
    private final EventLoop loop = EventLoop.start("test/io-loop");
    private final WorkerPool workers = new WorkerPool("test/worker", 1, 2);
    private final LoopHostEvents events = new LoopHostEvents(loop, workers);

    @AfterEach
    void close() {
        workers.close();
        loop.close();
    }

    private static void await(Semaphore semaphore) throws InterruptedException {
        assertTrue(semaphore.tryAcquire(10, TimeUnit.SECONDS));
    }

    @Test
    void aWatchReportsOnceUntilItIsArmedAgain() throws InterruptedException {
        try (HostPipes.Ends pipe = HostPipes.pipe()) {
            Semaphore reports = new Semaphore(0);
            HostEvents.Watch watch = events.watch("pipe", pipe.reader().value(), reports::release);
            HostPipes.write(pipe.writer(), "x");
            assertFalse(reports.tryAcquire(20, TimeUnit.MILLISECONDS), "not armed");
            watch.arm(HostConstants.EPOLLIN);
            await(reports);
            assertFalse(reports.tryAcquire(20, TimeUnit.MILLISECONDS), "armed no longer");
            watch.arm(HostConstants.EPOLLIN);
            await(reports);
            watch.close();
            watch.close();
        }
    }

    @Test
    void aFileCannotBeWatched() {
        try (Fd file = HostPipes.open(Path.of("/dev/null"), HostConstants.O_RDONLY)) {
            HostException refused =
                    assertThrows(HostException.class, () -> events.watch("file", file.value(), () -> {}));
            assertEquals(io.javisor.core.host.Errno.EPERM, refused.errno());
        }
    }

    @Test
    void workRunsOnAWorkerAndCompletesOnTheLoop() throws InterruptedException {
        StringBuilder order = new StringBuilder();
        Semaphore done = new Semaphore(0);
        HostEvents.Work work =
                events.newWork("work", () -> order.append(Thread.currentThread().getName()), () -> {
                    order.append(loop.isLoopThread() ? " then loop;" : " elsewhere;");
                    done.release();
                });
        for (int i = 0; i < 3; i++) {
            work.submit();
            await(done);
        }
        assertEquals("test/worker-0 then loop;".repeat(3), order.toString());
        work.close();
    }

    @Test
    void workThatFindsThePoolFullRunsLater() throws InterruptedException {
        CountDownLatch gate = new CountDownLatch(1);
        Semaphore done = new Semaphore(0);
        for (int i = 0; i < 5; i++) { // two may be in flight
            events.runOnce("work " + i, () -> {
                try {
                    gate.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                done.release();
            });
        }
        gate.countDown();
        assertTrue(done.tryAcquire(5, 10, TimeUnit.SECONDS));
    }

    @Test
    void workThatFailsIsNotCompleted() throws InterruptedException {
        AtomicInteger completions = new AtomicInteger();
        HostEvents.Work work = events.newWork(
                "work",
                () -> {
                    throw new IllegalStateException("expected by this test");
                },
                completions::incrementAndGet);
        work.submit();
        Semaphore later = new Semaphore(0);
        events.newWork("later", () -> {}, later::release).submit();
        await(later);
        assertEquals(0, completions.get());
    }
}
