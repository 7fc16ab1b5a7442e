package io.javisor.emulator.cpu;

import io.javisor.core.memory.GuestMemory;
import java.time.Clock;
import java.time.Instant;

/**
 * KVM's paravirtual clock (Linux Documentation/virt/kvm/x86/msr.rst): tells a guest the time-stamp counter's frequency, so that it need not
 * measure, and the time of day. A part of one processor; for its thread.
 */
final class KvmClock {
    static final int MSR_WALL_CLOCK = 0x4B56_4D00;
    static final int MSR_SYSTEM_TIME = 0x4B56_4D01;

    private static final long ENABLED = 1;
    /** Of both structures; a guest that asks for another place is told nothing. */
    private static final int ALIGNMENT = 4;

    private static final int TIME_INFO_SIZE = 32;
    private static final int WALL_CLOCK_SIZE = 12;

    // struct pvclock_vcpu_time_info
    private static final int TSC_TIMESTAMP = 8;
    private static final int SYSTEM_TIME = 16;
    private static final int TSC_TO_SYSTEM_MUL = 24;
    private static final int TSC_SHIFT = 28;
    private static final int FLAGS = 29;

    /** Nanoseconds are ticks at 1 GHz: (ticks &lt;&lt; 1) * 2^31 &gt;&gt; 32. */
    private static final int MULTIPLIER = 0x8000_0000;

    private static final byte SHIFT = 1;
    private static final byte TSC_STABLE = 1;
    private static final byte GUEST_STOPPED = 2;
    private static final long NANOS_A_SECOND = 1_000_000_000L;

    private final GuestMemory memory;
    private final GuestClock clock;
    private final GuestClock.OfProcessor.TscOffset offset;
    private long wallClock;
    private long systemTime;

    KvmClock(GuestMemory memory, GuestClock clock, GuestClock.OfProcessor.TscOffset offset) {
        this.memory = memory;
        this.clock = clock;
        this.offset = offset;
    }

    static boolean has(int msr) {
        return msr == MSR_WALL_CLOCK || msr == MSR_SYSTEM_TIME;
    }

    long read(int msr) {
        return msr == MSR_WALL_CLOCK ? wallClock : systemTime;
    }

    void write(int msr, long value) {
        if (msr == MSR_WALL_CLOCK) {
            wallClock = value;
            tellWallClock(value);
        } else {
            systemTime = value;
            tellSystemTime((byte) 0);
        }
    }

    /** Puts a saved value back: the guest's memory has what was told of it. */
    void restore(int msr, long value) {
        if (msr == MSR_WALL_CLOCK) {
            wallClock = value;
        } else {
            systemTime = value;
        }
    }

    void reset() {
        wallClock = 0;
        systemTime = 0;
    }

    /** Tells a guest that listens that it did not run for a while. */
    void pausedMeanwhile() {
        tellSystemTime(GUEST_STOPPED);
    }

    /** The time of day at the machine's start. */
    private void tellWallClock(long gpa) {
        if ((gpa & (ALIGNMENT - 1)) != 0 || !memory.isRam(gpa, WALL_CLOCK_SIZE)) {
            return;
        }
        Instant start = Clock.systemUTC().instant().minusNanos(clock.nanos());
        int version = memory.getInt(gpa) | 1;
        memory.putIntRelease(gpa, version);
        memory.putInt(gpa + 4, (int) start.getEpochSecond());
        memory.putInt(gpa + 8, (int) (start.getNano() % NANOS_A_SECOND));
        memory.putIntRelease(gpa, version + 1);
    }

    private void tellSystemTime(byte flags) {
        long gpa = systemTime & ~ENABLED;
        if ((systemTime & ENABLED) == 0 || (gpa & (ALIGNMENT - 1)) != 0 || !memory.isRam(gpa, TIME_INFO_SIZE)) {
            return;
        }
        long now = clock.nanos();
        int version = memory.getInt(gpa) | 1;
        memory.putIntRelease(gpa, version);
        memory.putLong(gpa + TSC_TIMESTAMP, now + offset.ticks());
        memory.putLong(gpa + SYSTEM_TIME, now);
        memory.putInt(gpa + TSC_TO_SYSTEM_MUL, MULTIPLIER);
        memory.putByte(gpa + TSC_SHIFT, SHIFT);
        memory.putByte(gpa + FLAGS, (byte) (TSC_STABLE | flags));
        memory.putIntRelease(gpa, version + 1);
    }
}
