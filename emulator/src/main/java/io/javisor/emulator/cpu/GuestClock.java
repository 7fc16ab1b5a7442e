package io.javisor.emulator.cpu;

import io.javisor.emulator.apic.ApicClock;

/**
 * A machine's time: nanoseconds since its first instruction, without those in which no processor was in the guest. The time-stamp counter
 * is the same number, so it runs at {@link #TSC_KHZ}. Any thread; allocates nothing.
 */
public final class GuestClock {
    /** The frequency of the time-stamp counter in kHz. */
    public static final int TSC_KHZ = 1_000_000;

    private int inGuest; // guarded by this
    private long stoppedAt; // guarded by this
    private volatile boolean running;
    private volatile long offset; // nanoTime() - offset is the time while it runs

    /** A clock that stands at 0. */
    public GuestClock() {}

    /** A processor begins to run the guest. */
    public synchronized void enter() {
        if (inGuest++ == 0) {
            offset = System.nanoTime() - stoppedAt;
            running = true;
        }
    }

    /** A processor is back from the guest. */
    public synchronized void leave() {
        if (--inGuest == 0) {
            stoppedAt = System.nanoTime() - offset;
            running = false;
        }
    }

    /** Nanoseconds; never less than an answer before. */
    public long nanos() {
        return running ? System.nanoTime() - offset : standing();
    }

    private synchronized long standing() {
        return inGuest == 0 ? stoppedAt : System.nanoTime() - offset;
    }

    /** Sets the time, while no processor is in the guest. */
    public synchronized void set(long nanos) {
        stoppedAt = nanos;
    }

    /** The clock as a processor's APIC sees it, whose deadlines are those of the processor's own time-stamp counter. */
    static final class OfProcessor implements ApicClock {
        private final GuestClock clock;
        private final TscOffset offset;

        /** What the processor adds to the machine's counter. */
        interface TscOffset {
            long ticks();
        }

        OfProcessor(GuestClock clock, TscOffset offset) {
            this.clock = clock;
            this.offset = offset;
        }

        @Override
        public long nanos() {
            return clock.nanos();
        }

        @Override
        public long tsc() {
            return clock.nanos() + offset.ticks();
        }

        @Override
        public long nanosOf(long tscTicks) {
            return tscTicks < 0 ? Long.MAX_VALUE : tscTicks;
        }
    }
}
