package io.javisor.devices.pit;

import java.util.List;

/**
 * The state of a {@link Pit8254}, for a snapshot. Moments are ticks since power-on; the timer goes on from {@code tick} where it is restored.
 *
 * @param version {@link #VERSION}
 * @param tick the tick that it is
 * @param nanosIntoTick how much of it has passed, less than 1000
 * @param portB what was written to port 0x61, 0 to 15
 * @param owedInterrupts edges that are still to be delivered
 * @param counters three
 */
public record PitState(
        int version, long tick, long nanosIntoTick, int portB, int owedInterrupts, List<Counter> counters) {
    /** The only version so far. */
    public static final int VERSION = 1;

    /** 30,000 years: far from any overflow. */
    private static final long TICKS_MAX = 1L << 60;

    /**
     * Checks what a snapshot file might get wrong.
     *
     * @throws IllegalArgumentException if a value is one that the chip cannot be in
     */
    public PitState {
        counters = List.copyOf(counters);
        within("version", version, VERSION, VERSION);
        within("tick", tick, 0, TICKS_MAX);
        within("nanosIntoTick", nanosIntoTick, 0, 999);
        within("portB", portB, 0, PitRegisters.PORT_B_WRITABLE);
        within("owedInterrupts", owedInterrupts, 0, OwedEdges.MAX_OWED);
        within("counters", counters.size(), PitRegisters.COUNTER_COUNT, PitRegisters.COUNTER_COUNT);
        for (Counter counter : counters) {
            within("origin", counter.origin, -TICKS_MAX, tick);
            if (counter.loadAt != PitCounter.NEVER) {
                within("loadAt", counter.loadAt, tick + 1, tick + (1 << 16));
            }
        }
        if (counters.get(2).gate != ((portB & PitRegisters.PORT_B_GATE_2) != 0)) {
            throw new IllegalArgumentException("8254 state: counter 2's gate is not port 0x61's");
        }
    }

    /**
     * One counter.
     *
     * @param mode 0 to 5
     * @param access 1 to 3: which bytes of a count are read and written
     * @param gate the GATE pin
     * @param countRegister the count as it was written
     * @param written whether one was since the control word
     * @param nullCount whether it is not yet in the counting element
     * @param loadAt the tick at which it will be, or -1
     * @param loadsLowHalf mode 3: the low half of the wave begins with it
     * @param active whether the counting element was loaded since the control word
     * @param counting whether the counting element counts
     * @param initial what it was loaded with, or, not loaded, what it holds
     * @param origin the tick at which it was loaded, while it counts
     * @param standing the ticks that it had counted, while it stands
     * @param writesHigh whether the high byte is the next to be written
     * @param readsHigh whether it is the next to be read
     * @param lowByte the low byte that was written before it
     * @param latchPartlyRead whether one byte of a latched count was read
     */
    public record Counter(
            int mode,
            boolean bcd,
            int access,
            boolean gate,
            int countRegister,
            boolean written,
            boolean nullCount,
            long loadAt,
            boolean loadsLowHalf,
            boolean active,
            boolean counting,
            int initial,
            long origin,
            long standing,
            boolean writesHigh,
            boolean readsHigh,
            int lowByte,
            boolean countLatched,
            int latchedCount,
            boolean latchPartlyRead,
            boolean statusLatched,
            int latchedStatus) {
        /**
         * Checks what a snapshot file might get wrong.
         *
         * @throws IllegalArgumentException if a value is one that the counter cannot be in
         */
        public Counter {
            within("mode", mode, 0, 5);
            within("access", access, PitRegisters.ACCESS_LSB, PitRegisters.ACCESS_BOTH);
            within("countRegister", countRegister, 0, 0xFFFF);
            int least = !active ? 0 : mode == 2 || mode == 3 ? 2 : 1;
            within("initial", initial, least, bcd && active ? 10_000 : 65_536);
            within("standing", standing, 0, TICKS_MAX);
            within("lowByte", lowByte, 0, 0xFF);
            within("latchedCount", latchedCount, 0, 0xFFFF);
            within("latchedStatus", latchedStatus, 0, 0xFF);
            if (counting && !active) {
                throw new IllegalArgumentException("8254 state: a counter counts from nothing");
            }
        }
    }

    private static void within(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException("8254 state: " + name + " is " + value);
        }
    }
}
