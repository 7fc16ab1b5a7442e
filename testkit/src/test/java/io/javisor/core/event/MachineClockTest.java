package io.javisor.core.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.Await;
import io.javisor.testkit.FakeTime;
import io.javisor.testkit.HeapMeter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MachineClockTest {
    private static final long MILLI = 1_000_000;

    private final FakeTime time = new FakeTime(-5_000);
    private final MachineClock clock = new MachineClock(time, time);
    private final List<Long> expiries = new ArrayList<>();

    private Timer timer(String name) {
        return clock.newTimer(name, () -> expiries.add(clock.getAsLong()));
    }

    @Test
    void standsAtNoughtUntilItIsLetGo() {
        assertEquals(0, clock.getAsLong());
        time.advance(100);
        assertEquals(0, clock.getAsLong());
        clock.resume();
        assertEquals(0, clock.getAsLong());
        time.advance(100);
        assertEquals(100, clock.getAsLong());
    }

    @Test
    void doesNotCountPauses() {
        clock.resume();
        time.advance(10);
        for (int i = 0; i < 3; i++) {
            clock.pause();
            clock.pause(); // does nothing
            time.advance(1_000);
            assertEquals(10 + 5 * i, clock.getAsLong());
            clock.resume();
            clock.resume(); // does nothing
            time.advance(5);
        }
        assertEquals(25, clock.getAsLong());
    }

    @Test
    void aTimerStandsWithIt() {
        Timer timer = timer("timer");
        clock.resume();
        timer.schedule(100);
        time.advance(60);
        clock.pause();
        assertEquals(0, time.armed());
        time.advance(1_000);
        assertEquals(List.of(), expiries);
        clock.resume();
        time.advance(39);
        assertEquals(List.of(), expiries);
        time.advance(1);
        assertEquals(List.of(100L), expiries);
        time.advance(1_000);
        assertEquals(List.of(100L), expiries, "once");
    }

    @Test
    void aTimerCanBeArmedAndTakenBackWhileItStands() {
        Timer kept = timer("kept");
        Timer dropped = timer("dropped");
        Timer moved = timer("moved");
        clock.resume();
        dropped.schedule(10);
        moved.schedule(10);
        clock.pause();
        kept.schedule(7);
        moved.schedule(50);
        dropped.cancel();
        time.advance(1_000);
        assertEquals(0, time.armed());
        clock.resume();
        time.advance(1_000);
        assertEquals(List.of(7L, 50L), expiries);
    }

    @Test
    void whatWasDueAtThePauseComesAfterIt() {
        Timer timer = timer("timer");
        clock.resume();
        timer.schedule(10);
        time.jump(10); // the loop is late
        clock.pause();
        time.advance(5);
        assertEquals(List.of(), expiries);
        clock.resume();
        time.advance(1);
        assertEquals(List.of(11L), expiries);
    }

    @Test
    void theLongestDelayIsNoEnd() {
        Timer timer = timer("timer");
        clock.resume();
        timer.schedule(Long.MAX_VALUE);
        time.advance(TimeUnit.DAYS.toNanos(365));
        clock.pause();
        clock.resume();
        timer.schedule(Long.MIN_VALUE);
        time.advance(1);
        assertEquals(1, expiries.size());
    }

    @Test
    void aClosedTimerIsGivenBack() {
        Timer timer = timer("timer");
        timer.schedule(10);
        timer.close();
        timer.close();
        clock.resume();
        time.advance(20);
        assertEquals(List.of(), expiries);
        assertEquals(0, time.open());
        assertThrows(IllegalStateException.class, () -> timer.schedule(1));
    }

    /** On a real loop, with threads that read, arm and pause at once. */
    @Test
    void neverGoesBackNorExpiresWhileItStands() throws InterruptedException {
        try (EventLoop loop = EventLoop.start("clock-test/io-loop")) {
            MachineClock real = new MachineClock(System::nanoTime, loop);
            AtomicBoolean end = new AtomicBoolean();
            AtomicBoolean stands = new AtomicBoolean();
            AtomicInteger expired = new AtomicInteger();
            AtomicInteger wrong = new AtomicInteger();
            Timer timer = real.newTimer("timer", () -> {
                if (stands.get()) {
                    wrong.incrementAndGet();
                }
                expired.incrementAndGet();
            });
            Thread reader = Thread.ofPlatform().start(() -> {
                long last = 0;
                while (!end.get()) {
                    long now = real.getAsLong();
                    if (now < last) {
                        wrong.incrementAndGet();
                    }
                    last = now;
                }
            });
            for (int i = 0; i < 300; i++) {
                real.resume();
                timer.schedule(MILLI / 10);
                spin(i % 30 * 10_000L);
                real.pause();
                assertTrue(loop.awaitTurn(TimeUnit.SECONDS.toNanos(10)));
                stands.set(true);
                long stood = real.getAsLong();
                spin(20_000);
                assertEquals(stood, real.getAsLong());
                stands.set(false);
            }
            real.resume();
            Await.until(() -> expired.get() > 0);
            end.set(true);
            reader.join();
            assertEquals(0, wrong.get());
            assertEquals(0, loop.failureCount());
        }
    }

    private static void spin(long nanos) {
        long until = System.nanoTime() + nanos;
        while (System.nanoTime() < until) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aTurnOfTheLoopIsWaitedForWithAnEnd() throws InterruptedException {
        try (EventLoop loop = EventLoop.start("clock-test/io-loop")) {
            CountDownLatch go = new CountDownLatch(1);
            loop.execute(() -> Await.latch(go));
            assertTrue(!loop.awaitTurn(MILLI));
            go.countDown();
            assertTrue(loop.awaitTurn(TimeUnit.SECONDS.toNanos(10)));
        }
    }

    @Test
    void readingAndArmingAllocateNothing() {
        Timer timer = timer("timer");
        clock.resume();
        long sum = use(timer, 20_000); // until it is compiled
        HeapMeter meter = HeapMeter.start();
        sum += use(timer, 20_000);
        meter.requireAtMost(0);
        assertEquals(0, sum);
    }

    private long use(Timer timer, int rounds) {
        long sum = 0;
        for (int i = 0; i < rounds; i++) {
            timer.schedule(1_000);
            sum += clock.getAsLong();
            timer.cancel();
        }
        return sum;
    }
}
