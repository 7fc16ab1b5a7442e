package io.javisor.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.event.EventLoop;
import io.javisor.core.event.WorkerPool;
import io.javisor.devices.backend.LoopHostEvents;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class IntervalTimerEndTest {
    private final EventLoop loop = EventLoop.start("test/io-loop");
    private final WorkerPool workers = new WorkerPool("test/worker", 1, 4);
    private final LoopHostEvents events = new LoopHostEvents(loop, workers);
    private final AtomicInteger letGo = new AtomicInteger();

    @AfterEach
    void close() {
        workers.close();
        loop.close();
    }

    @Test
    void hurriesUntilTheTimerHasLetGo() {
        CountDownLatch hurried = new CountDownLatch(3);
        new IntervalTimerEnd(
                        () -> {
                            await(hurried);
                            letGo.incrementAndGet();
                        },
                        hurried::countDown,
                        events)
                .close();
        assertEquals(1, letGo.get());
        assertEquals(0, hurried.getCount());
    }

    @Test
    void goesOnWithoutAFreeWorkerAndLeavesNothingForALaterOne() {
        CountDownLatch busy = new CountDownLatch(1);
        AtomicInteger hurried = new AtomicInteger();
        events.runOnce("busy", () -> await(busy));
        new IntervalTimerEnd(letGo::incrementAndGet, hurried::incrementAndGet, events).close();
        busy.countDown();
        workers.close(); // what was submitted has run then
        assertEquals(0, letGo.get());
        assertTrue(hurried.get() > 0);
    }

    @Test
    void aFailureToHurryLeavesNothingForALaterWorker() {
        CountDownLatch busy = new CountDownLatch(1);
        events.runOnce("busy", () -> await(busy));
        IllegalStateException failure = new IllegalStateException("no routes");
        IntervalTimerEnd end = new IntervalTimerEnd(
                letGo::incrementAndGet,
                () -> {
                    throw failure;
                },
                events);
        assertSame(failure, assertThrows(IllegalStateException.class, end::close));
        busy.countDown();
        workers.close();
        assertEquals(0, letGo.get());
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
