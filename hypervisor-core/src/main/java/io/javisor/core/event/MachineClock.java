package io.javisor.core.event;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The time of a machine: the nanoseconds in which it ran, counted from 0, monotonic over all of its lives. The clock stands while the machine
 * does, before its start and in a pause, and so do the timers of it. It is the one clock of all devices but for the calendar of the CMOS clock, which
 * is the host's.
 *
 * <p>An engine has a time of its own for what the processors see without a device. The software engine's time-stamp counter, kvmclock and local
 * APIC timers stand too while no vCPU is in the guest, so all clocks of such a guest agree after a pause, but for the moments between the
 * last vCPU's stop and this clock's. KVM's go on in a pause, its 8254 included: a guest of KVM finds by the ACPI timer, which is a device here, that no
 * time has passed, and by its time-stamp counter or kvmclock that it has; {@code EngineVcpu.pausedMeanwhile} tells it why.
 *
 * <p>Any thread. To read it and to arm timers allocates nothing.
 */
public final class MachineClock implements LongSupplier, Timers {
    private static final long STANDS = Long.MIN_VALUE;

    /** 73 years: a sum with the time does not overflow. */
    private static final long MAX_DELAY_NANOS = Long.MAX_VALUE / 4;

    private final LongSupplier host;
    private final Timers timers;
    private final List<MachineTimer> open = new ArrayList<>(); // guarded by this
    private long stoodNanos; // guarded by this
    /** How far the host's clock is ahead of this one; {@link #STANDS} while this one stands. Written under the lock. */
    private volatile long aheadNanos = STANDS;

    /**
     * A clock that stands at 0.
     *
     * @param host the host's clock: nanoseconds, monotonic
     * @param timers what this clock's timers come by
     */
    public MachineClock(LongSupplier host, Timers timers) {
        this.host = host;
        this.timers = timers;
    }

    /** The time in nanoseconds; never less than an answer before. */
    @Override
    public long getAsLong() {
        while (true) {
            long ahead = aheadNanos;
            if (ahead == STANDS) {
                return standing();
            }
            long now = host.getAsLong() - ahead;
            if (ahead == aheadNanos) { // else a pause lies between the two readings
                return now;
            }
        }
    }

    private synchronized long standing() {
        return aheadNanos == STANDS ? stoodNanos : host.getAsLong() - aheadNanos;
    }

    /** Lets the clock stand. An expiry that is running on the loop goes on: whoever may not have that waits for the loop's turn. */
    public synchronized void pause() {
        long ahead = aheadNanos;
        if (ahead == STANDS) {
            return;
        }
        aheadNanos = STANDS; // first, so that no answer is later than the moment at which it stands
        stoodNanos = host.getAsLong() - ahead;
        for (MachineTimer timer : open) {
            timer.onHost.cancel();
        }
    }

    /** Lets the clock go on; what was left of each timer's delay begins to pass. */
    public synchronized void resume() {
        if (aheadNanos != STANDS) {
            return;
        }
        aheadNanos = host.getAsLong() - stoodNanos;
        for (MachineTimer timer : open) {
            if (timer.armed) {
                timer.onHost.schedule(timer.dueNanos - stoodNanos);
            }
        }
    }

    /** Makes a timer of this clock, disarmed. */
    @Override
    public Timer newTimer(String name, Runnable expiry) {
        MachineTimer timer = new MachineTimer(name, expiry);
        synchronized (this) {
            open.add(timer);
        }
        return timer;
    }

    private final class MachineTimer implements Timer {
        private final String name;
        private final Runnable expiry;
        private final Timer onHost;
        private boolean armed;
        private boolean closed;
        private long dueNanos;

        MachineTimer(String name, Runnable expiry) {
            this.name = name;
            this.expiry = expiry;
            this.onHost = timers.newTimer(name, this::expired);
        }

        @Override
        public void schedule(long delayNanos) {
            synchronized (MachineClock.this) {
                if (closed) {
                    throw new IllegalStateException("timer " + name + " is closed");
                }
                long delay = Math.clamp(delayNanos, 1, MAX_DELAY_NANOS);
                dueNanos = getAsLong() + delay;
                armed = true;
                if (aheadNanos != STANDS) {
                    onHost.schedule(delay);
                }
            }
        }

        @Override
        public void cancel() {
            synchronized (MachineClock.this) {
                armed = false;
                onHost.cancel();
            }
        }

        @Override
        public void close() {
            synchronized (MachineClock.this) {
                armed = false;
                closed = true;
                open.remove(this);
                onHost.close();
            }
        }

        /** On the loop. */
        private void expired() {
            synchronized (MachineClock.this) {
                if (!armed || aheadNanos == STANDS) {
                    return; // it was taken back, or the clock has stopped, at this moment
                }
                long left = dueNanos - getAsLong();
                if (left > 0) {
                    onHost.schedule(left); // it was armed anew at this moment
                    return;
                }
                armed = false;
            }
            expiry.run();
        }
    }
}
