package io.javisor.machine;

import io.javisor.core.irq.GsiRouter;
import io.javisor.core.kvm.KvmIrqs;
import io.javisor.devices.backend.HostEvents;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Takes apart what makes the end of a VM slow, sooner than the VM's own close would: the interval timer's hold on the interrupt
 * routing. To let go of it KVM waits for an unhurried grace period of SRCU, several jiffies long (Linux arch/x86/kvm/i8254.c,
 * kvm_pit_set_reinject). Who replaces the routes asks for a hurried one of the same kind, which ends the wait of both; so one
 * thread does the one while another does the other.
 *
 * <p>Closed when no vCPU runs any more, before the VM. The guest can't see it.
 */
final class IntervalTimerEnd implements AutoCloseable {
    /** How long to wait for a free worker. The VM ends without this too, only later. */
    private static final long START_TIMEOUT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Runnable letGo;
    private final Runnable hurry;
    private final HostEvents events;

    /**
     * Remembers what to do.
     *
     * @param letGo what waits, on a worker
     * @param hurry what shortens that wait; called until it is over
     */
    IntervalTimerEnd(Runnable letGo, Runnable hurry, HostEvents events) {
        this.letGo = letGo;
        this.hurry = hurry;
        this.events = events;
    }

    static IntervalTimerEnd of(KvmIrqs irqs, HostEvents events) {
        return new IntervalTimerEnd(() -> irqs.reinjectPit(false), () -> irqs.replace(GsiRouter.pcPins()), events);
    }

    @Override
    public void close() {
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
        try (HostEvents.Work work = events.newWork("end of the interval timer", once, () -> {})) {
            work.submit();
            long giveUp = System.nanoTime() + START_TIMEOUT_NANOS;
            // Each turn waits for a grace period: there are few. Nothing ends the loop while the worker uses the VM.
            while (done.getCount() > 0) {
                hurry.run();
                if (System.nanoTime() > giveUp && taken.compareAndSet(false, true)) {
                    return; // all workers are busy
                }
            }
        } finally {
            taken.set(true);
        }
    }
}
