package io.javisor.devices.rtc;

import io.javisor.core.bus.BusDevice;
import io.javisor.core.event.Timer;
import io.javisor.core.event.Timers;
import io.javisor.core.irq.InterruptLine;
import io.javisor.devices.Device;
import io.javisor.devices.DeviceStatistics;
import java.util.function.LongSupplier;

/**
 * A {@link CmosRtc} on the ISA bus: two ports, an interrupt line, the host's wall clock, a timer, and the lock around them. Line and timer are leaves,
 * called under the lock. Wider accesses are split into bytes for consecutive ports.
 *
 * <p>The timer is armed only while the guest has an interrupt enabled and acknowledged: a guest that only reads the time costs nothing.
 *
 * <p>The time goes on in a pause of the machine, as a calendar's does: a guest finds the host's time again. What came due meanwhile interrupts at the
 * pause's end, once.
 */
public final class RtcDevice implements BusDevice, Device<RtcState> {
    /** Timers do not see it when the host's clock is set or the host sleeps; so the clock is looked at this often, at the least. */
    static final long DELAY_MAX_NANOS = 60_000_000_000L;

    private final Object lock = new Object();
    private final CmosRtc rtc;
    private final LongSupplier wallClock;
    private final InterruptLine line;
    private final Timer timer;
    private boolean timerArmed;
    private boolean paused;
    private long timerDueNanos;

    /**
     * Connects the parts.
     *
     * @param ram what the RAM holds at first, such as {@link CmosContents#ofMemory}
     * @param wallClock nanoseconds since 1970, UTC; it may be set
     * @param timers which stand while the machine does
     */
    public RtcDevice(byte[] ram, LongSupplier wallClock, InterruptLine line, Timers timers) {
        this.wallClock = wallClock;
        this.line = line;
        rtc = new CmosRtc(ram, wallClock.getAsLong());
        timer = timers.newTimer("rtc/interrupt", this::timerExpired);
    }

    @Override
    public long read(long offset, int size) {
        synchronized (lock) {
            long now = wallClock.getAsLong();
            long value = 0;
            for (int i = 0; i < size; i++) {
                value |= (long) rtc.read(offset + i, now) << (8 * i);
            }
            settle(now);
            return value;
        }
    }

    @Override
    public void write(long offset, int size, long value) {
        synchronized (lock) {
            long now = wallClock.getAsLong();
            for (int i = 0; i < size; i++) {
                rtc.write(offset + i, (int) (value >>> (8 * i)) & 0xFF, now);
            }
            settle(now);
        }
    }

    @Override
    public String id() {
        return "rtc";
    }

    @Override
    public String kind() {
        return "rtc";
    }

    /** The machine's reset: see {@link CmosRtc#reset}. */
    @Override
    public void reset() {
        synchronized (lock) {
            long now = wallClock.getAsLong();
            rtc.reset(now);
            settle(now);
        }
    }

    /** Whether the guest has told the PC to mask NMI. */
    public boolean nmiMasked() {
        synchronized (lock) {
            return rtc.nmiMasked();
        }
    }

    /** The state at this moment. */
    @Override
    public RtcState save() {
        synchronized (lock) {
            return rtc.save(wallClock.getAsLong()); // what is due by now the timer, or the pause's end, still brings
        }
    }

    /** Takes a saved state over; the line follows it. */
    @Override
    public void restore(RtcState state) {
        synchronized (lock) {
            long now = wallClock.getAsLong();
            rtc.restore(state, now);
            settle(now);
        }
    }

    @Override
    public DeviceStatistics statistics() {
        return new DeviceStatistics(id(), kind(), counters().snapshot());
    }

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
                disarm(); // what it was armed for is nearer by now, or past
                look();
            }
        }
    }

    public RtcCounters counters() {
        synchronized (lock) {
            return rtc.counters();
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
            look();
        }
    }

    private void look() {
        long now = wallClock.getAsLong();
        rtc.elapse(now);
        settle(now);
    }

    /** A timer that is armed too early stays: its expiry finds nothing and arms it anew. */
    private void settle(long now) {
        if (paused) {
            return;
        }
        line.set(rtc.interruptAsserted());
        long delayNanos = rtc.nanosToInterrupt(now);
        if (delayNanos == CmosRtc.NEVER) {
            disarm();
            return;
        }
        long cappedNanos = Math.min(delayNanos, DELAY_MAX_NANOS);
        if (!timerArmed || now + cappedNanos < timerDueNanos) {
            timerArmed = true;
            timerDueNanos = now + cappedNanos;
            timer.schedule(cappedNanos);
        }
    }

    private void disarm() {
        if (timerArmed) {
            timerArmed = false;
            timer.cancel();
        }
    }
}
