package io.javisor.benchmarks;

import io.javisor.core.bus.BusDevice;
import io.javisor.machine.Machine;
import io.javisor.testkit.guest.TinyGuest;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** How long a running guest takes to pause, to go on, and to end. */
final class PauseLatency {
    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final int WARM_UP = 10;

    private final Samples samples;
    private final MeasuredEngine engine;
    private final Path kernel;

    PauseLatency(Samples samples, MeasuredEngine engine, Path kernel) {
        this.samples = samples;
        this.engine = engine;
        this.kernel = kernel;
    }

    void measure(int count) throws InterruptedException {
        try (TinyMachine machine = running()) {
            for (int i = -WARM_UP; i < count; i++) {
                Thread.sleep(1);
                double nanos = pause(machine.machine());
                machine.machine().resume();
                if (i >= 0) {
                    samples.add(engine.row("pause"), "javisor", nanos);
                }
            }
        }
        measureResume(count);
        for (int i = -WARM_UP; i < count / 4; i++) {
            TinyMachine machine = running();
            long begin = System.nanoTime();
            machine.close();
            if (i >= 0) {
                samples.add(engine.row("stop"), "javisor", (double) (System.nanoTime() - begin));
            }
        }
    }

    private TinyMachine running() {
        TinyMachine machine = new TinyMachine("pause", engine, kernel);
        machine.awaitFirstInstruction();
        return machine;
    }

    private static double pause(Machine machine) throws InterruptedException {
        long begin = System.nanoTime();
        machine.pause();
        return System.nanoTime() - begin;
    }

    /** From the call to the guest's next access to a device. */
    private void measureResume(int count) throws InterruptedException {
        Stamp stamp = new Stamp();
        try (TinyGuest guest = TinyGuest.userMode(engine.provider())
                .name("bench")
                .code(AccessGuest.listing("out1"))
                .build()) {
            var _ = guest.ports().register("stamp", AccessGuest.PORT, 8, stamp);
            for (int i = -WARM_UP; i < count; i++) {
                stamp.nanos = 0;
                long begin = System.nanoTime();
                guest.run();
                while (stamp.nanos == 0) {
                    Thread.onSpinWait();
                    if (System.nanoTime() - begin > TIMEOUT_NANOS) {
                        throw new IllegalStateException("the guest does not go on");
                    }
                }
                if (i >= 0) {
                    samples.add(engine.row("resume"), "javisor", (double) (stamp.nanos - begin));
                }
                guest.pause();
            }
        }
    }

    /** When the guest's first access since it was set to 0 was. */
    private static final class Stamp implements BusDevice {
        private volatile long nanos;

        @Override
        public long read(long offset, int size) {
            return 0;
        }

        @Override
        public void write(long offset, int size, long value) {
            if (nanos == 0) {
                nanos = System.nanoTime();
            }
        }
    }
}
