package io.javisor.devices.acpi;

import io.javisor.core.bus.BusDevice;
import io.javisor.core.event.Timer;
import io.javisor.core.event.Timers;
import io.javisor.core.irq.InterruptLine;
import io.javisor.devices.Device;
import io.javisor.devices.DeviceStatistics;
import io.javisor.devices.power.PowerControl;
import java.util.function.LongSupplier;

/**
 * An {@link AcpiPm} on its ports ({@link AcpiPmRegisters#PORT_COUNT} of them), with a level-triggered line for the SCI, a clock, a timer, and the
 * lock around them. The timer is armed only while the guest awaits the PM timer's event. Line and timer are leaves, called under the lock.
 */
public final class AcpiPmDevice implements BusDevice, Device<AcpiPmState> {
    private final Object lock = new Object();
    private final AcpiPm pm;
    private final LongSupplier clock;
    private final InterruptLine sci;
    private final PowerControl control;
    private final Timer timer;
    private boolean timerArmed;
    private boolean closed;
    private boolean paused;

    /**
     * Connects the parts.
     *
     * @param timerBits 24 or 32: what the FADT announces
     * @param clock nanoseconds, monotonic; it stands while the machine does
     * @param timers of that clock
     * @param control told when the guest enters S5
     */
    public AcpiPmDevice(int timerBits, LongSupplier clock, InterruptLine sci, Timers timers, PowerControl control) {
        this.clock = clock;
        this.sci = sci;
        this.control = control;
        pm = new AcpiPm(timerBits, clock.getAsLong());
        timer = timers.newTimer("acpi-pm/timer", this::timerExpired);
    }

    @Override
    public long read(long offset, int size) {
        synchronized (lock) {
            long now = clock.getAsLong();
            long value = pm.read(offset, size, now);
            settle(now);
            return value;
        }
    }

    @Override
    public void write(long offset, int size, long value) {
        boolean softOff;
        synchronized (lock) {
            long now = clock.getAsLong();
            pm.write(offset, size, value, now);
            softOff = pm.takeSoftOff();
            settle(now);
        }
        if (softOff) {
            control.powerOff();
        }
    }

    /**
     * Presses the power button, from any thread.
     *
     * @return whether the guest listens; if not, the press stays pending until it does, unless this is closed
     */
    public boolean pressPowerButton() {
        synchronized (lock) {
            if (closed) {
                return false;
            }
            boolean heard = pm.pressPowerButton();
            settle(clock.getAsLong());
            return heard;
        }
    }

    @Override
    public String id() {
        return "acpi-pm";
    }

    @Override
    public String kind() {
        return "acpi-pm";
    }

    /** As after power-on. */
    @Override
    public void reset() {
        synchronized (lock) {
            long now = clock.getAsLong();
            pm.reset(now);
            settle(now);
        }
    }

    /** The state at this moment. */
    @Override
    public AcpiPmState save() {
        synchronized (lock) {
            return pm.save(clock.getAsLong()); // what is due by now the timer still brings
        }
    }

    /** Takes a saved state over; the line follows it. */
    @Override
    public void restore(AcpiPmState state) {
        synchronized (lock) {
            long now = clock.getAsLong();
            pm.restore(state, now);
            disarm();
            settle(now);
        }
    }

    @Override
    public DeviceStatistics statistics() {
        return new DeviceStatistics(id(), kind(), counters().snapshot());
    }

    /** A press of the button is heard after the pause. */
    @Override
    public void pause() {
        synchronized (lock) {
            paused = true;
        }
    }

    @Override
    public void resume() {
        synchronized (lock) {
            if (paused) {
                paused = false;
                settle(clock.getAsLong());
            }
        }
    }

    public AcpiPmCounters counters() {
        synchronized (lock) {
            return pm.counters();
        }
    }

    /** Gives the timer back. */
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
        }
        timer.close();
    }

    /** On the event loop. */
    private void timerExpired() {
        synchronized (lock) {
            timerArmed = false;
            long now = clock.getAsLong();
            pm.elapse(now);
            settle(now);
        }
    }

    private void settle(long now) {
        if (paused) {
            return;
        }
        sci.set(pm.sciAsserted());
        long delayNanos = pm.nanosToTimerEvent(now);
        if (delayNanos == AcpiPm.NEVER) {
            disarm();
        } else if (!timerArmed) {
            timerArmed = true;
            timer.schedule(delayNanos);
        }
    }

    private void disarm() {
        if (timerArmed) {
            timerArmed = false;
            timer.cancel();
        }
    }
}
