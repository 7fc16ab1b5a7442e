package io.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class IntervalTimerEndTest {
    private final ExecutorService helper = Executors.newSingleThreadExecutor();
    private final AtomicInteger letGo = new AtomicInteger();

    @AfterEach
    void close() {
        helper.close();
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
                        helper)
                .run();
        assertEquals(1, letGo.get());
        assertEquals(0, hurried.getCount());
    }

    @Test
    void goesOnWithoutAFreeHelperAndLeavesNothingForALaterOne() {
        CountDownLatch busy = new CountDownLatch(1);
        AtomicInteger hurried = new AtomicInteger();
        helper.execute(() -> await(busy));
        new IntervalTimerEnd(letGo::incrementAndGet, hurried::incrementAndGet, helper).run();
        busy.countDown();
        helper.close(); // what was submitted has run then
        assertEquals(0, letGo.get());
        assertTrue(hurried.get() > 0);
    }

    @Test
    void aFailureToHurryLeavesNothingForALaterHelper() {
        CountDownLatch busy = new CountDownLatch(1);
        helper.execute(() -> await(busy));
        IllegalStateException failure = new IllegalStateException("no routes");
        IntervalTimerEnd end = new IntervalTimerEnd(
                letGo::incrementAndGet,
                () -> {
                    throw failure;
                },
                helper);
        assertSame(failure, assertThrows(IllegalStateException.class, end::run));
        busy.countDown();
        helper.close();
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
