package io.javisor.devices.rtc;

import static io.javisor.devices.rtc.RtcRegisters.*;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.LocalTime;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AlarmMatcherTest {
    /** Alarm as hour, minute, second; the time from which to look; the seconds until it strikes. BCD, 24 hours. */
    @ParameterizedTest
    @CsvSource({
        "0x12, 0x00, 0x00, 11:59:59, 1",
        "0x12, 0x00, 0x00, 12:00:00, 86400", // not again in the same second
        "0x12, 0x00, 0x00, 12:00:01, 86399",
        "0x00, 0x00, 0x00, 23:59:59, 1",
        "0xC0, 0x00, 0x00, 23:00:00, 3600",
        "0xFF, 0xFF, 0xFF, 23:59:59, 1",
        "0xFF, 0xFF, 0x30, 08:00:29, 1",
        "0xFF, 0xFF, 0x30, 08:00:30, 60",
        "0xFF, 0x59, 0x59, 08:59:59, 3600",
        "0x08, 0xFF, 0xFF, 08:59:59, 82801", // next day at 08:00:00
        "0x08, 0xFF, 0x05, 08:59:05, 82860",
        "0x08, 0x30, 0xFF, 08:30:59, 86341",
        "0x24, 0x00, 0x00, 00:00:00, -1", // no hour
        "0x12, 0x60, 0x00, 00:00:00, -1",
        "0x12, 0x00, 0x0A, 00:00:00, -1", // no BCD
        "0x12, 0x00, 0xBF, 00:00:00, -1" // one high bit does not make it any
    })
    void strikes(String hour, String minute, String second, String from, int seconds) {
        int[] cmos = alarm(Integer.decode(hour), Integer.decode(minute), Integer.decode(second));
        long start = LocalTime.parse(from).toSecondOfDay();
        assertEquals(seconds, AlarmMatcher.secondsToAlarm(H24, cmos, start));
        assertEquals(seconds, AlarmMatcher.secondsToAlarm(H24, cmos, start + 20_000L * 86_400));
        assertEquals(seconds, AlarmMatcher.secondsToAlarm(H24, cmos, start - 20_000L * 86_400));
    }

    @ParameterizedTest
    @CsvSource({
        "0x12, 0", // midnight
        "0x01, 3600",
        "0x92, 43200", // noon
        "0x81, 46800",
        "0x91, 82800",
        "0x00, -1",
        "0x13, -1",
        "0x80, -1"
    })
    void hoursOfTheTwelveHourClock(String hour, int secondOfDay) {
        int expected = secondOfDay < 0 ? AlarmMatcher.NEVER : secondOfDay + 1;
        assertEquals(expected, AlarmMatcher.secondsToAlarm(0, alarm(Integer.decode(hour), 0, 0), -1));
    }

    /** Against a walk through the whole day that compares bytes, as the chip does. */
    @Test
    void agreesWithComparingBytes() {
        Random random = new Random(5);
        int[] modes = {0, H24, DM, DM | H24};
        for (int i = 0; i < 60; i++) {
            int mode = modes[i % modes.length];
            int[] cmos = alarm(anyByte(random, 0x95), anyByte(random, 0x60), anyByte(random, 0x60));
            long from = random.nextInt(86_400);
            assertEquals(walk(mode, cmos, from), AlarmMatcher.secondsToAlarm(mode, cmos, from));
        }
    }

    private static int anyByte(Random random, int bound) {
        return random.nextInt(3) == 0 ? 0xC0 | random.nextInt(0x40) : random.nextInt(bound);
    }

    private static int walk(int mode, int[] cmos, long from) {
        for (int delay = 1; delay <= 86_400; delay++) {
            long at = from + delay;
            if (matches(cmos[HOURS_ALARM], TimeCodec.timeByte(mode, HOURS, at, 0))
                    && matches(cmos[MINUTES_ALARM], TimeCodec.timeByte(mode, MINUTES, at, 0))
                    && matches(cmos[SECONDS_ALARM], TimeCodec.timeByte(mode, SECONDS, at, 0))) {
                return delay;
            }
        }
        return AlarmMatcher.NEVER;
    }

    private static boolean matches(int alarm, int unit) {
        return alarm >= 0xC0 || alarm == unit;
    }

    private static int[] alarm(int hour, int minute, int second) {
        int[] cmos = new int[CMOS_SIZE];
        cmos[HOURS_ALARM] = hour;
        cmos[MINUTES_ALARM] = minute;
        cmos[SECONDS_ALARM] = second;
        return cmos;
    }
}
