package io.javisor.emulator.apic;

/**
 * The timer of a local APIC: one-shot, periodic and TSC-deadline (Intel SDM vol. 3 §10.5.4), as a function of a clock. Its input runs at 1
 * GHz, so the divided clock ticks every 1 to 128 ns. For its processor's thread.
 *
 * <p>Of several periods that pass unseen one interrupt comes, as with KVM; a period shorter than {@value #MIN_PERIOD_NANOS} ns interrupts
 * no oftener than that.
 */
final class ApicTimer {
    static final int ONE_SHOT = 0;
    static final int PERIODIC = 1;
    static final int TSC_DEADLINE = 2;

    static final long MIN_PERIOD_NANOS = 50_000;

    private final ApicClock clock;
    private int mode = ONE_SHOT; // 3 is none: it never expires
    private int divideRegister;
    private int divisor = 2; // nanoseconds a tick
    private long initialCount; // 32 bits; 0: stopped
    private boolean running;
    private long baseNanos; // at which
    private long baseCount; // this was left
    private long notBeforeNanos;
    private long deadline; // TSC, 0: none

    private long expiries;
    private long missedPeriods;

    ApicTimer(ApicClock clock) {
        this.clock = clock;
        notBeforeNanos = clock.nanos();
    }

    void reset() {
        mode = ONE_SHOT;
        setDivide(0);
        stop();
    }

    private void stop() {
        initialCount = 0;
        running = false;
        deadline = 0;
    }

    int mode() {
        return mode;
    }

    /** A change to or from TSC-deadline mode disarms the timer (§10.5.4.1); between one-shot and periodic it goes on. */
    void setMode(int newMode) {
        if (newMode != mode && (newMode >= TSC_DEADLINE || mode >= TSC_DEADLINE)) {
            stop();
        }
        mode = newMode;
    }

    int divideRegister() {
        return divideRegister;
    }

    /** The count that is left goes on at the new rate. */
    void setDivide(int register) {
        long now = clock.nanos();
        long left = currentCount(now);
        divideRegister = register;
        int code = (register & 3) | (register & 8) >> 1;
        divisor = code == 7 ? 1 : 2 << code;
        if (running) {
            baseCount = left;
            baseNanos = now;
        }
    }

    long initialCount() {
        return initialCount;
    }

    /** Starts the count; 0 stops it. In TSC-deadline mode it is ignored. */
    void setInitialCount(long count) {
        if (mode >= TSC_DEADLINE) {
            return;
        }
        initialCount = count;
        running = count != 0;
        baseCount = count;
        baseNanos = clock.nanos();
        notBeforeNanos = baseNanos;
    }

    long currentCount() {
        return currentCount(clock.nanos());
    }

    private long currentCount(long now) {
        if (!running) {
            return 0;
        }
        long passed = (now - baseNanos) / divisor;
        if (passed < baseCount) {
            return baseCount - passed;
        }
        return mode == PERIODIC ? initialCount - (passed - baseCount) % initialCount : 0;
    }

    long deadline() {
        return deadline;
    }

    /** Arms the deadline; 0 disarms. In other modes it is ignored. */
    void setDeadline(long tsc) {
        if (mode == TSC_DEADLINE) {
            deadline = tsc;
        }
    }

    /** Whether the timer has expired since the last call. */
    boolean expire() {
        if (mode == TSC_DEADLINE) {
            if (deadline == 0 || Long.compareUnsigned(clock.tsc(), deadline) < 0) {
                return false;
            }
            deadline = 0;
            expiries++;
            return true;
        }
        if (!running) {
            return false;
        }
        long now = clock.nanos();
        long passed = (now - baseNanos) / divisor;
        if (passed < baseCount || now < notBeforeNanos) {
            return false;
        }
        expiries++;
        if (mode == PERIODIC) {
            long periods = (passed - baseCount) / initialCount;
            missedPeriods += periods;
            baseNanos += (baseCount + periods * initialCount) * divisor;
            baseCount = initialCount;
            notBeforeNanos = now + MIN_PERIOD_NANOS;
        } else {
            running = false;
        }
        return true;
    }

    /** In how many nanoseconds it will expire, 0 if it has, or {@link ApicOwner#NEVER}. */
    long nanosToExpiry() {
        if (mode == TSC_DEADLINE) {
            if (deadline == 0) {
                return ApicOwner.NEVER;
            }
            long tsc = clock.tsc();
            return Long.compareUnsigned(tsc, deadline) >= 0 ? 0 : clock.nanosOf(deadline - tsc);
        }
        if (!running) {
            return ApicOwner.NEVER;
        }
        return Math.max(0, Math.max(baseNanos + baseCount * divisor, notBeforeNanos) - clock.nanos());
    }

    long expiries() {
        return expiries;
    }

    long missedPeriods() {
        return missedPeriods;
    }

    ApicState.Timer save() {
        long now = clock.nanos();
        boolean due = running && (now - baseNanos) / divisor >= baseCount;
        return new ApicState.Timer(mode, divideRegister, initialCount, running, due ? 0 : currentCount(now), deadline);
    }

    /** A count goes on from where it was; a deadline stays one of the TSC. */
    void restore(ApicState.Timer state) {
        running = false;
        mode = state.mode();
        setDivide(state.divideRegister());
        initialCount = state.initialCount();
        running = state.running();
        baseCount = state.currentCount();
        baseNanos = clock.nanos();
        notBeforeNanos = baseNanos;
        deadline = state.deadline();
    }
}
