package io.javisor.devices.pit;

import static io.javisor.devices.pit.PitRegisters.*;

import java.util.ArrayList;
import java.util.List;

/**
 * The timer of a PC and the port that is wired to it: a pure state machine over a monotonic clock, which every call gets in nanoseconds. It
 * knows no bus, thread, timer or host; {@link PitDevice} gives it these. Not safe for several threads.
 *
 * <p>Emulates (Intel 8254 data sheet, 231164-005): three counters at 1.193182 MHz, modes 0 to 5, binary and BCD, counter latch and
 * read-back commands, null count, gates; on a PC the gates of counters 0 and 1 are high, that of counter 2 is bit 0 of port 0x61. Counter
 * 0's output is IRQ 0; each of its rising edges becomes one interrupt, late ones too ({@link OwedEdges}).
 *
 * <p>Where the data sheet leaves a choice: after power-on all counters are in mode 3 with no count, so their outputs are high and nothing
 * runs (on a PC firmware programs them). Modes 2 and 3 take a count of 1 for 2. A BCD digit above 9 counts as 9. A trigger before the first
 * count does nothing. A gate that stops mode 4 during its strobe makes that longer.
 *
 * <p>Leaves out: sound, counter 1's refresh of memory (bit 4 of port 0x61 changes at its usual rate, whatever counter 1 does), parity and
 * channel check (their enable bits hold).
 *
 * <table>
 * <caption>Ports, 8 bits each</caption>
 * <tr><th>offset</th><th>read</th><th>write</th></tr>
 * <tr><td>0, 1, 2</td><td>latched status, else latched count, else count of the counter</td><td>its count</td></tr>
 * <tr><td>3</td><td>ones, counted</td><td>control word, counter latch or read-back command</td></tr>
 * <tr><td>port B</td><td>bits 3:0 as written, 4 refresh, 5 counter 2's output</td><td>bits 3:0: gate 2, speaker, parity check, channel
 * check</td></tr>
 * </table>
 */
public final class Pit8254 {
    /** The answer of {@link #nanosToInterrupt} when none will come by itself. */
    public static final long NEVER = -1;

    static final long NANOS_PER_SECOND = 1_000_000_000;

    private final PitClock clock;
    private final PitCounter[] counters = new PitCounter[COUNTER_COUNT];
    private final OwedEdges interrupts;
    private int portB; // bits 3:0, RW
    private long seenEdges;
    private long illegalAccesses;

    /** After power-on. */
    public Pit8254(long nowNanos) {
        clock = new PitClock(nowNanos);
        interrupts = new OwedEdges(nowNanos);
        powerOn();
    }

    /** As after power-on. What was counted stays. */
    public void reset(long nowNanos) {
        clock.set(0, nowNanos);
        interrupts.restore(0, nowNanos);
        powerOn();
    }

    /**
     * The guest reads a port.
     *
     * @return 0 to 255
     */
    public int read(long offset, long nowNanos) {
        long tick = elapse(nowNanos);
        if (offset < 0 || offset >= COUNTER_COUNT) {
            illegalAccesses++;
            return 0xFF;
        }
        return counters[(int) offset].read(tick);
    }

    /** The guest writes the low 8 bits of {@code value} to a port. */
    public void write(long offset, int value, long nowNanos) {
        long tick = elapse(nowNanos);
        if (offset == CONTROL_OFFSET) {
            writeControl(value & 0xFF, tick);
        } else if (offset >= 0 && offset < COUNTER_COUNT) {
            counters[(int) offset].write(value & 0xFF, tick);
        } else {
            illegalAccesses++;
        }
        collect();
    }

    /** The guest reads system control port B. */
    public int readPortB(long nowNanos) {
        long tick = elapse(nowNanos);
        return portB
                | (tick / REFRESH_TICKS % 2 != 0 ? PORT_B_REFRESH : 0)
                | (counters[2].out(tick) ? PORT_B_OUT_2 : 0);
    }

