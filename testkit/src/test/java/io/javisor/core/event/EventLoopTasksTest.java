package io.javisor.core.event;

import static io.javisor.core.host.HostConstants.EPOLLIN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the loop is given to run, and in which order. */
class EventLoopTasksTest {
    private final EventLoop loop = EventLoop.start("task-test/io-loop");
    private final EventFd eventFd = EventFd.create("doorbell");

    @AfterEach
    void close() {
        loop.close();
        eventFd.close();
    }

    @Test
    void runsTasksInOrder() {
        List<Integer> order = new ArrayList<>(); // the loop's until it is idle
        for (int i = 0; i < 1_000; i++) {
            int number = i;
            loop.execute(() -> {
                assertTrue(loop.isLoopThread());
                order.add(number);
            });
        }
        Await.idle(loop);
        assertEquals(java.util.stream.IntStream.range(0, 1_000).boxed().toList(), order);
        assertEquals(0, loop.failureCount());
    }

    @Test
    void keepsTheOrderOfEachOfManyThreads() throws InterruptedException {
        int[] last = new int[4];
        AtomicInteger disorder = new AtomicInteger();
        Thread[] threads = new Thread[last.length];
        for (int t = 0; t < threads.length; t++) {
            int mine = t;
            threads[t] = Thread.ofPlatform().start(() -> {
                for (int i = 1; i <= 500; i++) {
                    int number = i;
                    loop.execute(() -> {
                        if (last[mine] != number - 1) {
                            disorder.incrementAndGet();
                        }
                        last[mine] = number;
                    });
                }
            });
        }
        for (Thread thread : threads) {
            thread.join();
        }
        Await.idle(loop);
        assertEquals(0, disorder.get());
        assertEquals(2_000, java.util.stream.IntStream.of(last).sum());
    }

    @Test
    void aTaskThatRenewsItselfLeavesRoomForDescriptors() {
        CountDownLatch ran = new CountDownLatch(1);
        AtomicBoolean stop = new AtomicBoolean();
        Runnable[] again = new Runnable[1];
        again[0] = () -> {
            if (!stop.get()) {
                loop.execute(again[0]);
            }
        };
        loop.execute(again[0]);
        Registration _ = loop.register(eventFd.fd(), EPOLLIN, events -> {
            long _ = eventFd.drain();
            ran.countDown();
        });
        eventFd.signal();
        Await.latch(ran);
        stop.set(true);
    }

    /** Nothing else wakes it. */
    @Test
    void runsTasksOfItsOwn() {
        CountDownLatch ran = new CountDownLatch(2);
        Registration _ = loop.register(eventFd.fd(), EPOLLIN, events -> {
            long _ = eventFd.drain();
            loop.execute(() -> {
                ran.countDown();
                loop.execute(ran::countDown);
            });
        });
        eventFd.signal();
        Await.latch(ran);
    }

    @Test
    void boundsTheTasksThatWait() {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch blocked = new CountDownLatch(1);
        AtomicInteger ran = new AtomicInteger();
        loop.execute(() -> {
            blocked.countDown();
            Await.latch(release);
        });
        Await.latch(blocked);
        for (int i = 0; i < EventLoop.MAX_TASKS; i++) {
            loop.execute(ran::incrementAndGet);
        }
        RejectedExecutionException e =
                assertThrows(RejectedExecutionException.class, () -> loop.execute(ran::incrementAndGet));
        assertTrue(String.valueOf(e.getMessage()).contains("4096 tasks waiting"), e.getMessage());
        assertTrue(loop.executeCompletion(ran::incrementAndGet), "completions are bounded by their pool");
        release.countDown();
        Await.until(() -> ran.get() == EventLoop.MAX_TASKS + 1);
    }

    @Test
    void runsAcceptedTasksBeforeItEndsAndRefusesLaterOnes() {
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger ran = new AtomicInteger();
        loop.execute(() -> Await.latch(release));
        for (int i = 0; i < 10; i++) {
            loop.execute(ran::incrementAndGet);
        }
        Thread closer = Thread.ofPlatform().start(loop::close);
        Await.until(() -> !loop.executeCompletion(() -> {}));
        RejectedExecutionException e =
                assertThrows(RejectedExecutionException.class, () -> loop.execute(ran::incrementAndGet));
        assertEquals("task-test/io-loop is closed", e.getMessage());
        release.countDown();
        assertTrue(Waits.join(closer, Waits.LIMIT_NANOS));
        assertEquals(10, ran.get());
        assertThrows(IllegalStateException.class, () -> loop.register(eventFd.fd(), EPOLLIN, events -> {}));
        assertThrows(IllegalStateException.class, () -> loop.newTimer("late", () -> {}));
    }
}
