package io.javisor.core.event;

import static io.javisor.core.host.HostConstants.EPOLLIN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.Await;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What a loop takes from the process, and that it gives it back. */
class EventLoopResourcesTest {
    @Test
    void aThousandLoopsLeaveNothing() throws IOException {
        cycle(0);
        long fds = Await.fdCount();
        for (int i = 1; i <= 1_000; i++) {
            cycle(i);
        }
        assertEquals(fds, Await.fdCount());
        assertEquals(0, Await.threadCount("leak-test/"));
    }

    private static void cycle(int number) {
        // The loop is closed first.
        try (EventFd bell = EventFd.create("bell");
                EventLoop loop = EventLoop.start("leak-test/io-loop-" + number)) {
            Registration registration = loop.register(bell.fd(), EPOLLIN, events -> {});
            Timer timer = loop.newTimer("timer", () -> {});
            timer.schedule(TimeUnit.SECONDS.toNanos(100));
            if (number % 2 == 0) {
                registration.close();
                timer.close();
            }
        }
    }

    @Test
    void theCollectorRunsWhileALoopWaits() {
        try (EventLoop loop = EventLoop.start("gc-test/io-loop")) {
            Await.idle(loop);
            Await.until(() -> Await.threadCount("gc-test/") == 1);
            long start = System.nanoTime();
            System.gc();
            long tookMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            assertTrue(tookMillis < 5_000, tookMillis + " ms");
            Await.idle(loop);
        }
    }

    @Test
    void waitingCostsNoProcessorTime() {
        try (EventLoop loop = EventLoop.start("idle-test/io-loop")) {
            AtomicLong id = new AtomicLong();
            loop.execute(() -> id.set(Thread.currentThread().threadId()));
            Await.idle(loop);
            var threads = ManagementFactory.getThreadMXBean();
            Await.sleep(10);
            long before = threads.getThreadCpuTime(id.get());
            Await.sleep(50);
            assertTrue(threads.getThreadCpuTime(id.get()) - before < TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    @Test
    void steadyStateAllocatesNothing() {
        try (EventLoop loop = EventLoop.start("alloc-test/io-loop");
                EventFd bell = EventFd.create("bell")) {
            Semaphore ran = new Semaphore(0);
            AtomicLong id = new AtomicLong();
            loop.execute(() -> id.set(Thread.currentThread().threadId()));
            Timer timer = loop.newTimer("timer", ran::release);
            Registration registration = loop.register(bell.fd(), EPOLLIN, events -> {
                long _ = bell.drain();
                timer.schedule(1);
            });
            Runnable task = bell::signal;
            var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
            rounds(loop, task, ran, 500);
            long best = Long.MAX_VALUE;
            for (int i = 0; i < 10 && best > 0; i++) {
                long before = threads.getThreadAllocatedBytes(id.get());
                rounds(loop, task, ran, 200);
                best = Math.min(best, threads.getThreadAllocatedBytes(id.get()) - before);
            }
            // A task, an event and a timer a round: one object in each round would be 3,200 bytes.
            assertTrue(best < 1_000, best + " bytes in 200 rounds");
            registration.close();
        }
    }

    private static void rounds(EventLoop loop, Runnable task, Semaphore ran, int count) {
        for (int i = 0; i < count; i++) {
            loop.execute(task);
            ran.acquireUninterruptibly();
        }
    }
}