    /** The guest writes system control port B. */
    public void writePortB(int value, long nowNanos) {
        long tick = elapse(nowNanos);
        portB = value & PORT_B_WRITABLE;
        counters[2].setGate((portB & PORT_B_GATE_2) != 0, tick);
    }

    /** The predicate of IRQ 0: counter 0's output. */
    public boolean interruptAsserted(long nowNanos) {
        return counters[0].out(elapse(nowNanos));
    }

    /** Whether an edge of IRQ 0 is to be delivered now; it is taken then. */
    public boolean takeInterrupt(long nowNanos) {
        long _ = elapse(nowNanos);
        return interrupts.take(counters[0].periodTicks() * NANOS_PER_SECOND / FREQUENCY, nowNanos);
    }

    /** In how many nanoseconds {@link #takeInterrupt} will have something by itself, or {@link #NEVER}. */
    public long nanosToInterrupt(long nowNanos) {
        long tick = elapse(nowNanos);
        long soonest = interrupts.nanosToNext(nowNanos);
        if (interrupts.owed() > 0) {
            return soonest;
        }
        long rise = counters[0].nextRise(tick);
        return rise == PitCounter.NEVER ? NEVER : Math.max(soonest, clock.nanosOf(rise) - nowNanos);
    }

    /** The state at this moment. */
    public PitState save(long nowNanos) {
        long tick = elapse(nowNanos);
        List<PitState.Counter> states = new ArrayList<>(COUNTER_COUNT);
        for (PitCounter counter : counters) {
            states.add(counter.save());
        }
        return new PitState(PitState.VERSION, tick, nowNanos - clock.nanosOf(tick), portB, interrupts.owed(), states);
    }

    /** Takes a saved state over; the timer goes on from where it was. */
    public void restore(PitState state, long nowNanos) {
        clock.set(state.tick(), nowNanos - state.nanosIntoTick());
        for (int i = 0; i < COUNTER_COUNT; i++) {
            counters[i].restore(state.counters().get(i), state.tick());
        }
        portB = state.portB();
        seenEdges = counters[0].risingEdges();
        interrupts.restore(state.owedInterrupts(), nowNanos);
    }

    public PitCounters counters() {
        return new PitCounters(interrupts.delivered(), interrupts.late(), interrupts.lost(), illegalAccesses);
    }

    private void powerOn() {
        portB = 0;
        for (int i = 0; i < COUNTER_COUNT; i++) {
            counters[i] = new PitCounter(i != 2);
        }
        seenEdges = 0;
    }

    /** Brings all counters to now; returns the tick that it is. */
    private long elapse(long nowNanos) {
        long tick = clock.ticks(nowNanos);
        for (PitCounter counter : counters) {
            counter.sync(tick);
        }
        collect();
        return tick;
    }

    private void collect() {
        long edges = counters[0].risingEdges();
        interrupts.add(edges - seenEdges);
        seenEdges = edges;
    }

    private void writeControl(int value, long tick) {
        int select = value >> SELECT_SHIFT;
        if (select == READ_BACK) {
            for (int i = 0; i < COUNTER_COUNT; i++) {
                if ((value & READ_BACK_COUNTER_0 << i) != 0) {
                    readBack(counters[i], value, tick);
                }
            }
        } else if ((value >> ACCESS_SHIFT & ACCESS_MASK) == ACCESS_LATCH) {
            counters[select].latchCount(tick);
        } else {
            if (select == 0) {
                interrupts.forgive();
            }
            counters[select].writeControl(value, tick);
        }
    }

    private static void readBack(PitCounter counter, int command, long tick) {
        if ((command & READ_BACK_NO_COUNT) == 0) {
            counter.latchCount(tick);
        }
        if ((command & READ_BACK_NO_STATUS) == 0) {
            counter.latchStatus(tick);
        }
    }
}
