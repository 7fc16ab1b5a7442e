package io.javisor.devices.rtc;

import java.util.ArrayList;
import java.util.List;

/**
 * The state of a {@link CmosRtc}, for a snapshot.
 *
 * @param version {@link #VERSION}
 * @param index the selected byte
 * @param nmiMasked bit 7 of the index port
 * @param registerA without UIP
 * @param flags register C without IRQF
 * @param cmos all bytes; those of the time count while the clock is stopped
 * @param phaseNanos what makes host time whole seconds at the divider's second boundaries, 0 to 999,999,999
 * @param offsetSeconds from the divider's seconds to the calendar's: what the guest has set
 * @param weekdayShift how many days the day of the week is ahead of the calendar's, 0 to 6
 * @param seenSecond the calendar's second of the last update
 */
public record RtcState(
        int version,
        int index,
        boolean nmiMasked,
        int registerA,
        int registerB,
        int flags,
        List<Integer> cmos,
        long phaseNanos,
        long offsetSeconds,
        int weekdayShift,
        long seenSecond) {
    /** The only version so far. */
    public static final int VERSION = 1;

    /** More than 60000 years: beyond what the calendar's bytes can make, and far from any overflow. */
    private static final long SECONDS_MAX = 1L << 41;

    /**
     * Checks what a snapshot file might get wrong.
     *
     * @throws IllegalArgumentException if a value is one that the chip cannot be in
     */
    public RtcState {
        cmos = List.copyOf(cmos);
        require("version", version, VERSION, VERSION);
        require("index", index, 0, RtcRegisters.INDEX_MASK);
        require("registerA", registerA, 0, RtcRegisters.DV_MASK | RtcRegisters.RS_MASK);
        require("registerB", registerB, 0, 0xFF);
        if ((flags & ~RtcRegisters.FLAGS) != 0) {
            throw new IllegalArgumentException("RTC state: flags is " + flags);
        }
        require("cmos size", cmos.size(), RtcRegisters.CMOS_SIZE, RtcRegisters.CMOS_SIZE);
        for (int unit : cmos) {
            require("cmos byte", unit, 0, 0xFF);
        }
        require("phaseNanos", phaseNanos, 0, CmosRtc.NANOS_PER_SECOND - 1);
        require("offsetSeconds", offsetSeconds, -SECONDS_MAX, SECONDS_MAX);
        require("weekdayShift", weekdayShift, 0, 6);
        require("seenSecond", seenSecond, -SECONDS_MAX, SECONDS_MAX);
    }

    static List<Integer> listOf(int[] cmos) {
        List<Integer> list = new ArrayList<>(cmos.length);
        for (int unit : cmos) {
            list.add(unit);
        }
        return list;
    }

    private static void require(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException("RTC state: " + name + " is " + value);
        }
    }
}
