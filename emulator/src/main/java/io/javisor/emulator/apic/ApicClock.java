package io.javisor.emulator.apic;

/** The time of a processor's APIC timer: it runs at 1 GHz, and its deadlines are the processor's own TSC's. Any thread; allocates nothing. */
public interface ApicClock {
    /** Nanoseconds, monotonic; it may stand while the machine is paused. */
    long nanos();

    /** The time-stamp counter as the guest reads it now. */
    long tsc();

    /**
     * How long the time-stamp counter takes.
     *
     * @param tscTicks unsigned
     * @return nanoseconds, rounded up; {@link Long#MAX_VALUE} if they are more
     */
    long nanosOf(long tscTicks);
}
