package io.javisor.devices.acpi;

import static io.javisor.devices.acpi.AcpiPmRegisters.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.javisor.core.event.MachineClock;
import io.javisor.devices.power.PowerControl;
import io.javisor.testkit.FakeTime;
import io.javisor.testkit.RecordingLine;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AcpiPmDeviceTest {
    private static final long SECOND = 1_000_000_000;

    /** 2^31 ticks, rounded up. */
    private static final long HALF_PERIOD = 599_932_015_941L;

    private final FakeTime time = new FakeTime(123_456_789);
    private final RecordingLine sci = new RecordingLine();
    private final PowerOffs control = new PowerOffs();
    private final AcpiPmDevice device = new AcpiPmDevice(32, time, sci, time, control);

    @Test
    void afterReset() {
        assertPowerOnState();
    }

    private void assertPowerOnState() {
        assertEquals(0, read(PM1_STS_OFFSET, 4));
        assertEquals(SCI_EN, read(PM1_CNT_OFFSET, 2));
        assertEquals(0, read(PM_TMR_OFFSET, 4));
        assertFalse(sci.isHigh());
        assertEquals(0, time.armed());
    }

    /** All ones to a register, and what of it holds. */
    @ParameterizedTest
    @CsvSource({
        "0, 2, 0x0000", // status: nothing to clear
        "2, 2, 0x0521", // enable
        "4, 1, 0x0003" // control's low byte; the high one would sleep
    })
    void writableBits(int offset, int size, String held) {
        write(offset, size, 0xFFFF);
        assertEquals(Integer.decode(held).intValue(), read(offset, size));
        write(offset, size, 0);
        assertEquals(offset == 4 ? SCI_EN : 0, read(offset, size));
    }

    @Test
    void registersTakeEveryWidth() {
        write(PM1_STS_OFFSET, 4, 0x0121_0000);
        assertEquals(0x0121_0000, read(0, 4));
        assertEquals(0x21, read(2, 1));
        assertEquals(0x01, read(3, 1));
        assertEquals(0x2100, read(1, 2));
        write(3, 1, 0);
        assertEquals(0x0021, read(2, 2));
        write(PM1_CNT_OFFSET + 1, 1, 0x1C);
        assertEquals(0x1C01, read(4, 2));
        write(PM1_CNT_OFFSET, 1, BM_RLD);
        assertEquals(0x1C03, read(4, 2));
        assertEquals(0, device.counters().illegalAccesses());
    }

    @ParameterizedTest
    @CsvSource({"6, 1, 0xFF", "6, 2, 0xFFFF", "4, 4, 0xFFFF0001", "12, 1, 0xFF", "12, 4, 0xFFFFFFFF", "-1, 1, 0xFF"})
    void whatIsNoRegisterReadsOnes(int offset, int size, String value) {
        write(offset, size, 0xDEAD_BEEFL & ~0xFFFFL);
        assertEquals(Long.decode(value).longValue(), read(offset, size));
        assertEquals(2, device.counters().illegalAccesses());
        assertEquals(0, control.count);
    }

    @Test
    void powerButtonInterruptsAGuestThatListens() {
        write(PM1_EN_OFFSET, 2, PWRBTN_STS);
        assertFalse(sci.isHigh());
        assertTrue(device.pressPowerButton());
        assertTrue(sci.isHigh());
        assertEquals(PWRBTN_STS, read(PM1_STS_OFFSET, 2));
        assertTrue(sci.isHigh(), "a read acknowledges nothing");
        write(PM1_STS_OFFSET, 2, PWRBTN_STS);
        assertFalse(sci.isHigh());
        assertEquals(0, read(PM1_STS_OFFSET, 2));
        assertTrue(device.pressPowerButton());
        assertEquals(2, sci.edges());
        assertEquals(new AcpiPmCounters(2, 2, 0, 0), device.counters());
    }

    @Test
    void powerButtonIsPendingUntilTheGuestListens() {
        assertFalse(device.pressPowerButton());
        assertFalse(device.pressPowerButton());
        assertFalse(sci.isHigh());
        write(PM1_EN_OFFSET, 2, PWRBTN_STS | GBL_STS);
        assertTrue(sci.isHigh());
        write(PM1_EN_OFFSET, 2, GBL_STS);
        assertFalse(sci.isHigh(), "the predicate fell with the enable bit");
        assertEquals(PWRBTN_STS, read(PM1_STS_OFFSET, 2));
    }

    @Test
    void statusClearsByteByByteAndBitByBit() {
        assertFalse(device.pressPowerButton());
        time.advance(HALF_PERIOD);
        assertEquals(PWRBTN_STS | TMR_STS, read(PM1_STS_OFFSET, 2));
        write(PM1_STS_OFFSET, 1, 0xFF);
        assertEquals(PWRBTN_STS, read(PM1_STS_OFFSET, 2));
        write(PM1_STS_OFFSET, 2, 0xFFFF & ~PWRBTN_STS);
        assertEquals(PWRBTN_STS, read(PM1_STS_OFFSET, 2));
        write(PM1_STS_OFFSET + 1, 1, 0x01);
        assertEquals(0, read(PM1_STS_OFFSET, 2));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void onlyS5SwitchesOff(int sleepType) {
        int value = sleepType << SLP_TYP_SHIFT;
        write(PM1_CNT_OFFSET, 2, value);
        assertEquals(0, control.count, "without SLP_EN");
        write(PM1_CNT_OFFSET, 2, value | SLP_EN);
        assertEquals(sleepType == SLP_TYP_S5 ? 1 : 0, control.count);
        assertEquals(sleepType == SLP_TYP_S5 ? 0 : 1, device.counters().ignoredSleeps());
        assertEquals(value | SCI_EN, read(PM1_CNT_OFFSET, 2), "SLP_EN reads 0");
    }

    @Test
    void switchingOffTakesEveryWidth() {
        write(PM1_CNT_OFFSET, 2, 0x3400);
        write(PM1_CNT_OFFSET + 1, 1, 0x34);
        write(PM1_CNT_OFFSET, 4, 0x3401);
        assertEquals(3, control.count);
        // SLP_EN alone enters what SLP_TYP of the same write says: 0 is no sleep state here.
        write(PM1_CNT_OFFSET + 1, 1, 0x20);
        assertEquals(3, control.count);
    }

    @Test
    void timerCountsAndIsReadOnly() {
        time.advance(SECOND);
        assertEquals(3_579_545, read(PM_TMR_OFFSET, 4));
        write(PM_TMR_OFFSET, 4, 0);
        assertEquals(3_579_545, read(PM_TMR_OFFSET, 4));
        assertEquals(3_579_545 >> 8 & 0xFFFF, read(PM_TMR_OFFSET + 1, 2));
    }

    @Test
    void timerNeedsNoHostTimerUntilItsEventIsAwaited() {
        time.advance(HALF_PERIOD - 1);
        assertEquals(0, read(PM1_STS_OFFSET, 2));
        assertEquals(0x7FFF_FFFF, read(PM_TMR_OFFSET, 4));
        time.advance(1);
        assertEquals(0x8000_0000L, read(PM_TMR_OFFSET, 4));
        assertEquals(TMR_STS, read(PM1_STS_OFFSET, 2));
        assertEquals(0, time.schedules());
    }

    @Test
    void timerEventInterruptsAtEachChangeOfTheHighBit() {
        write(PM1_EN_OFFSET, 2, TMR_STS);
        assertEquals(1, time.armed());
        assertEquals(0, read(PM1_STS_OFFSET, 2));
        assertEquals(1, time.schedules(), "an access does not arm it again");
        time.advance(HALF_PERIOD - 1);
        assertFalse(sci.isHigh());
        time.advance(1);
        assertTrue(sci.isHigh());
        assertEquals(0, time.armed(), "nothing more to come until it is acknowledged");
        time.advance(3 * HALF_PERIOD);
        write(PM1_STS_OFFSET, 2, TMR_STS);
        assertFalse(sci.isHigh());
        assertEquals(1, time.armed());
        time.advance(HALF_PERIOD);
        assertTrue(sci.isHigh());
        assertEquals(2, sci.edges());
    }

    @Test
    void hostTimerIsTakenBackWhenTheEventIsNotAwaited() {
        write(PM1_EN_OFFSET, 2, TMR_STS);
        write(PM1_EN_OFFSET, 2, 0);
        assertEquals(0, time.armed());
        write(PM1_EN_OFFSET, 2, TMR_STS);
        device.reset();
        assertEquals(0, time.armed());
        device.close();
        assertEquals(0, time.open());
    }

    @Test
    void resetReturnsToPowerOn() {
        write(PM1_EN_OFFSET, 2, PWRBTN_STS);
        write(PM1_CNT_OFFSET, 2, 0x1C02);
        assertTrue(device.pressPowerButton());
        time.advance(SECOND);
        device.reset();
        assertPowerOnState();
        time.advance(HALF_PERIOD - 1);
        assertEquals(0, read(PM1_STS_OFFSET, 2), "the timer started anew");
    }

    @Test
    void stateGoesOnElsewhere() {
        write(PM1_EN_OFFSET, 2, PWRBTN_STS | TMR_STS);
        write(PM1_CNT_OFFSET, 2, 0x1402);
        assertTrue(device.pressPowerButton());
        time.advance(HALF_PERIOD - SECOND);
        AcpiPmState state = device.save();

        FakeTime elsewhere = new FakeTime(-5);
        RecordingLine line = new RecordingLine();
        AcpiPmDevice other = new AcpiPmDevice(32, elsewhere, line, elsewhere, control);
        elsewhere.advance(77);
        other.restore(state);
        assertEquals(state, other.save());
        assertTrue(line.isHigh());
        assertEquals(0, control.count);
        assertEquals(0x1403, other.read(PM1_CNT_OFFSET, 2));
        elsewhere.advance(SECOND + 300);
        assertEquals(PWRBTN_STS | TMR_STS, other.read(PM1_STS_OFFSET, 2), "its half period ended in time");
    }

    @Test
    void statesThatCannotBeAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new AcpiPmState(2, 0, 0, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new AcpiPmState(1, GBL_STS, 0, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new AcpiPmState(1, RTC_STS, 0, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new AcpiPmState(1, 0, 2, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new AcpiPmState(1, 0, 0, SLP_EN, 0));
        assertThrows(IllegalArgumentException.class, () -> new AcpiPmState(1, 0, 0, 0, 1L << 32));
        assertThrows(IllegalArgumentException.class, () -> new AcpiPmState(1, 0, 0, 0, -1));
        AcpiPm narrow = new AcpiPm(24, 0);
        AcpiPmState wide = new AcpiPmState(1, 0, 0, 0, 1 << 24);
        assertThrows(IllegalArgumentException.class, () -> narrow.restore(wide, 0));
    }

    /** Whatever a guest does, it gets no exception, the line is the predicate, and the host timer is armed exactly when needed. */
    @Test
    void hostileGuest() {
        Random random = new Random(3);
        int[] sizes = {1, 2, 4};
        for (int i = 0; i < 50_000; i++) {
            int offset = random.nextInt(-1, PORT_COUNT + 2);
            int size = sizes[random.nextInt(3)];
            if (random.nextBoolean()) {
                write(offset, size, random.nextInt() & (-1L >>> 32));
            } else {
                assertEquals(0, read(offset, size) >>> (8 * size));
            }
            if (random.nextInt(20) == 0) {
                boolean _ = device.pressPowerButton();
            }
            time.advance(random.nextLong(random.nextInt(10) == 0 ? 2 * HALF_PERIOD : 1000));
            long sts = read(PM1_STS_OFFSET, 2);
            long en = read(PM1_EN_OFFSET, 2);
            assertEquals((sts & en) != 0, sci.isHigh());
            assertEquals((en & ~sts & TMR_STS) != 0 ? 1 : 0, time.armed());
        }
        assertTrue(control.count > 0);
    }

    private long read(int offset, int size) {
        return device.read(offset, size);
    }

    private void write(int offset, int size, long value) {
        device.write(offset, size, value);
    }

    /** Nothing but a power-off may be asked for. */
    private static final class PowerOffs implements PowerControl {
        private int count;

        @Override
        public void powerOff() {
            count++;
        }

        @Override
        public void reset() {
            fail();
        }

        @Override
        public void exit(int code) {
            fail();
        }

        @Override
        public void guestPanicked() {
            fail();
        }

        @Override
        public void crashLoaded() {
            fail();
        }
    }

    @Test
    void aPausedTimerStands() {
        MachineClock clock = new MachineClock(time, time);
        AcpiPmDevice device = new AcpiPmDevice(32, clock, sci, clock, control);
        device.write(PM1_EN_OFFSET, 2, TMR_STS);
        clock.resume();
        time.advance(SECOND);
        long count = device.read(PM_TMR_OFFSET, 4);
        device.pause();
        clock.pause();
        assertEquals(0, time.armed());
        time.advance(HALF_PERIOD + SECOND);
        assertEquals(count, device.save().timerCount());
        assertFalse(sci.isHigh());
        clock.resume();
        device.resume();
        assertFalse(sci.isHigh());
        time.advance(HALF_PERIOD - SECOND - 1);
        assertFalse(sci.isHigh());
        time.advance(1);
        assertTrue(sci.isHigh());
        assertEquals(device.counters().snapshot(), device.statistics().counters());
    }

    @Test
    void aButtonThatIsPressedMeanwhileIsHeardAfterwards() {
        write(PM1_EN_OFFSET, 2, PWRBTN_STS);
        device.pause();
        assertTrue(device.pressPowerButton());
        assertFalse(sci.isHigh());
        device.resume();
        assertTrue(sci.isHigh());
    }
}
