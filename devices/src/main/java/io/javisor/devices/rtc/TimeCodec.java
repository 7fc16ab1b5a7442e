package io.javisor.devices.rtc;

import static io.javisor.devices.rtc.RtcRegisters.*;

/**
 * The time bytes' meaning under the modes of register B: BCD or binary, 12 or 24 hours. Decoding takes whatever a guest writes: what is no
 * time counts on, so that 75 seconds are a minute and 15.
 */
final class TimeCodec {
    static final int SECONDS_PER_DAY = 86_400;
    private static final int MONTH_COUNT = 12;
    private static final int MONTH_DAYS_MAX = 31;

    private TimeCodec() {}

    /** The byte for a number from 0 to 99. */
    static int encode(int registerB, int number) {
        return (registerB & DM) != 0 ? number : ((number / 10) << 4) | (number % 10);
    }

    static int decode(int registerB, int unit) {
        return (registerB & DM) != 0 ? unit : (unit >> 4) * 10 + (unit & 0xF);
    }

    /** The byte for an hour from 0 to 23. */
    static int encodeHour(int registerB, int hour) {
        if ((registerB & H24) != 0) {
            return encode(registerB, hour);
        }
        int clockHour = hour % 12 == 0 ? 12 : hour % 12;
        return encode(registerB, clockHour) | (hour >= 12 ? PM : 0);
    }

    static int decodeHour(int registerB, int unit) {
        if ((registerB & H24) != 0) {
            return decode(registerB, unit);
        }
        return decode(registerB, unit & ~PM) % 12 + ((unit & PM) != 0 ? 12 : 0);
    }

    /**
     * The time byte at {@code index}.
     *
     * @param second since 1970 in the clock's own calendar
     * @param weekdayShift how many days the day of the week is ahead of the calendar's, 0 to 6
     */
    static int timeByte(int registerB, int index, long second, int weekdayShift) {
        long day = Math.floorDiv(second, (long) SECONDS_PER_DAY);
        int secondOfDay = (int) Math.floorMod(second, (long) SECONDS_PER_DAY);
        return switch (index) {
            case SECONDS -> encode(registerB, secondOfDay % 60);
            case MINUTES -> encode(registerB, secondOfDay / 60 % 60);
            case HOURS -> encodeHour(registerB, secondOfDay / 3600);
            case DAY_OF_WEEK -> encode(registerB, (CivilDate.dayOfWeek(day) + weekdayShift) % 7 + 1);
            case DAY_OF_MONTH -> encode(registerB, CivilDate.dayOfMonth(day));
            case MONTH -> encode(registerB, CivilDate.month(day));
            case YEAR -> encode(registerB, (int) Math.floorMod(CivilDate.year(day), 100L));
            case CENTURY -> encode(registerB, (int) Math.floorMod(Math.floorDiv(CivilDate.year(day), 100L), 100L));
            default -> throw new IllegalStateException("no time byte: " + index);
        };
    }

    /** The second since 1970 that the time bytes of {@code cmos} name. */
    static long second(int registerB, int[] cmos) {
        long year = decode(registerB, cmos[CENTURY]) * 100L + decode(registerB, cmos[YEAR]);
        int month = Math.clamp(decode(registerB, cmos[MONTH]), 1, MONTH_COUNT);
        int day = Math.clamp(decode(registerB, cmos[DAY_OF_MONTH]), 1, MONTH_DAYS_MAX);
        return CivilDate.epochDay(year, month, day) * SECONDS_PER_DAY
                + decodeHour(registerB, cmos[HOURS]) * 3600L
                + decode(registerB, cmos[MINUTES]) * 60L
                + decode(registerB, cmos[SECONDS]);
    }

    /** The weekday shift that the time bytes name, {@code second} being theirs. */
    static int weekdayShift(int registerB, int[] cmos, long second) {
        long day = Math.floorDiv(second, (long) SECONDS_PER_DAY);
        return Math.floorMod(decode(registerB, cmos[DAY_OF_WEEK]) - 1 - CivilDate.dayOfWeek(day), 7);
    }
}
