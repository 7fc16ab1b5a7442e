package io.javisor.devices.rtc;

import static io.javisor.devices.rtc.RtcRegisters.*;

/**
 * The clock and its RAM: a pure state machine over the host's wall clock, which every call gets in nanoseconds since 1970 (UTC). It knows no
 * bus, thread, timer or host; {@link RtcDevice} gives it these. Not safe for several threads.
 *
 * <p>Emulates: Motorola MC146818A with 128 bytes: time and calendar in BCD or binary, 12 or 24 hours, with a century byte; UIP; SET and divider
 * reset; alarm with don't-care bytes; periodic interrupt; update-ended interrupt. The clock is the host's and a difference that the guest makes
 * by setting it; so it stays right across a pause of the guest, and follows when the host's clock is set.
 *
 * <p>Leaves out: daylight saving (DSE), the square wave (SQWE), the other two crystals (their divider settings run as the third's), the 1.98 ms of
 * an update (it takes no time: UIP is set before it, and falls with it). Flags do not count: of several periods that pass unread, one is
 * seen. A running clock shows its time in the mode of register B at once; the chip would need it set anew. It also counts on from what is no
 * date, where the chip would keep it.
 *
 * <table>
 * <caption>Registers</caption>
 * <tr><th>index</th><th>register</th><th>read</th><th>write</th><th>after {@link #reset}</th></tr>
 * <tr><td>00 to 09, 32</td><td>time, calendar, alarm</td><td colspan="2">RW</td><td>kept</td></tr>
 * <tr><td>0A</td><td>A</td><td>UIP, DV, RS</td><td>DV, RS</td><td>kept (at first 26)</td></tr>
 * <tr><td>0B</td><td>B</td><td colspan="2">RW</td><td>SET, DM, 24/12, DSE kept (at first 02)</td></tr>
 * <tr><td>0C</td><td>C</td><td>IRQF, PF, AF, UF; clears them</td><td>ignored</td><td>00</td></tr>
 * <tr><td>0D</td><td>D</td><td>80 (VRT)</td><td>ignored</td><td>80</td></tr>
 * <tr><td>0E to 7F</td><td>RAM</td><td colspan="2">RW</td><td>kept</td></tr>
 * </table>
 */
public final class CmosRtc {
    /** The answer of {@link #nanosToInterrupt} when none will come by itself. */
    public static final long NEVER = -1;

    static final long NANOS_PER_SECOND = 1_000_000_000;

    /** Eight ticks, rounded up: t_BUC (datasheet, table 6). */
    static final long UIP_NANOS = 244_141;

    private static final int TICKS_PER_SECOND = 32_768;
    private static final int REGISTER_A_AT_FIRST = DV_32768_HZ | 0x06;
    private static final int REGISTER_B_AT_FIRST = H24;

    private final int[] cmos = new int[CMOS_SIZE]; // time bytes count only while the clock is stopped
    private int index;
    private boolean nmiMasked;
    private int registerA; // without UIP
    private int registerB;
    private int flags; // register C without IRQF

    /** The divider chain's second boundaries are where host time and this add up to a whole second. */
    private long phaseNanos;

    private long offsetSeconds; // from the divider's seconds to the calendar's
    private int weekdayShift;
    private long seenSecond; // the last update
    private long seenPeriod;
    private boolean asserted;

    private long interrupts;
    private long timeSets;
    private long illegalAccesses;

    /**
     * A chip whose battery was never empty: it has the host's time.
     *
     * @param ram {@link RtcRegisters#CMOS_SIZE} bytes, of which those that are RAM are taken
     */
    public CmosRtc(byte[] ram, long hostNanos) {
        if (ram.length != CMOS_SIZE) {
            throw new IllegalArgumentException("CMOS RAM of " + ram.length + " bytes");
        }
        for (int i = RAM_START; i < CMOS_SIZE; i++) {
            cmos[i] = ram[i] & 0xFF;
        }
        registerA = REGISTER_A_AT_FIRST;
        registerB = REGISTER_B_AT_FIRST;
        seenSecond = second(hostNanos);
        seenPeriod = period(hostNanos);
    }

    /** The RESET pin: interrupts off and their flags clear. Time, modes and RAM stay. */
    public void reset(long hostNanos) {
        elapse(hostNanos);
        registerB &= ~(PIE | AIE | UIE | SQWE);
        flags = 0;
        index = 0;
        nmiMasked = false;
        update();
    }

    /** Reads a port, 0 to 255; the index is write-only and reads as ones. */
    public int read(long offset, long hostNanos) {
        elapse(hostNanos);
        if (offset == DATA_OFFSET) {
            return readRegister(hostNanos);
        }
        if (offset != INDEX_OFFSET) {
            illegalAccesses++;
        }
        return 0xFF;
    }

