package io.javisor.core.event;

import static io.javisor.core.host.HostConstants.EPOLLET;
import static io.javisor.core.host.HostConstants.EPOLLHUP;
import static io.javisor.core.host.HostConstants.EPOLLIN;
import static io.javisor.core.host.HostConstants.EPOLLOUT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import io.javisor.core.host.WakeupSignal;
import io.javisor.testkit.Await;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventLoopTest {
    private final EventLoop loop = EventLoop.start("loop-test/io-loop");
    private final EventFd eventFd = EventFd.create("doorbell");

    @AfterEach
    void close() {
        loop.close();
        eventFd.close();
    }

    @Test
    void runsTheHandlerOnItsThread() {
        AtomicReference<String> where = new AtomicReference<>("nowhere");
        AtomicBoolean onLoop = new AtomicBoolean();
        AtomicInteger seen = new AtomicInteger();
        CountDownLatch ran = new CountDownLatch(1);
        Registration registration = loop.register(eventFd.fd(), EPOLLIN, events -> {
            where.set(Thread.currentThread().getName());
            onLoop.set(loop.isLoopThread());
            seen.set(events);
            assertEquals(1, eventFd.drain());
            ran.countDown();
        });
        assertFalse(loop.isLoopThread());
        eventFd.signal();
        Await.latch(ran);
        assertEquals("loop-test/io-loop", where.get());
        assertTrue(onLoop.get());
        assertEquals(EPOLLIN, seen.get());
        assertTrue(registration.toString().startsWith("doorbell (fd "), registration.toString());
        registration.close();
        assertEquals(0, loop.failureCount());
    }

    @Test
    void isLevelTriggered() {
        CountDownLatch three = new CountDownLatch(3);
        Registration _ = loop.register(eventFd.fd(), EPOLLIN, events -> {
            three.countDown();
            if (three.getCount() == 0) {
                long _ = eventFd.drain();
            }
        });
        eventFd.signal();
        Await.latch(three);
    }

    @Test
    void isEdgeTriggeredWhenAsked() {
        AtomicInteger runs = new AtomicInteger();
        Registration _ = loop.register(eventFd.fd(), EPOLLIN | EPOLLET, events -> runs.incrementAndGet());
        eventFd.signal();
        Await.until(() -> runs.get() == 1);
        Await.sleep(5);
        assertEquals(1, runs.get());
        eventFd.signal();
        Await.until(() -> runs.get() == 2);
    }

    @Test
    void watchesOtherEventsAfterModify() {
        AtomicInteger runs = new AtomicInteger();
        eventFd.signal();
        Registration registration = loop.register(eventFd.fd(), 0, events -> {
            runs.incrementAndGet();
            long _ = eventFd.drain();
        });
        Await.idle(loop);
        assertEquals(0, runs.get());
        registration.modify(EPOLLIN);
        Await.until(() -> runs.get() == 1);
        registration.modify(0);
        eventFd.signal();
        Await.idle(loop);
        assertEquals(1, runs.get());
        registration.close();
        assertThrows(IllegalStateException.class, () -> registration.modify(EPOLLIN));
    }

    @Test
    void modifyingAllocatesNothing() {
        Registration registration = loop.register(eventFd.fd(), 0, events -> {});
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 10 && best > 0; i++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int j = 0; j < 300; j++) {
                registration.modify(EPOLLIN);
            }
            best = Math.min(best, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertTrue(best < 2_400, best + " bytes in 300 calls"); // an object each would be 4,800
    }

    @Test
    void reportsHangUpUnasked() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment fds = arena.allocate(8, 4);
            Libc.check("pipe2", Libc.pipe2(fds.address(), HostConstants.O_CLOEXEC));
            try (Fd out = Fd.own("pipe", fds.get(ValueLayout.JAVA_INT, 0))) {
                AtomicInteger seen = new AtomicInteger();
                Registration[] self = new Registration[1];
                Registration registration = loop.register(out, 0, events -> {
                    seen.set(events);
                    self[0].close();
                });
                self[0] = registration;
                Fd.own("pipe", fds.get(ValueLayout.JAVA_INT, 4)).close();
                Await.until(() -> seen.get() == EPOLLHUP);
            }
        }
    }

    @Test
    void refusesRegularFilesAndDirectoriesWithAHint(@TempDir Path directory) throws Exception {
        Path path = java.nio.file.Files.createFile(directory.resolve("disk.img"));
        for (Path each : List.of(path, directory)) {
            try (Fd file = Fd.own("disk image", Libc.open(each.toString(), HostConstants.O_RDONLY, 0))) {
                HostException e =
                        assertThrows(HostException.class, () -> loop.register(file, EPOLLIN | EPOLLOUT, events -> {}));
                assertEquals(Errno.EPERM, e.errno());
                assertTrue(String.valueOf(e.getMessage()).contains("regular file or a directory"), e.getMessage());
                assertTrue(String.valueOf(e.getMessage()).contains("worker pool"), e.getMessage());
            }
        }
        HostException bad = assertThrows(HostException.class, () -> loop.register("gone", 9999, EPOLLIN, events -> {}));
        assertEquals(Errno.EBADF, bad.errno());
        Registration _ = loop.register(eventFd.fd(), EPOLLIN, events -> {});
        HostException twice =
                assertThrows(HostException.class, () -> loop.register(eventFd.fd(), EPOLLIN, events -> {}));
        assertEquals(Errno.EEXIST, twice.errno());
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
    void survivesWhatHandlersThrow() {
        CountDownLatch ran = new CountDownLatch(2);
        Registration _ = loop.register(eventFd.fd(), EPOLLIN, events -> {
            long _ = eventFd.drain();
            ran.countDown();
            if (ran.getCount() == 1) {
                throw new IllegalStateException("test");
            }
            throw new AssertionError("test");
        });
        eventFd.signal();
        Await.until(() -> loop.failureCount() == 1);
        eventFd.signal();
        Await.latch(ran);
        loop.execute(() -> {
            throw new UnsupportedOperationException("test");
        });
        loop.newTimer("failing", () -> {
                    throw new StackOverflowError("test");
                })
                .schedule(1);
        Await.until(() -> loop.failureCount() == 4);
        Await.idle(loop);
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
        assertEquals("loop-test/io-loop is closed", e.getMessage());
        release.countDown();
        assertTrue(Waits.join(closer, Waits.LIMIT_NANOS));
        assertEquals(10, ran.get());
        assertThrows(IllegalStateException.class, () -> loop.register(eventFd.fd(), EPOLLIN, events -> {}));
        assertThrows(IllegalStateException.class, () -> loop.newTimer("late", () -> {}));
    }

    @Test
    void canCloseItself() {
        CountDownLatch closed = new CountDownLatch(1);
        loop.execute(() -> {
            loop.close();
            closed.countDown();
        });
        Await.latch(closed);
        loop.close();
        assertEquals(0, Await.threadCount("loop-test/"));
    }

    @Test
    void keepsAnInterruptWhileItCloses() {
        Thread.currentThread().interrupt();
        loop.close();
        assertTrue(Thread.interrupted());
    }

    @Test
    void aRegistrationOutlivesItsLoopWithoutHarm() {
        Registration registration = loop.register(eventFd.fd(), EPOLLIN, events -> {});
        loop.close();
        assertThrows(IllegalStateException.class, () -> registration.modify(0));
        registration.close();
        registration.close();
    }

    @Test
    void closeOfARegistrationWaitsForItsHandler() {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        AtomicBoolean returned = new AtomicBoolean();
        Registration registration = loop.register(eventFd.fd(), EPOLLIN, events -> {
            running.countDown();
            Await.latch(release);
            returned.set(true);
        });
        eventFd.signal();
        Await.latch(running);
        AtomicBoolean closedBeforeReturn = new AtomicBoolean();
        CountDownLatch closed = new CountDownLatch(2);
        for (int i = 0; i < 2; i++) { // the second closer waits too
            Thread.ofPlatform().start(() -> {
                registration.close();
                if (!returned.get()) {
                    closedBeforeReturn.set(true);
                }
                closed.countDown();
            });
        }
        Await.sleep(20);
        assertEquals(2, closed.getCount());
        release.countDown();
        Await.latch(closed);
        assertFalse(closedBeforeReturn.get());
    }

    @Test
    void aHandlerMayCloseItself() {
        AtomicInteger runs = new AtomicInteger();
        Registration[] self = new Registration[1];
        self[0] = loop.register(eventFd.fd(), EPOLLIN, events -> {
            runs.incrementAndGet();
            self[0].close();
            self[0].close();
        });
        eventFd.signal();
        Await.until(() -> runs.get() == 1);
        Await.idle(loop);
        assertEquals(1, runs.get());
        self[0].close(); // from outside, afterwards
        assertEquals(0, loop.failureCount());
    }

    @Test
    void aHandlerThatIsClosedByAnotherOfTheSameRoundDoesNotRun() {
        for (int round = 0; round < 50; round++) {
            try (EventFd first = EventFd.create("first");
                    EventFd second = EventFd.create("second")) {
                AtomicInteger runs = new AtomicInteger();
                Registration[] both = new Registration[2];
                loop.execute(
                        () -> { // both are ready when the loop looks next
                            both[0] = loop.register(first.fd(), EPOLLIN, events -> {
                                runs.incrementAndGet();
                                both[0].close();
                                both[1].close();
                            });
                            both[1] = loop.register(second.fd(), EPOLLIN, events -> {
                                runs.incrementAndGet();
                                both[0].close();
                                both[1].close();
                            });
                            first.signal();
                            second.signal();
                        });
                Await.until(() -> runs.get() > 0);
                Await.idle(loop);
                assertEquals(1, runs.get());
            }
        }
    }

    @Test
    void aClosedRegistrationThatTheLoopHasAlreadyLookedUpDoesNotRun() {
        AtomicInteger runs = new AtomicInteger();
        Registration registration = loop.register(eventFd.fd(), EPOLLIN, events -> runs.incrementAndGet());
        registration.run(EPOLLIN);
        assertEquals(1, runs.get());
        registration.close();
        registration.run(EPOLLIN);
        assertEquals(1, runs.get());
    }

    @Test
    void anEventOfAnEarlierRegistrationDoesNotReachALaterOneInItsPlace() {
        try (EventFd first = EventFd.create("first");
                EventFd second = EventFd.create("second");
                EventFd third = EventFd.create("third")) {
            AtomicInteger wrong = new AtomicInteger();
            CountDownLatch ran = new CountDownLatch(1);
            Registration[] both = new Registration[2];
            EventHandler replace = events -> {
                both[0].close();
                both[1].close();
                // One of the two slots has an event waiting in this round; neither of these is ready.
                Registration a = loop.register(third.fd(), EPOLLIN, e -> wrong.incrementAndGet());
                Registration b = loop.register(eventFd.fd(), EPOLLIN, e -> wrong.incrementAndGet());
                if (a.slot() != both[0].slot() || b.slot() != both[1].slot()) {
                    wrong.incrementAndGet();
                }
                ran.countDown();
            };
            loop.execute(() -> {
                both[0] = loop.register(first.fd(), EPOLLIN, replace);
                both[1] = loop.register(second.fd(), EPOLLIN, replace);
                first.signal();
                second.signal();
            });
            Await.latch(ran);
            Await.idle(loop);
            assertEquals(0, wrong.get());
            loop.close();
        }
    }

    @Test
    void noHandlerRunsAfterCloseWhateverTheRace() {
        for (int round = 0; round < 500; round++) {
            try (EventFd bell = EventFd.create("bell")) {
                AtomicBoolean closed = new AtomicBoolean();
                AtomicInteger late = new AtomicInteger();
                Registration registration = loop.register(bell.fd(), EPOLLIN, events -> {
                    if (closed.get()) {
                        late.incrementAndGet();
                    }
                });
                bell.signal();
                for (int spin = 0; spin < round % 300; spin++) {
                    Thread.onSpinWait();
                }
                registration.close();
                closed.set(true);
                assertEquals(0, late.get());
                Await.idle(loop);
                assertEquals(0, late.get());
            }
        }
        assertEquals(0, loop.failureCount());
    }

    @Test
    void watchesMoreDescriptorsThanOneRoundTakes() {
        List<EventFd> bells = new ArrayList<>();
        AtomicInteger ran = new AtomicInteger();
        for (int i = 0; i < 200; i++) {
            EventFd bell = EventFd.create("bell " + i);
            bells.add(bell);
            Registration _ = loop.register(bell.fd(), EPOLLIN, events -> {
                assertEquals(1, bell.drain());
                ran.incrementAndGet();
            });
        }
        bells.forEach(EventFd::signal);
        Await.until(() -> ran.get() == 200);
        assertEquals(0, loop.failureCount());
        loop.close();
        bells.forEach(EventFd::close);
    }

    @Test
    void aSignalToItsThreadDoesNotEndIt() {
        WakeupSignal.ensureInstalled();
        AtomicInteger tid = new AtomicInteger();
        loop.execute(() -> {
            WakeupSignal.acceptInThisThread();
            tid.set(Libc.gettid());
        });
        Await.idle(loop);
        for (int i = 0; i < 20; i++) {
            WakeupSignal.send(tid.get());
            Await.sleep(1); // let it wait again
        }
        Await.idle(loop);
        assertEquals(0, loop.failureCount());
    }

    @Test
    void registersFromManyThreads() throws InterruptedException {
        Thread[] threads = new Thread[4];
        AtomicInteger failed = new AtomicInteger();
        for (int t = 0; t < threads.length; t++) {
            threads[t] = Thread.ofPlatform().start(() -> {
                for (int i = 0; i < 200; i++) {
                    try (EventFd bell = EventFd.create("bell")) {
                        CountDownLatch ran = new CountDownLatch(1);
                        Registration registration = loop.register(bell.fd(), EPOLLIN, events -> {
                            long _ = bell.drain();
                            ran.countDown();
                        });
                        bell.signal();
                        Await.latch(ran);
                        registration.close();
                    } catch (RuntimeException | AssertionError e) {
                        failed.incrementAndGet();
                    }
                }
            });
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(0, failed.get());
        assertEquals(0, loop.failureCount());
    }

    @Test
    void namesAreItsOwn() {
        assertEquals("loop-test/io-loop", loop.name());
        assertNotEquals(0, Await.threadCount("loop-test/io-loop"));
    }
}
