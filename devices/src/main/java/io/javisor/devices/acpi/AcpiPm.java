package io.javisor.devices.acpi;

import static io.javisor.devices.acpi.AcpiPmRegisters.*;

/**
 * The ACPI fixed hardware of a machine that is always in ACPI mode: a pure state machine. It knows no bus, thread, clock or host;
 * {@link AcpiPmDevice} gives it these. Not safe for several threads.
 *
 * <p>Emulates (ACPI 6.5 §4.8.3): PM1a event and control registers with power button and timer events, soft-off, and the PM timer of 24 or 32
 * bits. Every register takes accesses of any width and alignment.
 *
 * <p>Leaves out: legacy mode (there is no SMM to run it, so SCI_EN is always set and the FADT's SMI_CMD is 0: §4.8.2.5), sleep states but S5
 * and so all wake events, sleep button, the power button's 4-second override, PM1b, PM2, general-purpose events. GBL_STS and RTC_STS never
 * become set, for no firmware shares the global lock and the clock has its own interrupt; their enable bits hold, as operating systems check.
 *
 * <table>
 * <caption>Registers</caption>
 * <tr><th>offset</th><th>register</th><th>read</th><th>write</th><th>after reset</th></tr>
 * <tr><td>0</td><td>PM1 status</td><td>TMR_STS, PWRBTN_STS</td><td>1 clears</td><td>0000</td></tr>
 * <tr><td>2</td><td>PM1 enable</td><td colspan="2">TMR_EN, GBL_EN, PWRBTN_EN, RTC_EN</td><td>0000</td></tr>
 * <tr><td>4</td><td>PM1 control</td><td>SCI_EN, BM_RLD, SLP_TYP</td><td>BM_RLD, SLP_TYP, SLP_EN</td><td>0001</td></tr>
 * <tr><td>6</td><td>none</td><td>ones, counted</td><td>ignored, counted</td><td></td></tr>
 * <tr><td>8</td><td>PM timer</td><td>the count</td><td>ignored</td><td>0</td></tr>
 * </table>
 */
public final class AcpiPm {
    /** The answer of {@link #nanosToTimerEvent} when none will come. */
    public static final long NEVER = -1;

    private final PmTimer timer;
    private long seenHighBitChanges;

    private int sts; // PM1 status, RW1C
    private int en; // PM1 enable, RW
    private int cnt; // PM1 control without SCI_EN and SLP_EN, RW
    private boolean softOff;
    private boolean asserted;

    private long powerButtonPresses;
    private long interrupts;
    private long ignoredSleeps;
    private long illegalAccesses;

    /**
     * After power-on.
     *
     * @param timerBits 24 or 32: what the FADT announces
     */
    public AcpiPm(int timerBits, long nowNanos) {
        timer = new PmTimer(timerBits, nowNanos);
    }

    /** As after power-on. The counters stay. */
    public void reset(long nowNanos) {
        sts = 0;
        en = 0;
        cnt = 0;
        softOff = false;
        setTimer(0, nowNanos);
        update();
    }

    /**
     * The guest reads {@code size} bytes (1, 2 or 4) from {@code offset}; the timer's bytes are of one moment.
     *
     * @return zero-extended
     */
    public long read(long offset, int size, long nowNanos) {
        elapse(nowNanos);
        long timerCount = timer.count(nowNanos);
        long value = 0;
        boolean illegal = false;
        for (int i = 0; i < size; i++) {
            long at = offset + i;
            long unit = 0xFF;
            if (isRegister(at)) {
                unit = at >= PM_TMR_OFFSET
                        ? timerCount >>> (8 * (at - PM_TMR_OFFSET)) & 0xFF
                        : register((int) at & ~1) >>> (8 * (at & 1)) & 0xFF;
            } else {
                illegal = true;
            }
            value |= unit << (8 * i);
        }
        if (illegal) {
            illegalAccesses++;
        }
        return value;
    }

