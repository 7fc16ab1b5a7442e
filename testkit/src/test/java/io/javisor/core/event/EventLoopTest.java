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
import io.javisor.testkit.host.Pipe;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
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
        try (Pipe pipe = Pipe.open()) {
            AtomicInteger seen = new AtomicInteger();
            Registration[] self = new Registration[1];
            Registration registration = loop.register(pipe.reader(), 0, events -> {
                seen.set(events);
                self[0].close();
            });
            self[0] = registration;
            pipe.writer().close();
            Await.until(() -> seen.get() == EPOLLHUP);
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
