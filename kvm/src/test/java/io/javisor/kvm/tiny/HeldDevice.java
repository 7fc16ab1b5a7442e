package io.javisor.kvm.tiny;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.bus.BusDevice;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A device that keeps the first access waiting, so that a test can act in the middle of it; what a real device never does. */
final class HeldDevice implements BusDevice {
    private final long answer;
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private final AtomicInteger accesses = new AtomicInteger();

    /** Reads give {@code answer}, then {@code answer + 1} and so on. */
    HeldDevice(long answer) {
        this.answer = answer;
    }

    /** Waits until the guest's first access is here. */
    void awaitGuest() throws InterruptedException {
        assertTrue(entered.await(TinyGuest.TIMEOUT_MILLIS, TimeUnit.MILLISECONDS));
    }

    /** Lets it go on. */
    void release() {
        released.countDown();
    }

    int accesses() {
        return accesses.get();
    }

    @Override
    public long read(long offset, int size) {
        return answer + hold();
    }

    @Override
    public void write(long offset, int size, long value) {
        int _ = hold();
    }

    private int hold() {
        int before = accesses.getAndIncrement();
        entered.countDown();
        try {
            assertTrue(released.await(TinyGuest.TIMEOUT_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return before;
    }
}