    /** The guest writes the low {@code size} bytes (1, 2 or 4) of {@code value} to {@code offset}. */
    public void write(long offset, int size, long value, long nowNanos) {
        elapse(nowNanos);
        boolean illegal = false;
        for (int i = 0; i < size; i++) {
            long at = offset + i;
            if (isRegister(at)) {
                writeByte((int) at, (int) (value >>> (8 * i)) & 0xFF);
            } else {
                illegal = true;
            }
        }
        if (illegal) {
            illegalAccesses++;
        }
        update();
    }

    /** Sees to what the passing time brings: to be called when {@link #nanosToTimerEvent} is over. */
    public void elapse(long nowNanos) {
        long changes = timer.highBitChanges(nowNanos);
        if (changes != seenHighBitChanges) {
            seenHighBitChanges = changes;
            sts |= TMR_STS;
            update();
        }
    }

    /**
     * Somebody presses the power button (§4.8.2.2.1.1).
     *
     * @return whether the guest listens: it has the event enabled
     */
    public boolean pressPowerButton() {
        powerButtonPresses++;
        sts |= PWRBTN_STS;
        update();
        return (en & PWRBTN_STS) != 0;
    }

    /** The predicate of the system control interrupt. */
    public boolean sciAsserted() {
        return asserted;
    }

    /** In how many nanoseconds the timer will raise the interrupt by itself, or {@link #NEVER}. */
    public long nanosToTimerEvent(long nowNanos) {
        boolean awaited = (en & TMR_STS) != 0 && (sts & TMR_STS) == 0;
        return awaited ? timer.nanosToHighBitChange(nowNanos) : NEVER;
    }

    /** Whether the guest has switched itself off since the last call. */
    public boolean takeSoftOff() {
        boolean taken = softOff;
        softOff = false;
        return taken;
    }

    /** The state at this moment. */
    public AcpiPmState save(long nowNanos) {
        elapse(nowNanos);
        return new AcpiPmState(AcpiPmState.VERSION, sts, en, cnt, timer.count(nowNanos));
    }

    /**
     * Takes a saved state over; the timer goes on from where it was.
     *
     * @throws IllegalArgumentException if the state is of a wider timer
     */
    public void restore(AcpiPmState state, long nowNanos) {
        if ((state.timerCount() & ~timer.mask()) != 0) {
            throw new IllegalArgumentException("ACPI state: timer 0x" + Long.toHexString(state.timerCount()));
        }
        setTimer(state.timerCount(), nowNanos);
        sts = state.pm1Status();
        en = state.pm1Enable();
        cnt = state.pm1Control();
        softOff = false;
        update();
    }

    public AcpiPmCounters counters() {
        return new AcpiPmCounters(powerButtonPresses, interrupts, ignoredSleeps, illegalAccesses);
    }

    private void setTimer(long count, long nowNanos) {
        timer.set(count, nowNanos);
        seenHighBitChanges = timer.highBitChanges(nowNanos);
    }

    private static boolean isRegister(long offset) {
        return (offset >= 0 && offset < PM1_CNT_OFFSET + 2) || (offset >= PM_TMR_OFFSET && offset < PORT_COUNT);
    }

    private int register(int offset) {
        return switch (offset) {
            case PM1_STS_OFFSET -> sts;
            case PM1_EN_OFFSET -> en;
            default -> cnt | SCI_EN;
        };
    }

    private void writeByte(int offset, int value) {
        int shift = 8 * (offset & 1);
        int mask = 0xFF << shift;
        int placed = value << shift;
        switch (offset & ~1) {
            case PM1_STS_OFFSET -> sts &= ~placed;
            case PM1_EN_OFFSET -> en = (en & ~mask) | (placed & ENABLE_MASK);
            case PM1_CNT_OFFSET -> {
                cnt = (cnt & ~mask) | (placed & CONTROL_MASK);
                if ((placed & SLP_EN) != 0) {
                    sleep();
                }
            }
            default -> {
                // The timer is read-only.
            }
        }
    }

    private void sleep() {
        if ((cnt & SLP_TYP_MASK) == SLP_TYP_S5 << SLP_TYP_SHIFT) {
            softOff = true;
        } else {
            ignoredSleeps++;
        }
    }

    private void update() {
        boolean before = asserted;
        asserted = (sts & en) != 0;
        if (asserted && !before) {
            interrupts++;
        }
    }
}
