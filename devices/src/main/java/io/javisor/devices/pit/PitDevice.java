package io.javisor.devices.pit;

import io.javisor.core.bus.BusDevice;
import io.javisor.core.event.Timer;
import io.javisor.core.event.Timers;
import io.javisor.core.irq.InterruptLine;
import io.javisor.devices.Device;
import io.javisor.devices.DeviceStatistics;
import java.util.function.LongSupplier;

/**
 * A {@link Pit8254} on its ports, with IRQ 0, a clock, a timer, and the lock around them. Line and timer are leaves, called under the lock.
 * Wider accesses are split into bytes for consecutive ports. Any thread.
 *
 * <p>The timer is armed only while counter 0 runs in a mode that has another edge to come.
 */
public final class PitDevice implements BusDevice, Device<PitState> {
    private static final long ONES_ABOVE = ~0xFFL;

    private final Object lock = new Object();
    private final Pit8254 pit;
    private final LongSupplier clock;
    private final InterruptLine line;
    private final Timer timer;
    private final BusDevice portB = new PortB();
    private boolean timerArmed;
    private long timerDueNanos;

    /**
     * Connects the parts.
     *
     * @param clock nanoseconds, monotonic; it stands while the machine does
     * @param line IRQ 0, edge-triggered
     * @param timers of that clock
     */
    public PitDevice(LongSupplier clock, InterruptLine line, Timers timers) {
        this.clock = clock;
        this.line = line;
        pit = new Pit8254(clock.getAsLong());
        timer = timers.newTimer("pit/counter-0", this::timerExpired);
    }

    /** One port, 0x61: system control port B. */
    public BusDevice portB() {
        return portB;
    }

    @Override
    public long read(long offset, int size) {
        synchronized (lock) {
            long now = clock.getAsLong();
            long value = 0;
            for (int i = 0; i < size; i++) {
                value |= (long) pit.read(offset + i, now) << (8 * i);
            }
            settle(now);
            return value;
        }
    }

    @Override
    public void write(long offset, int size, long value) {
        synchronized (lock) {
            long now = clock.getAsLong();
            for (int i = 0; i < size; i++) {
                pit.write(offset + i, (int) (value >>> (8 * i)) & 0xFF, now);
            }
            settle(now);
        }
    }

    @Override
    public String id() {
        return "pit";
    }

    @Override
    public String kind() {
        return "pit";
    }

    /** As after power-on. */
    @Override
    public void reset() {
        synchronized (lock) {
            long now = clock.getAsLong();
            pit.reset(now);
            line.lower();
            disarm();
            settle(now);
        }
    }

    /** The state at this moment. */
    @Override
    public PitState save() {
        synchronized (lock) {
            return pit.save(clock.getAsLong()); // what is due by now the timer still brings
        }
    }

    /** Takes a saved state over; line and timer follow it. */
    @Override
    public void restore(PitState state) {
        synchronized (lock) {
            long now = clock.getAsLong();
            pit.restore(state, now);
            disarm();
            settle(now);
        }
    }

    @Override
    public DeviceStatistics statistics() {
        return new DeviceStatistics(id(), kind(), counters().snapshot());
    }

    public PitCounters counters() {
        synchronized (lock) {
            return pit.counters();
        }
    }

    /** Gives the timer back. */
    @Override
    public void close() {
        timer.close();
    }

    /** On the event loop. */
    private void timerExpired() {
        synchronized (lock) {
            timerArmed = false;
            settle(clock.getAsLong());
        }
    }

    /** A timer that is armed too early stays: its expiry finds nothing and arms it anew. */
    private void settle(long now) {
        if (pit.takeInterrupt(now)) {
            // An edge whatever the line shows: the output may have fallen and risen since.
            line.lower();
            line.raise();
        }
        if (!pit.interruptAsserted(now)) {
            // Never raised here: each edge is delivered above, and an output that is high from the start is none.
            line.lower();
        }
        long delayNanos = pit.nanosToInterrupt(now);
        if (delayNanos == Pit8254.NEVER) {
            disarm();
        } else if (!timerArmed || now + delayNanos < timerDueNanos) {
            timerArmed = true;
            timerDueNanos = now + delayNanos;
            timer.schedule(delayNanos);
        }
    }

    private void disarm() {
        if (timerArmed) {
            timerArmed = false;
            timer.cancel();
        }
    }

    private final class PortB implements BusDevice {
        @Override
        public long read(long offset, int size) {
            synchronized (lock) {
                return ONES_ABOVE | pit.readPortB(clock.getAsLong());
            }
        }

        @Override
        public void write(long offset, int size, long value) {
            synchronized (lock) {
                pit.writePortB((int) value & 0xFF, clock.getAsLong());
            }
        }
    }
}
