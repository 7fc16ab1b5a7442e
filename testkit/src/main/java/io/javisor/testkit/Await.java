package io.javisor.testkit;

import io.javisor.core.event.EventLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waiting in tests, with an end, and what a process has open. */
public final class Await {
    /** How long anything may take that is not told otherwise: much longer than it does on a busy host. */
    public static final int TIMEOUT_SECONDS = 60;

    private Await() {}

    public static void latch(CountDownLatch latch) {
        try {
            if (!latch.await(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("did not happen in " + TIMEOUT_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Asks {@code condition} until it holds. */
    public static void until(BooleanSupplier condition) {
        until("did not happen", condition);
    }

    /** As above; {@code what} tells of a failure what was there instead. */
    public static void until(Supplier<String> what, BooleanSupplier condition) {
        until(what, TIMEOUT_SECONDS, condition);
    }

    /** As above, where what is missing says enough. */
    public static void until(String what, BooleanSupplier condition) {
        until(() -> what, condition);
    }

    /** As above, for at most {@code seconds}. */
    public static void until(Supplier<String> what, int seconds, BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() >= end) {
                throw new AssertionError("not within " + seconds + " s: " + what.get());
            }
            sleep(1);
        }
    }

    public static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Waits until everything that was given to the loop before has run. */
    public static void idle(EventLoop loop) {
        CountDownLatch done = new CountDownLatch(1);
        loop.execute(done::countDown);
        latch(done);
    }

    /** Open descriptors of epoll, eventfd and timerfd. Not all: the virtual machine opens jars and libraries when it likes. */
    public static long fdCount() throws IOException {
        long count = 0;
        try (var fds = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path fd : fds) {
                try {
                    count += Files.readSymbolicLink(fd).toString().startsWith("anon_inode:") ? 1 : 0;
                } catch (NoSuchFileException e) {
                    // closed meanwhile
                }
            }
        }
        return count;
    }

    public static long threadCount(String prefix) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith(prefix))
                .count();
    }
}
