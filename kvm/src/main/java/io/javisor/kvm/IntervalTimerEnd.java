package io.javisor.kvm;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Makes the end of a VM quick: has KVM's interval timer let go of the interrupt routing before the VM is closed, and shortens the
 * wait for that. KVM waits for a grace period of SRCU that nobody hurries, several jiffies long (Linux arch/x86/kvm/i8254.c,
 * kvm_pit_set_reinject). A thread that replaces the routes meanwhile asks for a hurried grace period, which ends both waits; so this
 * object lets go on one thread and replaces the routes on another.
 *
 * <p>Run when no vCPU runs any more, before the VM is closed. The guest can't see it.
 */
final class IntervalTimerEnd implements Runnable {
    /** How long to wait for a free worker. The VM ends without this too, only later. */
    private static final long START_TIMEOUT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Runnable letGo;
    private final Runnable hurry;
    private final Executor helper;

    /**
     * Remembers what to do.
     *
     * @param letGo what waits, on the helper
     * @param hurry what shortens that wait; called until it is over
     */
    IntervalTimerEnd(Runnable letGo, Runnable hurry, Executor helper) {
        this.letGo = letGo;
        this.hurry = hurry;
        this.helper = helper;
    }

    static IntervalTimerEnd of(KvmIrqs irqs, GsiRouter router, Executor helper) {
        return new IntervalTimerEnd(() -> irqs.reinjectPit(false), router::reload, helper);
    }

    @Override
    public void run() {
        AtomicBoolean taken = new AtomicBoolean();
        CountDownLatch done = new CountDownLatch(1);
        Runnable once = () -> {
            if (taken.compareAndSet(false, true)) {
                try {
                    letGo.run();
                } finally {
                    done.countDown();
                }
            }
        };
        try {
            helper.execute(once);
            long giveUp = System.nanoTime() + START_TIMEOUT_NANOS;
            // Each turn waits for a grace period: there are few. Nothing ends the loop while the helper uses the VM.
            while (done.getCount() > 0) {
                hurry.run();
                if (System.nanoTime() > giveUp && taken.compareAndSet(false, true)) {
                    return; // the helper is busy
                }
            }
        } finally {
            taken.set(true);
        }
    }
}