    /** Writes the low 8 bits of {@code value} to a port. */
    public void write(long offset, int value, long hostNanos) {
        elapse(hostNanos);
        if (offset == INDEX_OFFSET) {
            index = value & INDEX_MASK;
            nmiMasked = (value & NMI_MASKED) != 0;
        } else if (offset == DATA_OFFSET) {
            writeRegister(value & 0xFF, hostNanos);
            update();
        } else {
            illegalAccesses++;
        }
    }

    /** Sees to what the passing time brings: to be called when {@link #nanosToInterrupt} is over. */
    public void elapse(long hostNanos) {
        if (isPeriodic()) {
            long period = period(hostNanos);
            if (period != seenPeriod) {
                seenPeriod = period;
                flags |= PF;
            }
        }
        if (isCounting()) {
            long second = second(hostNanos);
            if (second != seenSecond) {
                endUpdate(second);
            }
        }
        update();
    }

    /** The predicate of the interrupt: IRQF. */
    public boolean interruptAsserted() {
        return asserted;
    }

    /** Whether the guest has told the PC to mask NMI. */
    public boolean nmiMasked() {
        return nmiMasked;
    }

    /**
     * In how many nanoseconds an interrupt will come by itself, or {@link #NEVER}: then none is enabled, or the guest has not yet acknowledged the
     * last. Right after {@link #elapse} or an access at the same moment.
     */
    public long nanosToInterrupt(long hostNanos) {
        if (asserted) {
            return NEVER;
        }
        long soonest = Long.MAX_VALUE;
        if ((registerB & PIE) != 0 && isPeriodic()) {
            soonest = nanosToPeriod(hostNanos);
        }
        if (isCounting()) {
            long fraction = fraction(hostNanos);
            if ((registerB & UIE) != 0) {
                soonest = Math.min(soonest, NANOS_PER_SECOND - fraction);
            }
            if ((registerB & AIE) != 0) {
                int seconds = AlarmMatcher.secondsToAlarm(registerB, cmos, seenSecond);
                if (seconds != AlarmMatcher.NEVER) {
                    soonest = Math.min(soonest, seconds * NANOS_PER_SECOND - fraction);
                }
            }
        }
        return soonest == Long.MAX_VALUE ? NEVER : soonest;
    }

    /** The state at this moment. */
    public RtcState save(long hostNanos) {
        elapse(hostNanos);
        return new RtcState(
                RtcState.VERSION,
                index,
                nmiMasked,
                registerA,
                registerB,
                flags,
                RtcState.listOf(cmos),
                phaseNanos,
                offsetSeconds,
                weekdayShift,
                seenSecond);
    }

    /** Takes a saved state over. A running clock has gone on in the meantime, and an alarm that was due then is due now. */
    public void restore(RtcState state, long hostNanos) {
        index = state.index();
        nmiMasked = state.nmiMasked();
        registerA = state.registerA();
        registerB = state.registerB();
        flags = state.flags();
        for (int i = 0; i < CMOS_SIZE; i++) {
            cmos[i] = state.cmos().get(i);
        }
        phaseNanos = state.phaseNanos();
        offsetSeconds = state.offsetSeconds();
        weekdayShift = state.weekdayShift();
        seenSecond = state.seenSecond();
        seenPeriod = period(hostNanos);
        elapse(hostNanos);
    }

    public RtcCounters counters() {
        return new RtcCounters(interrupts, timeSets, illegalAccesses);
    }

    private int readRegister(long hostNanos) {
        return switch (index) {
            case REGISTER_A -> registerA | (isUpdateNear(hostNanos) ? UIP : 0);
            case REGISTER_B -> registerB;
            case REGISTER_C -> {
                int value = flags | (asserted ? IRQF : 0);
                flags = 0;
                update();
                yield value;
            }
            case REGISTER_D -> VRT;
            default ->
                isTime(index) && isCounting()
                        ? TimeCodec.timeByte(registerB, index, second(hostNanos), weekdayShift)
                        : cmos[index];
        };
    }

    private void writeRegister(int value, long hostNanos) {
        switch (index) {
            case REGISTER_A -> writeRegisterA(value, hostNanos);
            case REGISTER_B -> writeRegisterB(value, hostNanos);
            case REGISTER_C, REGISTER_D -> {
                // Read-only.
            }
            default -> {
                boolean setsRunningClock = isTime(index) && isCounting();
                if (setsRunningClock) {
                    stopCounting(hostNanos);
                }
                cmos[index] = value;
                if (setsRunningClock) {
                    startCounting(hostNanos);
                }
            }
        }
    }

