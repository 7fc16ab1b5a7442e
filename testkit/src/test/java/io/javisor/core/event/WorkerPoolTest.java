package io.javisor.core.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.Await;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WorkerPoolTest {
    private final EventLoop loop = EventLoop.start("pool-test/io-loop");
    private final WorkerPool pool = new WorkerPool("pool-test/worker", 2, 4);

    @AfterEach
    void close() {
        pool.close();
        loop.close();
        assertEquals(0, Await.threadCount("pool-test/"));
    }

    /** Work that notes what happened to it. */
    private class Noted implements BlockingWork {
        final CountDownLatch started = new CountDownLatch(1);
        final CountDownLatch completed = new CountDownLatch(1);
        volatile String threadName = "";
        volatile boolean completedOnLoop;
        volatile @Nullable Throwable failure;
        int plain; // published by the completion

        @Override
        public void run() throws Exception {
            threadName = Thread.currentThread().getName();
            plain = 42;
            started.countDown();
        }

        @Override
        public void completed(@Nullable Throwable thrown) {
            assertEquals(42, plain);
            completedOnLoop = loop.isLoopThread();
            failure = thrown;
            completed.countDown();
        }
    }

    private final class Blocked extends Noted {
        final CountDownLatch release = new CountDownLatch(1);

        @Override
        public void run() throws Exception {
            super.run();
            release.await();
        }
    }

    @Test
    void runsWorkOnAWorkerAndCompletesOnTheLoop() {
        Noted work = new Noted();
        assertTrue(pool.submit(work, loop));
        Await.latch(work.completed);
        assertEquals("pool-test/worker-0", work.threadName);
        assertTrue(work.completedOnLoop);
        assertNull(work.failure);
    }

    @Test
    void handsOverWhatTheWorkThrows() {
        Noted work = new Noted() {
            @Override
            public void run() throws Exception {
                super.run();
                throw new IOException("disk on fire");
            }
        };
        assertTrue(pool.submit(work, loop));
        Await.latch(work.completed);
        assertInstanceOf(IOException.class, work.failure);
        Noted next = new Noted();
        assertTrue(pool.submit(next, loop));
        Await.latch(next.completed);
        assertNull(next.failure);
    }

    @Test
    void makesNoMoreThreadsThanItMayAndNoneThatItDoesNotNeed() {
        assertEquals(0, Await.threadCount("pool-test/worker"));
        for (int i = 0; i < 20; i++) {
            Noted work = new Noted();
            assertTrue(pool.submit(work, loop));
            Await.latch(work.completed);
            int running = (int) Await.threadCount("pool-test/worker");
            assertTrue(
                    running == 1 || running == 2,
                    "one after the other needs one, or two if the first was not back yet");
        }
        Set<String> names = ConcurrentHashMap.newKeySet();
        Blocked[] blocked = {new Blocked(), new Blocked(), new Blocked(), new Blocked()};
        for (Blocked each : blocked) {
            assertTrue(pool.submit(each, loop));
        }
        Await.latch(blocked[0].started);
        Await.latch(blocked[1].started);
        assertEquals(1, blocked[2].started.getCount());
        for (Blocked each : blocked) {
            each.release.countDown();
            Await.latch(each.completed);
            names.add(each.threadName);
        }
        assertTrue(Set.of("pool-test/worker-0", "pool-test/worker-1").containsAll(names), names.toString());
    }

    @Test
    void refusesMoreThanItMayHoldAndTakesMoreAfterwards() {
        Blocked[] blocked = {new Blocked(), new Blocked(), new Blocked(), new Blocked()};
        for (Blocked each : blocked) {
            assertTrue(pool.submit(each, loop));
        }
        Noted more = new Noted();
        assertFalse(pool.submit(more, loop));
        assertEquals(4, pool.maxInFlight());
        for (Blocked each : blocked) {
            each.release.countDown();
            Await.latch(each.completed);
        }
        assertTrue(pool.submit(more, loop));
        Await.latch(more.completed);
    }

    @Test
    void aCompletionMaySubmitAgain() {
        CountDownLatch rounds = new CountDownLatch(100);
        WorkerPool one = new WorkerPool("pool-test/single", 1, 1);
        BlockingWork work = new BlockingWork() {
            @Override
            public void run() {
                rounds.countDown();
            }

            @Override
            public void completed(@Nullable Throwable failure) {
                if (rounds.getCount() > 0) {
                    assertTrue(one.submit(this, loop));
                }
            }
        };
        assertTrue(one.submit(work, loop));
        Await.latch(rounds);
        one.close();
        assertEquals(0, loop.failureCount());
    }

    @Test
    void runsWhatWasSubmittedBeforeItCloses() {
        Blocked first = new Blocked();
        Blocked second = new Blocked();
        Noted queued = new Noted();
        assertTrue(pool.submit(first, loop));
        assertTrue(pool.submit(second, loop));
        assertTrue(pool.submit(queued, loop));
        Await.latch(first.started);
        Await.latch(second.started);
        Thread closer = Thread.ofPlatform().start(pool::close);
        Await.until(() -> {
            try {
                return !pool.submit(new Noted(), loop);
            } catch (RejectedExecutionException e) {
                assertEquals("pool-test/worker is closed", e.getMessage());
                return true;
            }
        });
        assertTrue(closer.isAlive());
        first.release.countDown();
        second.release.countDown();
        assertTrue(Waits.join(closer, Waits.LIMIT_NANOS));
        Await.latch(queued.completed);
        assertNull(queued.failure);
        assertThrows(RejectedExecutionException.class, () -> pool.submit(queued, loop));
    }

    @Test
    void interruptsWorkThatDoesNotEndAndCancelsWhatHasNotBegun() {
        Blocked first = new Blocked();
        Blocked second = new Blocked();
        Noted queued = new Noted();
        queued.plain = 42; // it will not run
        assertTrue(pool.submit(first, loop));
        assertTrue(pool.submit(second, loop));
        assertTrue(pool.submit(queued, loop));
        Await.latch(first.started);
        Await.latch(second.started);
        pool.close(TimeUnit.MILLISECONDS.toNanos(30), WorkerPool.CLOSE_TIMEOUT_NANOS);
        Await.latch(first.completed);
        assertInstanceOf(InterruptedException.class, first.failure);
        Await.latch(queued.completed);
        assertInstanceOf(CancellationException.class, queued.failure);
        assertEquals("", queued.threadName);
    }

    @Test
    void namesAThreadThatDoesNotEndAtAll() {
        WorkerPool stubborn = new WorkerPool("pool-test/stubborn", 1, 1);
        CountDownLatch release = new CountDownLatch(1);
        BlockingWork work = new BlockingWork() {
            @Override
            public void run() {
                while (release.getCount() > 0) {
                    Thread.onSpinWait();
                }
            }

            @Override
            public void completed(@Nullable Throwable failure) {}
        };
        assertTrue(stubborn.submit(work, loop));
        Await.until(() -> Await.threadCount("pool-test/stubborn") == 1);
        IllegalStateException e =
                assertThrows(IllegalStateException.class, () -> stubborn.close(1_000_000, 30_000_000));
        assertTrue(String.valueOf(e.getMessage()).startsWith("pool-test/stubborn-0 does not end"), e.getMessage());
        release.countDown();
        stubborn.close();
    }

    @Test
    void isNotClosedByItsOwnThread() {
        Noted work = new Noted() {
            @Override
            public void run() throws Exception {
                super.run();
                pool.close();
            }
        };
        assertTrue(pool.submit(work, loop));
        Await.latch(work.completed);
        assertInstanceOf(IllegalStateException.class, work.failure);
    }

    @Test
    void outlivesItsLoop() {
        EventLoop other = EventLoop.start("pool-test/other-loop");
        Blocked work = new Blocked();
        assertTrue(pool.submit(work, other));
        Await.latch(work.started);
        other.close();
        work.release.countDown();
        for (int i = 0; i < 8; i++) { // its place is free again
            Noted next = new Noted();
            Await.until(() -> pool.submit(next, loop));
            Await.latch(next.completed);
        }
        assertEquals(1, work.completed.getCount());
    }

    @Test
    void anInterruptDoesNotReachTheNextWork() {
        AtomicInteger interrupted = new AtomicInteger();
        Noted first = new Noted() {
            @Override
            public void run() throws Exception {
                super.run();
                Thread.currentThread().interrupt();
            }
        };
        WorkerPool one = new WorkerPool("pool-test/single", 1, 2);
        Noted second = new Noted() {
            @Override
            public void run() throws Exception {
                super.run();
                if (Thread.currentThread().isInterrupted()) {
                    interrupted.incrementAndGet();
                }
            }
        };
        assertTrue(one.submit(first, loop));
        assertTrue(one.submit(second, loop));
        Await.latch(second.completed);
        one.close();
        assertEquals(0, interrupted.get());
    }

    @Test
    void submittingAllocatesNothing() {
        Semaphore done = new Semaphore(0);
        BlockingWork work = new BlockingWork() {
            @Override
            public void run() {}

            @Override
            public void completed(@Nullable Throwable failure) {
                done.release();
            }
        };
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 10 && best > 0; i++) {
            long allocated = 0;
            for (int j = 0; j < 300; j++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                boolean accepted = pool.submit(work, loop);
                allocated += threads.getCurrentThreadAllocatedBytes() - before;
                assertTrue(accepted);
                done.acquireUninterruptibly();
            }
            best = Math.min(best, allocated);
        }
        assertTrue(best < 2_400, best + " bytes in 300 submissions"); // an object each would be 4,800
    }

    @Test
    void refusesSizesThatMakeNoSense() {
        assertThrows(IllegalArgumentException.class, () -> new WorkerPool("x", 0, 1));
        assertThrows(IllegalArgumentException.class, () -> new WorkerPool("x", 1, 0));
        new WorkerPool("pool-test/unused", 1, 1).close();
    }
}
