package io.javisor.devices.rtc;

import static io.javisor.devices.rtc.RtcRegisters.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.event.MachineClock;
import io.javisor.testkit.FakeTime;
import io.javisor.testkit.RecordingLine;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RtcDeviceTest {
    private static final long SECOND = 1_000_000_000;
    private static final long START = LocalDateTime.of(2025, 11, 23, 21, 58, 59).toEpochSecond(ZoneOffset.UTC) * SECOND;

    private final FakeTime time = new FakeTime(START);
    private final RecordingLine line = new RecordingLine();
    private final RtcDevice device = new RtcDevice(CmosContents.ofMemory(128 << 20, 0), time, line, time);

    @Test
    void wideAccessesAreBytesOfConsecutivePorts() {
        device.write(INDEX_OFFSET, 2, 0x4250); // index 0x50, data 0x42
        assertEquals(0x42, get(0x50));
        assertEquals(0x42FF, device.read(INDEX_OFFSET, 2));
        assertEquals(0xFFFF_42FFL, device.read(INDEX_OFFSET, 4));
        assertEquals(2, device.counters().illegalAccesses());
        assertEquals(0x0280, get(0x15) | get(0x16) << 8, "base memory");
    }

    @Test
    void readingTheTimeArmsNothing() {
        for (int i = 0; i < 100; i++) {
            time.advance(SECOND / 3);
            int _ = get(SECONDS);
            int _ = get(REGISTER_C);
        }
        assertEquals(0, time.schedules());
        assertEquals(0, line.edges());
    }

    @Test
    void updateInterruptsComeOncePerSecondAndAcknowledgement() {
        set(REGISTER_B, H24 | UIE);
        for (int i = 1; i <= 5; i++) {
            time.advance(SECOND - 1);
            assertFalse(line.isHigh());
            time.advance(1);
            assertTrue(line.isHigh());
            assertEquals(i, line.edges());
            assertEquals(0, time.armed(), "nothing until it is acknowledged");
            assertEquals(IRQF, get(REGISTER_C) & IRQF);
            assertFalse(line.isHigh());
        }
        assertEquals(5, time.expiries());
        time.advance(100 * SECOND);
        assertEquals(6, line.edges());
    }

    @ParameterizedTest
    @CsvSource({"3, 8192", "6, 1024", "15, 2"})
    void periodicInterruptsKeepTheirRate(int rate, int hertz) {
        set(REGISTER_A, 0x20 | rate);
        set(REGISTER_B, H24 | PIE);
        for (int i = 0; i < hertz; i++) {
            time.advance(SECOND / hertz + 1);
            if (line.isHigh()) {
                int _ = get(REGISTER_C);
            }
        }
        assertEquals(hertz, line.edges(), 1);
    }

    @Test
    void alarmAMinuteAway() {
        set(SECONDS_ALARM, 0x10);
        set(MINUTES_ALARM, 0xFF);
        set(HOURS_ALARM, 0xFF);
        set(REGISTER_B, H24 | AIE);
        time.advance(11 * SECOND - 1);
        assertFalse(line.isHigh());
        time.advance(1);
        assertTrue(line.isHigh());
        assertEquals(0x10, get(SECONDS));
        assertEquals(1, time.expiries());
    }

    @Test
    void alarmFarAwayIsNotLostWhenTheHostsClockIsSet() {
        set(SECONDS_ALARM, 0x00);
        set(MINUTES_ALARM, 0x00);
        set(HOURS_ALARM, 0x05);
        set(REGISTER_B, H24 | AIE);
        time.jump(Duration.ofHours(8).toNanos()); // past 05:00
        time.advance(RtcDevice.DELAY_MAX_NANOS);
        assertTrue(line.isHigh());
        assertEquals(AF, get(REGISTER_C) & AF);
        time.jump(-Duration.ofHours(3).toNanos());
        time.advance(Duration.ofHours(3).toNanos());
        assertTrue(line.isHigh(), "05:00 came again");
    }

    @Test
    void anEarlierAlarmArmsTheTimerAnewALaterOneDoesNot() {
        setAlarm(0x00, 0x23);
        set(REGISTER_B, H24 | AIE);
        int schedules = time.schedules();
        setAlarm(0x30, 0x23);
        assertEquals(schedules, time.schedules());
        set(HOURS_ALARM, 0xFF);
        set(MINUTES_ALARM, 0xFF);
        set(SECONDS_ALARM, 0x05);
        assertTrue(time.schedules() > schedules);
        time.advance(6 * SECOND);
        assertTrue(line.isHigh());
    }

    @Test
    void disablingTakesTheTimerBack() {
        set(REGISTER_B, H24 | UIE);
        assertEquals(1, time.armed());
        set(REGISTER_B, H24);
        assertEquals(0, time.armed());
        set(REGISTER_B, H24 | PIE);
        set(REGISTER_A, 0x76);
        assertEquals(0, time.armed(), "the divider stands");
        set(REGISTER_A, 0x26);
        assertEquals(1, time.armed());
        device.reset();
        assertEquals(0, time.armed());
        assertFalse(line.isHigh());
        device.close();
        assertEquals(0, time.open());
    }

    /** A guest that sleeps or is paused finds the host's time again. */
    @ParameterizedTest
    @ValueSource(longs = {1, 60, 3600, 86_400})
    void staysWithTheHostAcrossAPause(long seconds) {
        set(REGISTER_B, H24 | UIE);
        time.jump(seconds * SECOND); // no timer expires meanwhile
        assertWithin2SecondsOfHost(0);
        time.advance(SECOND);
        assertTrue(line.isHigh());
    }

    /** What the timer was armed for before the pause is nearer after it. */
    @Test
    void anAlarmComesAtTheHostsTimeAfterAPause() {
        MachineClock clock = new MachineClock(time, time);
        RtcDevice device = new RtcDevice(new byte[CMOS_SIZE], time, line, clock);
        clock.resume();
        for (int alarm : new int[] {SECONDS_ALARM, MINUTES_ALARM, HOURS_ALARM}) { // 21:59:49, in 50 s
            int value = alarm == SECONDS_ALARM ? 0x49 : alarm == MINUTES_ALARM ? 0x59 : 0x21;
            device.write(INDEX_OFFSET, 2, value << 8 | alarm);
        }
        device.write(INDEX_OFFSET, 2, (H24 | AIE) << 8 | REGISTER_B);
        device.pause();
        clock.pause();
        time.advance(48 * SECOND);
        clock.resume();
        device.resume();
        time.advance(2 * SECOND - 1);
        assertFalse(line.isHigh());
        time.advance(1);
        assertTrue(line.isHigh());
    }

    @Test
    void staysWithTheHostAcrossASnapshot() {
        RtcState state = device.save();
        time.jump(3600 * SECOND);
        RecordingLine newLine = new RecordingLine();
        RtcDevice other = new RtcDevice(new byte[CMOS_SIZE], time, newLine, time);
        other.restore(state);
        other.write(INDEX_OFFSET, 1, HOURS);
        assertEquals(0x22, other.read(DATA_OFFSET, 1));
        assertEquals(0, newLine.edges());
    }

    @Test
    void whatTheGuestSetStaysItsDistanceFromTheHost() {
        set(HOURS, 0x19);
        time.jump(60 * SECOND);
        assertWithin2SecondsOfHost(-7200);
        time.advance(600 * SECOND);
        assertWithin2SecondsOfHost(-7200);
    }

    @Test
    void stateGoesOnElsewhere() {
        set(0x7F, 0x99);
        set(MINUTES, 0x10);
        setAlarm(0x15, 0x21);
        set(REGISTER_B, H24 | AIE);
        device.write(INDEX_OFFSET, 1, 0x80 | 0x7F);
        RtcState state = device.save();
        device.close();

        RecordingLine newLine = new RecordingLine();
        RtcDevice other = new RtcDevice(new byte[CMOS_SIZE], time, newLine, time);
        other.restore(state);
        assertEquals(state, other.save());
        assertTrue(other.nmiMasked());
        assertEquals(0x99, other.read(DATA_OFFSET, 1));
        assertEquals(1, time.armed());
        time.advance(300 * SECOND);
        assertTrue(newLine.isHigh(), "the alarm at 21:15:00 by the guest's clock");
    }

    @Test
    void anAlarmMissedInASnapshotStrikesAtOnce() {
        setAlarm(0x30, 0x22);
        set(REGISTER_B, H24 | AIE);
        RtcState state = device.save();
        time.jump(3600 * SECOND);
        RecordingLine newLine = new RecordingLine();
        RtcDevice other = new RtcDevice(new byte[CMOS_SIZE], time, newLine, time);
        other.restore(state);
        assertTrue(newLine.isHigh());
    }

    @Test
    void statesThatCannotBeAreRefused() {
        RtcState good = device.save();
        List<Integer> cmos = good.cmos();
        List<Integer> wrongByte =
                IntStream.range(0, CMOS_SIZE).map(i -> i == 7 ? 256 : 0).boxed().toList();
        assertEquals(good, new RtcState(1, 0, false, 0x26, 0x02, 0, cmos, 0, 0, 0, good.seenSecond()));
        assertRefused(2, 0, 0x26, 0, cmos, 0, 0, 0);
        assertRefused(1, 128, 0x26, 0, cmos, 0, 0, 0);
        assertRefused(1, -1, 0x26, 0, cmos, 0, 0, 0);
        assertRefused(1, 0, 0x80, 0, cmos, 0, 0, 0);
        assertRefused(1, 0, 0x26, 0x80, cmos, 0, 0, 0);
        assertRefused(1, 0, 0x26, 0x01, cmos, 0, 0, 0);
        assertRefused(1, 0, 0x26, 0, cmos.subList(0, 127), 0, 0, 0);
        assertRefused(1, 0, 0x26, 0, wrongByte, 0, 0, 0);
        assertRefused(1, 0, 0x26, 0, cmos, SECOND, 0, 0);
        assertRefused(1, 0, 0x26, 0, cmos, -1, 0, 0);
        assertRefused(1, 0, 0x26, 0, cmos, 0, Long.MAX_VALUE, 0);
        assertRefused(1, 0, 0x26, 0, cmos, 0, 0, 7);
    }

    private static void assertRefused(
            int version,
            int index,
            int registerA,
            int flags,
            List<Integer> cmos,
            long phaseNanos,
            long offsetSeconds,
            int weekdayShift) {
        assertThrows(
                IllegalArgumentException.class,
                () -> new RtcState(
                        version, index, false, registerA, 2, flags, cmos, phaseNanos, offsetSeconds, weekdayShift, 0));
    }

    private void assertWithin2SecondsOfHost(long expectedOffsetSeconds) {
        LocalDateTime guest = LocalDateTime.of(
                2000 + decimal(YEAR),
                decimal(MONTH),
                decimal(DAY_OF_MONTH),
                decimal(HOURS),
                decimal(MINUTES),
                decimal(SECONDS));
        long host = time.getAsLong() / SECOND + expectedOffsetSeconds;
        assertTrue(Math.abs(guest.toEpochSecond(ZoneOffset.UTC) - host) < 2, guest::toString);
    }

    private int decimal(int index) {
        return Integer.parseInt(Integer.toHexString(get(index)));
    }

    private void setAlarm(int minute, int hour) {
        set(SECONDS_ALARM, 0x00);
        set(MINUTES_ALARM, minute);
        set(HOURS_ALARM, hour);
    }

    private int get(int index) {
        device.write(INDEX_OFFSET, 1, index);
        return (int) device.read(DATA_OFFSET, 1);
    }

    private void set(int index, int value) {
        device.write(INDEX_OFFSET, 1, index);
        device.write(DATA_OFFSET, 1, value);
    }

    /** It goes on with the host's calendar while the machine's timers stand. */
    @Test
    void aPausedClockInterruptsNobody() {
        MachineClock clock = new MachineClock(time, time);
        RtcDevice device = new RtcDevice(new byte[CMOS_SIZE], time, line, clock);
        clock.resume();
        device.write(INDEX_OFFSET, 2, (H24 | UIE) << 8 | REGISTER_B);
        device.pause();
        device.pause();
        clock.pause();
        assertEquals(0, time.armed());
        time.advance(5 * SECOND);
        RtcState _ = device.save();
        assertFalse(line.isHigh());
        clock.resume();
        assertFalse(line.isHigh());
        device.resume();
        assertTrue(line.isHigh(), "what came due");
        assertEquals(1, line.edges());
        device.write(INDEX_OFFSET, 1, REGISTER_C);
        assertEquals(IRQF, device.read(DATA_OFFSET, 1) & IRQF);
        time.advance(SECOND);
        assertEquals(2, line.edges());
        device.resume(); // without a pause
        assertEquals(device.counters().snapshot(), device.statistics().counters());
    }
}