    private void writeRegisterA(int value, long hostNanos) {
        boolean wasDividing = isDividing();
        boolean divides = isDividing(value);
        if (isCounting() && !divides) {
            stopCounting(hostNanos);
        }
        registerA = value & (DV_MASK | RS_MASK);
        if (divides && !wasDividing) {
            // "The first update cycle begins one-half second later."
            long half = NANOS_PER_SECOND / 2;
            phaseNanos = Math.floorMod(half - Math.floorMod(hostNanos, NANOS_PER_SECOND), NANOS_PER_SECOND);
            if (isCounting()) {
                startCounting(hostNanos);
            }
        }
        seenPeriod = period(hostNanos);
    }

    private void writeRegisterB(int value, long hostNanos) {
        boolean wasCounting = isCounting();
        boolean sets = (value & SET) != 0;
        if (sets && wasCounting) {
            stopCounting(hostNanos);
        }
        // "UIE is cleared … by the SET bit going high."
        registerB = sets && (registerB & SET) == 0 ? value & ~UIE : value;
        if (isCounting() && !wasCounting) {
            startCounting(hostNanos);
        }
    }

    /** The calendar stands: its bytes are the guest's. */
    private void stopCounting(long hostNanos) {
        long second = second(hostNanos);
        for (int i = 0; i < CMOS_SIZE; i++) {
            if (isTime(i)) {
                cmos[i] = TimeCodec.timeByte(registerB, i, second, weekdayShift);
            }
        }
    }

    /** The calendar goes on from what its bytes say; the divider keeps its beat. */
    private void startCounting(long hostNanos) {
        seenSecond = TimeCodec.second(registerB, cmos);
        offsetSeconds = seenSecond - dividerSecond(hostNanos);
        weekdayShift = TimeCodec.weekdayShift(registerB, cmos, seenSecond);
        timeSets++;
    }

    private void endUpdate(long second) {
        flags |= UF;
        // Where the host's clock was set back, nothing was passed by.
        if (second > seenSecond) {
            int seconds = AlarmMatcher.secondsToAlarm(registerB, cmos, seenSecond);
            if (seconds != AlarmMatcher.NEVER && seconds <= second - seenSecond) {
                flags |= AF;
            }
        }
        seenSecond = second;
    }

    private void update() {
        boolean before = asserted;
        asserted = (flags & registerB & FLAGS) != 0;
        if (asserted && !before) {
            interrupts++;
        }
    }

    private boolean isDividing() {
        return isDividing(registerA);
    }

    private static boolean isDividing(int registerA) {
        return (registerA & DV_MASK) <= DV_32768_HZ;
    }

    private boolean isCounting() {
        return isDividing() && (registerB & SET) == 0;
    }

    private boolean isPeriodic() {
        return isDividing() && (registerA & RS_MASK) != 0;
    }

    private boolean isUpdateNear(long hostNanos) {
        return isCounting() && fraction(hostNanos) >= NANOS_PER_SECOND - UIP_NANOS;
    }

    private long dividerSecond(long hostNanos) {
        return Math.floorDiv(hostNanos + phaseNanos, NANOS_PER_SECOND);
    }

    private long fraction(long hostNanos) {
        return Math.floorMod(hostNanos + phaseNanos, NANOS_PER_SECOND);
    }

    private long second(long hostNanos) {
        return dividerSecond(hostNanos) + offsetSeconds;
    }

    /** Which period of the periodic interrupt this is. */
    private long period(long hostNanos) {
        long ticks =
                dividerSecond(hostNanos) * TICKS_PER_SECOND + fraction(hostNanos) * TICKS_PER_SECOND / NANOS_PER_SECOND;
        return Math.floorDiv(ticks, (long) periodTicks());
    }

    private long nanosToPeriod(long hostNanos) {
        long target = (period(hostNanos) + 1) * periodTicks();
        long seconds = Math.floorDiv(target, (long) TICKS_PER_SECOND);
        long rest = Math.floorMod(target, (long) TICKS_PER_SECOND);
        long nanos = (rest * NANOS_PER_SECOND + TICKS_PER_SECOND - 1) / TICKS_PER_SECOND;
        return (seconds - dividerSecond(hostNanos)) * NANOS_PER_SECOND + nanos - fraction(hostNanos);
    }

    /** Ticks of the 32.768 kHz crystal (datasheet, table 5): the first two rates are the eighth and ninth again. */
    private int periodTicks() {
        int rate = registerA & RS_MASK;
        return switch (rate) {
            case 0 -> TICKS_PER_SECOND; // none: not asked for
            case 1, 2 -> 1 << (rate + 6);
            default -> 1 << (rate - 1);
        };
    }
}
