package io.javisor.devices.pit;

import static io.javisor.devices.pit.PitRegisters.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.event.MachineClock;
import io.javisor.testkit.FakeTime;
import io.javisor.testkit.RecordingLine;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PitDeviceTest {
    private static final long SECOND = 1_000_000_000;
    private static final long MILLI = 1_000_000;
    private static final int HZ_1000 = 1193;

    private final FakeTime time = new FakeTime(12_345);
    private final RecordingLine line = new RecordingLine();
    private final PitDevice device = new PitDevice(time, line, time);

    @Test
    void afterPowerOnNothingRuns() {
        assertEquals(PORT_B_OUT_2, device.portB().read(0, 1) & 0x2F);
        time.advance(SECOND);
        assertEquals(0, line.edges());
        assertEquals(0, time.schedules());
        assertFalse(line.isHigh(), "an output that was high from the start is no edge");
    }

    @ParameterizedTest
    @CsvSource({"2, 1000", "3, 1000", "2, 100", "3, 19", "2, 250"})
    void aPeriodicTimerKeepsItsRate(int mode, int hertz) {
        program(0, mode, (int) (FREQUENCY / hertz));
        time.advance(10 * SECOND);
        assertEquals(10 * hertz, line.edges(), 1 + hertz / 100);
        assertEquals(line.edges(), device.counters().interrupts());
        assertEquals(line.edges(), time.expiries());
    }

    @Test
    void aCountOf0Is65536() {
        program(0, 2, 0);
        time.advance(10 * SECOND);
        assertEquals(182, line.edges());
    }

    @Test
    void aOneShotComesOnceAtItsMoment() {
        program(0, 0, HZ_1000);
        time.advance(999_000);
        assertEquals(0, line.edges());
        time.advance(3000);
        assertTrue(line.isHigh());
        time.advance(SECOND);
        assertEquals(1, line.edges());
        assertEquals(0, time.armed());
        program(0, 0, HZ_1000);
        assertFalse(line.isHigh());
        time.advance(2 * MILLI);
        assertEquals(2, line.edges());
    }

    @Test
    void theMiddleOfASecondsCountIsRead() {
        program(0, 2, 0);
        time.advance(MILLI);
        device.write(CONTROL_OFFSET, 1, 0x00);
        time.advance(MILLI);
        assertEquals(65_536 - 1192, count(0), 1);
        assertEquals(65_536 - 2385, count(0), 1, "the latch is empty, the counter has gone on");
    }

    @Test
    void readBackLatchesStatusAndCountOfSeveral() {
        program(0, 2, 100);
        program(1, 3, 18);
        time.advance(MILLI);
        device.write(CONTROL_OFFSET, 1, 0xC6); // count and status of 0 and 1
        assertEquals(0x34, device.read(0, 1) & 0x7F);
        assertEquals(0x36, device.read(1, 1) & 0x7F);
        int first = count(0);
        assertTrue(first >= 1 && first <= 100, () -> "count " + first);
        device.write(CONTROL_OFFSET, 1, 0xE4); // status of 1
        assertEquals(0x36, device.read(1, 1) & 0x7F);
        program(2, 0, 5);
        device.write(CONTROL_OFFSET, 1, 0xE8);
        assertEquals(0x70, device.read(2, 1), "gate low, count not yet loaded");
        time.advance(MILLI);
        device.write(CONTROL_OFFSET, 1, 0xE8);
        assertEquals(0x30, device.read(2, 1));
    }

    /** How Linux and firmware measure the processor's clock: mode 0 of counter 2, its gate, and its output at port 0x61. */
    @Test
    void counter2MeasuresTimeAtPortB() {
        device.portB().write(0, 1, 0);
        program(2, 0, (int) (FREQUENCY / 100));
        time.advance(SECOND);
        assertEquals(0, device.portB().read(0, 1) & PORT_B_OUT_2, "the gate is low");
        device.portB().write(0, 1, PORT_B_GATE_2);
        time.advance(9_990_000);
        assertEquals(0, device.portB().read(0, 1) & PORT_B_OUT_2);
        time.advance(20_000);
        assertEquals(PORT_B_OUT_2, device.portB().read(0, 1) & PORT_B_OUT_2);
        assertEquals(0, time.schedules(), "counter 2 needs no timer");
    }

    @Test
    void portBKeepsFourBits() {
        device.portB().write(0, 1, 0xFF);
        assertEquals(0x0F, device.portB().read(0, 1) & 0xCF);
        device.portB().write(0, 4, 0xFFFF_FF02L);
        assertEquals(0x02, device.portB().read(0, 1) & 0xCF);
        assertEquals(~0xFFL, device.portB().read(0, 4) & ~0xFFL);
    }

    @Test
    void theRefreshBitChangesEvery15Micros() {
        int changes = 0;
        long before = device.portB().read(0, 1) & PORT_B_REFRESH;
        for (int i = 0; i < 10_000; i++) {
            time.advance(1000);
            long now = device.portB().read(0, 1) & PORT_B_REFRESH;
            changes += now != before ? 1 : 0;
            before = now;
        }
        assertEquals(663, changes, 2);
    }

    @Test
    void lateEdgesFollowOneByOne() {
        program(0, 2, HZ_1000);
        time.jump(20 * MILLI); // the host's thread sleeps: no timer expires
        time.advance(MILLI + 10_000);
        assertEquals(1, line.edges());
        time.advance(30 * MILLI);
        assertEquals(52, line.edges(), 1, "what was late came at twice the rate");
        assertTrue(device.counters().lateInterrupts() >= 20);
        assertEquals(0, device.counters().lostInterrupts());
    }

    @Test
    void tooManyLateEdgesAreLost() {
        program(0, 2, HZ_1000);
        time.jump(60 * SECOND);
        time.advance(10 * SECOND);
        assertEquals(10_000 + OwedEdges.MAX_OWED, line.edges(), 20);
        assertEquals(59_000, (double) device.counters().lostInterrupts(), 100);
    }

    @Test
    void programmingAnewForgivesWhatWasOwed() {
        program(0, 2, HZ_1000);
        time.jump(SECOND / 2);
        program(0, 2, (int) (FREQUENCY / 20));
        int edges = line.edges();
        time.advance(SECOND);
        assertEquals(edges + 20, line.edges(), 1);
    }

    /** A guest that lets the counter run at 600 kHz gets interrupts, and the host its peace. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10})
    void theFastestTimerIsBounded(int count) {
        program(0, 2, count);
        time.advance(SECOND / 10);
        assertEquals(2000, line.edges(), 5);
        assertTrue(time.expiries() <= line.edges() + 5);
    }

    @Test
    void wideAccessesAreBytesOfConsecutivePorts() {
        device.write(0, 4, 0x1A_00_00_00L); // counter 0's mode 5, by the last of four bytes
        device.write(CONTROL_OFFSET, 1, 0xE2);
        assertEquals(STATUS_OUT | STATUS_NULL_COUNT | 0x1A, device.read(0, 1));
        assertEquals(0xFF00_0000L, device.read(0, 4) & 0xFF00_0000L);
        device.write(3, 2, 0xFFFF);
        assertEquals(0xFFFFL, device.read(3, 2));
        assertEquals(4, device.counters().illegalAccesses());
    }

    @Test
    void resetStopsAll() {
        program(0, 2, HZ_1000);
        device.portB().write(0, 1, 3);
        time.advance(10 * MILLI);
        device.reset();
        int edges = line.edges();
        assertEquals(0, time.armed());
        time.advance(SECOND);
        assertEquals(edges, line.edges());
        assertEquals(PORT_B_OUT_2, device.portB().read(0, 1) & 0x2F);
        device.close();
        assertEquals(0, time.open());
    }

    @Test
    void stateGoesOnElsewhere() {
        program(0, 2, HZ_1000);
        device.write(CONTROL_OFFSET, 1, 0x32); // mode 1, no count; then a first byte
        program(0, 2, HZ_1000);
        device.portB().write(0, 1, PORT_B_GATE_2);
        program(2, 3, 1000);
        time.advance(MILLI / 3);
        device.write(1, 1, 0x77);
        device.write(CONTROL_OFFSET, 1, 0xC4);
        PitState state = device.save();
        device.close();
        time.jump(-1000 * SECOND); // another host's clock
        RecordingLine newLine = new RecordingLine();
        PitDevice other = new PitDevice(time, newLine, time);
        other.restore(state);
        assertEquals(state, other.save());
        time.advance(MILLI * 2 / 3 - 2000);
        assertEquals(0, newLine.edges());
        time.advance(3000);
        assertEquals(1, newLine.edges());
        time.advance(SECOND);
        assertEquals(1001, newLine.edges(), 1);
    }

    @Test
    void statesThatCannotBeAreRefused() {
        program(0, 2, HZ_1000);
        time.advance(MILLI);
        PitState good = device.save();
        List<PitState.Counter> three = good.counters();
        assertRefused(2, good.tick(), 0, 0, 0, three);
        assertRefused(1, -1, 0, 0, 0, three);
        assertRefused(1, 0, 0, 0, 0, three); // the origin is later
        assertRefused(1, good.tick(), 1000, 0, 0, three);
        assertRefused(1, good.tick(), 0, 16, 0, three);
        assertRefused(1, good.tick(), 0, 1, 0, three); // the gate is not
        assertRefused(1, good.tick(), 0, 0, 1001, three);
        assertRefused(1, good.tick(), 0, 0, 0, three.subList(0, 2));
        assertThrows(IllegalArgumentException.class, () -> counter(6, 3, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> counter(2, 0, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> counter(2, 3, 0x1_0000, 2));
        assertThrows(IllegalArgumentException.class, () -> counter(2, 3, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> counter(0, 3, 0, 0));
        List<PitState.Counter> late = new ArrayList<>(three);
        late.set(0, counter(0, 3, 0, 65_536));
        assertRefused(1, good.tick(), 0, 0, 0, late.subList(0, 1));
    }

    private static PitState.Counter counter(int mode, int access, int countRegister, int initial) {
        return new PitState.Counter(
                mode,
                false,
                access,
                true,
                countRegister,
                true,
                false,
                -1,
                false,
                true,
                true,
                initial,
                0,
                0,
                false,
                false,
                0,
                false,
                0,
                false,
                false,
                0);
    }

    private static void assertRefused(
            int version, long tick, long nanos, int portB, int owed, List<PitState.Counter> counters) {
        assertThrows(IllegalArgumentException.class, () -> new PitState(version, tick, nanos, portB, owed, counters));
    }

    private void program(int counter, int mode, int count) {
        device.write(CONTROL_OFFSET, 1, counter << SELECT_SHIFT | 0x30 | mode << MODE_SHIFT);
        device.write(counter, 1, count & 0xFF);
        device.write(counter, 1, count >> 8);
    }

    private int count(int counter) {
        int low = (int) device.read(counter, 1);
        return low | (int) device.read(counter, 1) << 8;
    }

    /** The guest's other clocks stand too, so no interrupt of a pause is owed. */
    @Test
    void aPausedTimerInterruptsNobody() {
        MachineClock clock = new MachineClock(time, time);
        PitDevice paused = new PitDevice(clock, line, clock);
        paused.write(CONTROL_OFFSET, 1, 2 << MODE_SHIFT | 3 << ACCESS_SHIFT);
        paused.write(0, 1, HZ_1000 & 0xFF);
        paused.write(0, 1, HZ_1000 >> 8);
        clock.resume();
        time.advance(10 * MILLI);
        int edges = line.edges();
        assertTrue(edges > 0);
        clock.pause();
        assertEquals(0, time.armed());
        time.advance(SECOND);
        PitState saved = paused.save();
        time.advance(SECOND);
        assertEquals(saved, paused.save());
        assertEquals(edges, line.edges());
        clock.resume();
        time.advance(100 * MILLI);
        assertEquals(edges + 100, line.edges(), 1, "no time is lost, and none is made");
        assertEquals(paused.counters().snapshot(), paused.statistics().counters());
    }

    /** A save is no moment at which an interrupt comes. */
    @Test
    void aSaveInterruptsNobody() {
        program(0, 2, HZ_1000);
        time.jump(10 * MILLI); // the loop is late
        int edges = line.edges();
        PitState _ = device.save();
        assertEquals(edges, line.edges());
        time.advance(20 * MILLI);
        assertEquals(edges + 30, line.edges(), 2);
    }
}
