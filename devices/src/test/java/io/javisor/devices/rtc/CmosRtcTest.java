package io.javisor.devices.rtc;

import static io.javisor.devices.rtc.RtcRegisters.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CmosRtcTest {
    private static final long SECOND = 1_000_000_000;
    private static final long MILLI = 1_000_000;

    private long now = nanosAt("2025-11-23T21:58:59") + 250 * MILLI;
    private CmosRtc rtc = new CmosRtc(new byte[CMOS_SIZE], now);

    @ParameterizedTest
    @CsvSource({
        // time, mode bits of B, seconds, minutes, hours, day of week, day, month, year, century
        "2025-11-23T21:58:59, 0x02, 59 58 21 01 23 11 25 20",
        "2025-11-23T21:58:59, 0x06, 3b 3a 15 01 17 0b 19 14",
        "2025-11-23T21:58:59, 0x00, 59 58 89 01 23 11 25 20",
        "2025-11-23T21:58:59, 0x04, 3b 3a 89 01 17 0b 19 14",
        "2000-02-29T00:00:00, 0x00, 00 00 12 03 29 02 00 20",
        "2000-02-29T12:00:00, 0x00, 00 00 92 03 29 02 00 20",
        "2000-02-29T12:00:00, 0x04, 00 00 8c 03 1d 02 00 14",
        "1999-12-31T11:59:59, 0x00, 59 59 11 06 31 12 99 19",
        "1999-12-31T23:59:59, 0x00, 59 59 91 06 31 12 99 19",
        "2100-02-28T01:02:03, 0x02, 03 02 01 01 28 02 00 21",
        "1970-01-03T00:00:00, 0x02, 00 00 00 07 03 01 70 19"
    })
    void showsTheHostsTime(String time, String mode, String bytes) {
        now = nanosAt(time);
        set(REGISTER_B, Integer.decode(mode));
        assertEquals(bytes, timeBytes());
    }

    @Test
    void registersAtFirst() {
        assertEquals(0x26, get(REGISTER_A));
        assertEquals(0x02, get(REGISTER_B));
        assertEquals(0x00, get(REGISTER_C));
        assertEquals(0x80, get(REGISTER_D));
        assertFalse(rtc.interruptAsserted());
        assertEquals(CmosRtc.NEVER, rtc.nanosToInterrupt(now));
    }

    @ParameterizedTest
    @CsvSource({
        "0x0A, 0x7F",
        "0x0B, 0xFF",
        "0x0C, 0x00",
        "0x0D, 0x80",
        "0x0E, 0xFF",
        "0x32, 0xFF",
        "0x7F, 0xFF",
        "0x01, 0xFF"
    })
    void writableBits(String index, String held) {
        set(REGISTER_B, SET);
        set(Integer.decode(index), 0xFF);
        assertEquals(Integer.decode(held).intValue(), get(Integer.decode(index)));
    }

    @Test
    void indexPort() {
        assertEquals(0xFF, rtc.read(INDEX_OFFSET, now), "write-only");
        assertFalse(rtc.nmiMasked());
        rtc.write(INDEX_OFFSET, 0x80 | REGISTER_D, now);
        assertTrue(rtc.nmiMasked());
        assertEquals(VRT, rtc.read(DATA_OFFSET, now));
        rtc.write(INDEX_OFFSET, REGISTER_B, now);
        assertFalse(rtc.nmiMasked());
        assertEquals(0, rtc.counters().illegalAccesses());
    }

    @ParameterizedTest
    @ValueSource(longs = {2, 3, -1, Long.MAX_VALUE})
    void otherPortsAreIllegal(long offset) {
        assertEquals(0xFF, rtc.read(offset, now));
        rtc.write(offset, 0x55, now);
        assertEquals(2, rtc.counters().illegalAccesses());
    }

    @Test
    void ramHoldsWhatItIsGivenAndWritten() {
        byte[] ram = new byte[CMOS_SIZE];
        Arrays.fill(ram, (byte) 0xA5);
        rtc = new CmosRtc(ram, now);
        for (int i = RAM_START; i < CMOS_SIZE; i++) {
            assertEquals(i == CENTURY ? 0x20 : 0xA5, get(i), "index " + i);
        }
        assertEquals(0x26, get(REGISTER_A));
        assertEquals(0x59, get(SECONDS));
        set(0x50, 0x11);
        rtc.reset(now);
        assertEquals(0x11, get(0x50));
        assertThrows(IllegalArgumentException.class, () -> new CmosRtc(new byte[64], now));
    }

    /** Nanoseconds after the second, and whether UIP shows: at least 244 µs before the update. */
    @ParameterizedTest
    @CsvSource({
        "0, false",
        "500000000, false",
        "999755858, false",
        "999755859, true",
        "999756000, true",
        "999999999, true",
        "1000000000, false"
    })
    void updateInProgress(long fraction, boolean shown) {
        now = nanosAt("2025-01-01T00:00:00") + fraction;
        assertEquals(shown, (get(REGISTER_A) & UIP) != 0);
        set(REGISTER_B, H24 | SET);
        assertEquals(0, get(REGISTER_A) & UIP, "no update while SET");
    }

    @Test
    void timeIsStableAfterUipWasSeenClear() {
        now = nanosAt("2025-01-01T00:00:59") + 999_755_858;
        assertEquals(0, get(REGISTER_A) & UIP);
        now += 244_141;
        assertEquals(0x59, get(SECONDS));
        now += 1;
        assertEquals(0x00, get(SECONDS));
    }

    @Test
    void setFreezesTheTimeAndTheGuestSetsIt() {
        set(REGISTER_B, SET | H24);
        now += 10 * SECOND;
        assertEquals("59 58 21 01 23 11 25 20", timeBytes());
        setTime("00 30 07 05 02 06 33 21");
        assertEquals("00 30 07 05 02 06 33 21", timeBytes());
        set(REGISTER_B, H24);
        assertEquals("00 30 07 05 02 06 33 21", timeBytes());
        now += 749 * MILLI;
        assertEquals(0x00, get(SECONDS), "the divider keeps its beat");
        now += MILLI;
        assertEquals(0x01, get(SECONDS));
        now += 86_400 * SECOND;
        assertEquals("01 30 07 06 03 06 33 21", timeBytes());
        assertEquals(1, rtc.counters().timeSets());
    }

    @Test
    void aRunningClockTakesEachByteAtOnce() {
        set(MINUTES, 0x05);
        set(HOURS, 0x23);
        assertEquals("59 05 23 01 23 11 25 20", timeBytes());
        now += 750 * MILLI;
        assertEquals("00 06 23 01 23 11 25 20", timeBytes());
    }

    @Test
    void dividerResetSetsTheTimeToTheHalfSecond() {
        // As Linux does it.
        set(REGISTER_B, SET | H24);
        set(REGISTER_A, 0x76);
        setTime("10 00 00 07 01 01 00 20");
        set(REGISTER_B, H24);
        now += 5 * SECOND;
        assertEquals("10 00 00 07 01 01 00 20", timeBytes());
        assertEquals(0x76, get(REGISTER_A), "no update is near");
        set(REGISTER_A, 0x26);
        now += 500 * MILLI - 1;
        assertEquals(0x10, get(SECONDS));
        assertEquals(0xA6, get(REGISTER_A));
        now += 1;
        assertEquals(0x11, get(SECONDS));
        now += SECOND;
        assertEquals(0x12, get(SECONDS));
    }

    @ParameterizedTest
    @CsvSource({
        "0x00, true",
        "0x10, true",
        "0x20, true",
        "0x30, false",
        "0x40, false",
        "0x50, false",
        "0x60, false",
        "0x70, false"
    })
    void dividers(String divider, boolean counts) {
        set(REGISTER_A, Integer.decode(divider) | 0x06);
        now += 3 * SECOND;
        assertEquals(counts ? 0x02 : 0x59, get(SECONDS));
        assertEquals(counts ? PF | UF : 0, get(REGISTER_C) & (PF | UF));
    }

    @ParameterizedTest
    @CsvSource({
        // what the guest sets, and what the clock makes of it
        "75 00 00 01 01 01 25 20, 15 01 00 01 01 01 25 20",
        "00 99 23 06 31 12 99 19, 00 39 00 06 01 01 00 20",
        "00 00 00 01 31 02 25 20, 00 00 00 01 03 03 25 20",
        "00 00 00 01 00 00 25 20, 00 00 00 01 01 01 25 20",
        "00 00 00 00 01 01 25 20, 00 00 00 07 01 01 25 20",
        "00 00 25 01 28 02 24 20, 00 00 01 01 29 02 24 20",
        "ff ff ff ff ff ff ff ff, 45 47 23 04 06 01 66 66"
    })
    void whatIsNoTimeCountsOn(String set, String shown) {
        set(REGISTER_B, SET | H24);
        setTime(set);
        assertEquals(set, timeBytes(), "as written, while it stands");
        set(REGISTER_B, H24);
        assertEquals(shown, timeBytes());
    }

    /** Rate selection and the period in ticks of 32768 Hz (datasheet, table 5). */
    @ParameterizedTest
    @CsvSource({
        "1, 128",
        "2, 256",
        "3, 4",
        "4, 8",
        "5, 16",
        "6, 32",
        "7, 64",
        "8, 128",
        "9, 256",
        "10, 512",
        "11, 1024",
        "12, 2048",
        "13, 4096",
        "14, 8192",
        "15, 16384"
    })
    void periods(int rate, int ticks) {
        now = nanosAt("2025-01-01T00:00:00");
        rtc = new CmosRtc(new byte[CMOS_SIZE], now);
        set(REGISTER_A, 0x20 | rate);
        set(REGISTER_B, H24 | PIE);
        int flagged = 0;
        long begin = now;
        for (int i = 1; i <= 40; i++) {
            long delay = rtc.nanosToInterrupt(now);
            long due = ceil((long) i * ticks * SECOND, 32_768);
            assertEquals(begin + due, now + delay);
            now += delay - 1;
            rtc.elapse(now);
            assertFalse(rtc.interruptAsserted());
            now += 1;
            rtc.elapse(now);
            assertTrue(rtc.interruptAsserted());
            assertEquals(CmosRtc.NEVER, rtc.nanosToInterrupt(now), "not before it is acknowledged");
            assertEquals(IRQF | PF, get(REGISTER_C) & ~UF);
            assertFalse(rtc.interruptAsserted());
            flagged++;
        }
        assertEquals(flagged, rtc.counters().interrupts());
    }

    @Test
    void noRateNoPeriod() {
        set(REGISTER_A, 0x20);
        set(REGISTER_B, H24 | PIE);
        assertEquals(CmosRtc.NEVER, rtc.nanosToInterrupt(now));
        now += 100 * SECOND;
        assertEquals(UF, get(REGISTER_C));
    }

    @Test
    void periodsGoOnWhileSet() {
        set(REGISTER_B, H24 | SET | PIE);
        assertTrue(rtc.nanosToInterrupt(now) > 0);
        now += MILLI;
        assertEquals(IRQF | PF, get(REGISTER_C));
    }

    @Test
    void updateEndedInterrupt() {
        set(REGISTER_A, 0x20);
        set(REGISTER_B, H24 | UIE);
        assertEquals(750 * MILLI, rtc.nanosToInterrupt(now));
        now += 750 * MILLI;
        assertEquals(0x00, get(SECONDS));
        assertTrue(rtc.interruptAsserted());
        assertEquals(IRQF | UF, get(REGISTER_C));
        assertEquals(0, get(REGISTER_C), "a read clears");
        assertEquals(SECOND, rtc.nanosToInterrupt(now));
    }

    @Test
    void flagsBecomeSetWithoutInterruptsAndInterruptOnceEnabled() {
        now += SECOND;
        rtc.elapse(now);
        assertFalse(rtc.interruptAsserted());
        set(REGISTER_B, H24 | UIE);
        assertTrue(rtc.interruptAsserted(), "a flag from before counts (datasheet, \"Interrupts\")");
        set(REGISTER_B, H24);
        assertFalse(rtc.interruptAsserted());
        assertEquals(PF | UF, get(REGISTER_C));
    }

    @Test
    void setClearsUie() {
        set(REGISTER_B, H24 | UIE);
        set(REGISTER_B, SET | H24 | UIE | AIE | PIE);
        assertEquals(SET | H24 | AIE | PIE, get(REGISTER_B));
    }

    @Test
    void alarmInterrupt() {
        set(REGISTER_A, 0x20);
        set(SECONDS_ALARM, 0x05);
        set(MINUTES_ALARM, 0x00);
        set(HOURS_ALARM, 0x22);
        set(REGISTER_B, H24 | AIE);
        long delay = rtc.nanosToInterrupt(now);
        assertEquals(65 * SECOND + 750 * MILLI, delay);
        now += delay - 1;
        rtc.elapse(now);
        assertFalse(rtc.interruptAsserted());
        now += 1;
        rtc.elapse(now);
        assertTrue(rtc.interruptAsserted());
        assertEquals("05 00 22 01 23 11 25 20", timeBytes());
        assertEquals(IRQF | AF | UF, get(REGISTER_C));
        assertEquals(86_400 * SECOND, rtc.nanosToInterrupt(now));
    }

    @Test
    void alarmIsNotMissedInALongSilence() {
        set(HOURS_ALARM, 0x03);
        set(MINUTES_ALARM, 0x30);
        set(SECONDS_ALARM, 0xFF);
        now += 6 * 3600 * SECOND;
        assertEquals(AF, get(REGISTER_C) & AF);
        now += 6 * 3600 * SECOND;
        assertEquals(0, get(REGISTER_C) & AF);
    }

    @Test
    void alarmSetToTheCurrentSecondStrikesTomorrow() {
        set(SECONDS_ALARM, 0x59);
        set(MINUTES_ALARM, 0x58);
        set(HOURS_ALARM, 0x21);
        set(REGISTER_B, H24 | AIE);
        assertEquals(86_400 * SECOND - 250 * MILLI, rtc.nanosToInterrupt(now));
    }

    @Test
    void hostsClockIsFollowedWhenItIsSet() {
        set(MINUTES, 0x00); // 58 minutes behind the host
        rtc.elapse(now);
        now += 7200 * SECOND;
        assertEquals("59 00 23 01 23 11 25 20", timeBytes());
        assertEquals(UF, get(REGISTER_C) & (UF | AF));
        set(SECONDS_ALARM, 0xFF);
        set(MINUTES_ALARM, 0xFF);
        set(HOURS_ALARM, 0xFF);
        now -= 3600 * SECOND;
        assertEquals("59 00 22 01 23 11 25 20", timeBytes());
        assertEquals(UF, get(REGISTER_C) & (UF | AF), "no alarm on the way back");
        now += SECOND;
        assertEquals(UF | AF, get(REGISTER_C) & (UF | AF));
    }

    @Test
    void resetKeepsTimeAndModes() {
        set(MINUTES, 0x30);
        set(REGISTER_A, 0x2F);
        set(REGISTER_B, DM | PIE | AIE | UIE | SQWE | DSE);
        now += SECOND;
        rtc.elapse(now);
        assertTrue(rtc.interruptAsserted());
        rtc.write(INDEX_OFFSET, 0x80 | REGISTER_D, now);
        rtc.reset(now);
        assertFalse(rtc.interruptAsserted());
        assertFalse(rtc.nmiMasked());
        assertEquals(0, rtc.read(DATA_OFFSET, now) & 0xC0, "index 0");
        assertEquals(0x2F, get(REGISTER_A));
        assertEquals(DM | DSE, get(REGISTER_B));
        assertEquals(0, get(REGISTER_C));
        assertEquals(31, get(MINUTES));
    }

    /** Whatever a guest writes and whenever: no exception, bytes, and the announced moment is not in the past. */
    @Test
    void hostileGuest() {
        Random random = new Random(9);
        for (int i = 0; i < 200_000; i++) {
            switch (random.nextInt(8)) {
                case 0 -> now += random.nextLong(400 * 86_400 * SECOND);
                case 1 -> now -= random.nextLong(400 * 86_400 * SECOND);
                case 2 -> now += random.nextLong(SECOND);
                case 3 -> rtc.restore(rtc.save(now), now);
                case 4, 5 -> rtc.write(random.nextInt(2), random.nextInt(), now);
                case 6 -> set(random.nextInt(14), random.nextInt());
                default -> {
                    int value = rtc.read(random.nextInt(2), now);
                    assertTrue(value >= 0 && value <= 0xFF, () -> "read " + value);
                }
            }
            now = Math.clamp(now, -SECOND * 86_400 * 36_500, SECOND * 86_400 * 36_500);
            rtc.elapse(now);
            long delay = rtc.nanosToInterrupt(now);
            assertTrue(delay == CmosRtc.NEVER || (delay > 0 && delay <= 86_400 * SECOND), () -> "delay " + delay);
        }
    }

    private static long nanosAt(String time) {
        return LocalDateTime.parse(time).toEpochSecond(ZoneOffset.UTC) * SECOND;
    }

    private static long ceil(long dividend, long divisor) {
        return (dividend + divisor - 1) / divisor;
    }

    private int get(int index) {
        rtc.write(INDEX_OFFSET, index, now);
        return rtc.read(DATA_OFFSET, now);
    }

    private void set(int index, int value) {
        rtc.write(INDEX_OFFSET, index, now);
        rtc.write(DATA_OFFSET, value, now);
    }

    private static final int[] TIME = {SECONDS, MINUTES, HOURS, DAY_OF_WEEK, DAY_OF_MONTH, MONTH, YEAR, CENTURY};

    private String timeBytes() {
        StringBuilder bytes = new StringBuilder();
        for (int index : TIME) {
            bytes.append(bytes.isEmpty() ? "" : " ").append("%02x".formatted(get(index)));
        }
        return bytes.toString();
    }

    private void setTime(String bytes) {
        String[] units = bytes.split(" ", -1);
        for (int i = 0; i < TIME.length; i++) {
            set(TIME[i], Integer.parseInt(units[i], 16));
        }
    }
}
