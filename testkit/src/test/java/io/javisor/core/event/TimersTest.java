package io.javisor.core.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.Await;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimersTest {
    private static final long MILLI = 1_000_000;
    private static final long FAR = TimeUnit.HOURS.toNanos(1);

    private final EventLoop loop = EventLoop.start("timer-test/io-loop");

    @AfterEach
    void close() {
        loop.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 1_000, MILLI, 20 * MILLI, 0, -5, Long.MIN_VALUE})
    void expiresOnTheLoopAndNotEarly(long delay) {
        AtomicLong at = new AtomicLong();
        CountDownLatch expired = new CountDownLatch(1);
        Timer timer = loop.newTimer("timer", () -> {
            assertTrue(loop.isLoopThread());
            at.set(System.nanoTime());
            expired.countDown();
        });
        long start = System.nanoTime();
        timer.schedule(delay);
        Await.latch(expired);
        long took = at.get() - start;
        assertTrue(took >= Math.max(1, delay), took + " ns");
        assertTrue(took < Math.max(1, delay) + TimeUnit.SECONDS.toNanos(5), took + " ns");
        assertEquals(0, loop.failureCount());
    }

    @Test
    void expiresOnce() {
        AtomicInteger runs = new AtomicInteger();
        Timer timer = loop.newTimer("timer", runs::incrementAndGet);
        timer.schedule(MILLI);
        Await.until(() -> runs.get() == 1);
        Await.sleep(10);
        assertEquals(1, runs.get());
        timer.schedule(MILLI);
        Await.until(() -> runs.get() == 2);
    }

    @Test
    void aNewScheduleReplacesTheOld() {
        AtomicInteger runs = new AtomicInteger();
        Timer timer = loop.newTimer("timer", runs::incrementAndGet);
        timer.schedule(5 * MILLI);
        timer.schedule(FAR);
        Await.sleep(20);
        Await.idle(loop);
        assertEquals(0, runs.get(), "later");
        timer.schedule(MILLI);
        Await.until(() -> runs.get() == 1);
        assertEquals(1, runs.get(), "earlier");
    }

    @Test
    void cancelDisarms() {
        AtomicInteger runs = new AtomicInteger();
        Timer timer = loop.newTimer("timer", runs::incrementAndGet);
        timer.cancel();
        timer.schedule(10 * MILLI);
        timer.cancel();
        timer.cancel();
        Await.sleep(30);
        Await.idle(loop);
        assertEquals(0, runs.get());
        timer.schedule(MILLI);
        Await.until(() -> runs.get() == 1);
    }

    @Test
    void cancelOnTheLoopIsExact() {
        AtomicInteger runs = new AtomicInteger();
        Timer[] both = new Timer[2];
        both[0] = loop.newTimer("first", () -> {
            runs.incrementAndGet();
            both[1].cancel();
        });
        both[1] = loop.newTimer("second", () -> {
            runs.incrementAndGet();
            both[0].cancel();
        });
        loop.execute(() -> {
            both[0].schedule(1);
            both[1].schedule(1);
            Await.sleep(2); // both are due
        });
        Await.until(() -> runs.get() > 0);
        Await.idle(loop);
        assertEquals(1, runs.get());
    }

    @Test
    void closeDisarmsAndRefusesUse() {
        AtomicInteger runs = new AtomicInteger();
        Timer timer = loop.newTimer("apic", runs::incrementAndGet);
        timer.schedule(5 * MILLI);
        timer.close();
        timer.close();
        timer.cancel();
        IllegalStateException e = assertThrows(IllegalStateException.class, () -> timer.schedule(1));
        assertEquals("timer apic is closed", e.getMessage());
        Await.sleep(20);
        Await.idle(loop);
        assertEquals(0, runs.get());
    }

    @Test
    void aTimerMayRenewItself() {
        CountDownLatch runs = new CountDownLatch(50);
        Timer[] self = new Timer[1];
        self[0] = loop.newTimer("periodic", () -> {
            runs.countDown();
            if (runs.getCount() > 0) {
                self[0].schedule(0);
            }
        });
        self[0].schedule(1);
        Await.latch(runs);
        assertEquals(0, loop.failureCount());
    }

    @Test
    void manyExpireInTheOrderOfTheirDeadlines() {
        Random random = new Random(1);
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        List<Integer> expected = new ArrayList<>();
        List<Timer> timers = new ArrayList<>();
        int count = 300;
        for (int i = 0; i < count; i++) {
            int number = i;
            timers.add(loop.newTimer("timer " + i, () -> order.add(number)));
        }
        List<Integer> delays = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            delays.add(i);
        }
        Collections.shuffle(delays, random);
        long[] earliest = new long[count];
        long[] latest = new long[count];
        CountDownLatch done = new CountDownLatch(1);
        loop.execute(
                () -> { // on the loop, so that none expires before all are scheduled
                    long start = System.nanoTime();
                    for (int i = 0; i < count; i++) {
                        // Some are moved and some taken back, from the middle of the heap.
                        timers.get(i).schedule(random.nextInt(1_000_000));
                    }
                    for (int i = 0; i < count; i++) {
                        earliest[i] = start + 30 * MILLI + delays.get(i) * 100_000L;
                        long before = System.nanoTime();
                        timers.get(i).schedule(earliest[i] - before);
                        // The timer reads the clock itself, later: its deadline lies between these two.
                        latest[i] = earliest[i] + (System.nanoTime() - before);
                    }
                    for (int i = 0; i < count; i += 7) {
                        timers.get(i).cancel();
                    }
                    done.countDown();
                });
        Await.latch(done);
        for (int i = 0; i < count; i++) {
            if (i % 7 != 0) {
                expected.add(i);
            }
        }
        Await.until(() -> order.size() >= expected.size());
        assertEquals(expected, order.stream().sorted().toList());
        for (int later = 1; later < order.size(); later++) {
            for (int earlier = 0; earlier < later; earlier++) {
                int first = order.get(earlier);
                int second = order.get(later);
                assertTrue(earliest[first] <= latest[second], () -> first + " ran before " + second);
            }
        }
        timers.forEach(Timer::close);
    }

    @Test
    void isScheduledFromManyThreads() throws InterruptedException {
        AtomicInteger runs = new AtomicInteger();
        Thread[] threads = new Thread[4];
        for (int t = 0; t < threads.length; t++) {
            threads[t] = Thread.ofPlatform().start(() -> {
                try (Timer timer = loop.newTimer("mine", runs::incrementAndGet)) {
                    for (int i = 0; i < 500; i++) {
                        timer.schedule(i % 3 == 0 ? 1 : FAR);
                        if (i % 5 == 0) {
                            timer.cancel();
                        }
                    }
                    int before = runs.get();
                    timer.schedule(1);
                    Await.until(() -> runs.get() > before);
                }
            });
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertTrue(runs.get() >= 1);
        assertEquals(0, loop.failureCount());
    }

    @Test
    void ignoresASchedulingAfterTheLoopsEnd() {
        AtomicInteger runs = new AtomicInteger();
        Timer timer = loop.newTimer("timer", runs::incrementAndGet);
        timer.schedule(FAR);
        loop.close();
        timer.schedule(1);
        timer.cancel();
        timer.close();
        assertEquals(0, runs.get());
    }
}
