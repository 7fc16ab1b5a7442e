package io.javisor.benchmarks;

import io.javisor.core.bus.BusDevice;
import io.javisor.core.irq.ConnectedLine;
import io.javisor.kvm.KvmEngineProvider;
import io.javisor.testkit.guest.TinyGuest;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** From an irqfd's signal to the port write of the guest's handler, in a guest that halts and in one that does not. */
final class InterruptLatency {
    private static final int READY_PORT = 0x200;
    private static final int IRQ = 4;
    private static final int VECTOR = 0x24;
    private static final long HANDLER_GPA = 0x1100;
    private static final long HALT_NANOS = TimeUnit.MILLISECONDS.toNanos(1); // KVM polls for 0.2 ms before it sleeps
    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(5);

    // A guest makes more exits than that while it boots: the compilers have come to the path by then.
    private static final int WARM_UP = 60_000;
    private static final long WARM_UP_NANOS = TimeUnit.SECONDS.toNanos(5); // on a busy host there are fewer

    private final Samples samples;
    private final Baseline baseline;

    InterruptLatency(Samples samples, Baseline baseline) {
        this.samples = samples;
        this.baseline = baseline;
    }

    /** A pair is the median of {@code count} interrupts on each side. */
    void measure(int pairs, int count) throws InterruptedException {
        for (String kind : new String[] {"irq-halted", "irq-busy"}) {
            Probe probe = new Probe();
            try (TinyGuest guest = guest(kind, probe);
                    ConnectedLine line = guest.edge(IRQ)) {
                probe.ready.await();
                long begin = System.nanoTime();
                for (int i = 0; i < WARM_UP && System.nanoTime() - begin < WARM_UP_NANOS; i++) {
                    double[] _ = latencies(line, probe, 1, 0);
                }
                for (int pair = 0; pair < pairs; pair++) {
                    samples.add(kind, "javisor", Statistics.median(latencies(line, probe, count, HALT_NANOS)));
                    guest.pause(); // one that waits in a loop would take a processor from C
                    samples.add(kind, "c", Statistics.median(baseline.ask("interrupts " + kind + " " + count)));
                    guest.run();
                }
            }
        }
    }

    private static TinyGuest guest(String kind, Probe probe) {
        TinyGuest guest = TinyGuest.realMode(new KvmEngineProvider())
                .name("bench")
                .irqchip()
                .code(AccessGuest.listing(kind))
                .code(AccessGuest.listing("irq-handler"))
                .gate(VECTOR, HANDLER_GPA)
                .build();
        var _ = guest.ports().register("probe", READY_PORT, 2, probe);
        guest.run();
        return guest;
    }

    private static double[] latencies(ConnectedLine line, Probe probe, int count, long idleNanos)
            throws InterruptedException {
        double[] nanos = new double[count];
        for (int i = 0; i < count; i++) {
            LockSupport.parkNanos(idleNanos);
            long begin = System.nanoTime();
            line.raise();
            line.lower();
            // Asleep, not in a loop: KVM hands the signal to a kernel thread
            // of this processor, which would wait for the loop's time slice.
            if (!probe.seen.tryAcquire(TIMEOUT_NANOS, TimeUnit.NANOSECONDS)) {
                throw new IllegalStateException("no interrupt");
            }
            nanos[i] = probe.seenNanos - begin;
        }
        return nanos;
    }

    private static final class Probe implements BusDevice {
        private final CountDownLatch ready = new CountDownLatch(1);
        private final Semaphore seen = new Semaphore(0);
        private long seenNanos; // published by the semaphore

        @Override
        public long read(long offset, int size) {
            return 0;
        }

        @Override
        public void write(long offset, int size, long value) {
            if (offset == 0) {
                ready.countDown();
            } else {
                seenNanos = System.nanoTime();
                seen.release();
            }
        }
    }
}
