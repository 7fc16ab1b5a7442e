package io.javisor.devices.rtc;

import static io.javisor.devices.rtc.RtcRegisters.*;

/**
 * When the alarm strikes. The chip compares bytes: one that is no time in the current mode never matches, and one with both high bits set
 * matches always (MC146818A, "Time, Calendar and Alarm Locations").
 */
final class AlarmMatcher {
    /** No time of the day matches. */
    static final int NEVER = -1;

    private static final int ANY = -2;
    private static final int DO_NOT_CARE = 0xC0;

    private AlarmMatcher() {}

    /**
     * How many seconds after {@code second} the alarm strikes next: 1 to 86400, or {@link #NEVER}. At most 85 steps.
     *
     * @param second since 1970 in the clock's own calendar
     */
    static int secondsToAlarm(int registerB, int[] cmos, long second) {
        int hourAlarm = hour(registerB, cmos[HOURS_ALARM]);
        int minuteAlarm = sixtieth(registerB, cmos[MINUTES_ALARM]);
        int secondAlarm = sixtieth(registerB, cmos[SECONDS_ALARM]);
        if (hourAlarm == NEVER || minuteAlarm == NEVER || secondAlarm == NEVER) {
            return NEVER;
        }
        int start = (int) Math.floorMod(second + 1, (long) TimeCodec.SECONDS_PER_DAY);
        // The start's hour comes twice: first what is left of it, at last what was before.
        for (int i = 0; i <= 24; i++) {
            int hour = (start / 3600 + i) % 24;
            if (hourAlarm != ANY && hourAlarm != hour) {
                continue;
            }
            int firstMinute = i == 0 ? start / 60 % 60 : 0;
            for (int minute = firstMinute; minute < 60; minute++) {
                if (minuteAlarm != ANY && minuteAlarm != minute) {
                    continue;
                }
                int firstSecond = i == 0 && minute == firstMinute ? start % 60 : 0;
                int at = secondAlarm == ANY ? firstSecond : secondAlarm;
                if (at >= firstSecond) {
                    int found = hour * 3600 + minute * 60 + at;
                    return Math.floorMod(found - start, TimeCodec.SECONDS_PER_DAY) + 1;
                }
            }
        }
        return NEVER;
    }

    private static int hour(int registerB, int unit) {
        if ((unit & DO_NOT_CARE) == DO_NOT_CARE) {
            return ANY;
        }
        int hour = TimeCodec.decodeHour(registerB, unit);
        return hour < 24 && TimeCodec.encodeHour(registerB, hour) == unit ? hour : NEVER;
    }

    private static int sixtieth(int registerB, int unit) {
        if ((unit & DO_NOT_CARE) == DO_NOT_CARE) {
            return ANY;
        }
        int number = TimeCodec.decode(registerB, unit);
        return number < 60 && TimeCodec.encode(registerB, number) == unit ? number : NEVER;
    }
}
