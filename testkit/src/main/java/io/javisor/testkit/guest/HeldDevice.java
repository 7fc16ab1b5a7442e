package io.javisor.testkit.guest;

import io.javisor.core.bus.BusDevice;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A device that keeps the first access waiting, so that a test can act in the middle of it; what a real device never does. */
public final class HeldDevice implements BusDevice {
    private final long answer;
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private final AtomicInteger accesses = new AtomicInteger();

    /** Reads give {@code answer}, then {@code answer + 1} and so on. */
    public HeldDevice(long answer) {
        this.answer = answer;
    }

    /** Waits until the guest's first access is here. */
    public void awaitGuest() throws InterruptedException {
        if (!entered.await(TinyGuest.TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)) {
            throw new AssertionError("the guest does not come to the device");
        }
    }

    /** Lets it go on. */
    public void release() {
        released.countDown();
    }

    /** How many accesses have begun. */
    public int accesses() {
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
            if (!released.await(TinyGuest.TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new AssertionError("the test does not let the guest go on");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return before;
    }
}
