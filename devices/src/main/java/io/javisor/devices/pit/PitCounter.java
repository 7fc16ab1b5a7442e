package io.javisor.devices.pit;

import static io.javisor.devices.pit.PitRegisters.*;

/**
 * One counter of an 8254 in time that is counted in ticks of its CLK: what the ticking chip would show is computed from when its counting
 * element was loaded. All calls get the tick that it is now, which never falls; {@link #sync} brings the past in order first. Not safe for
 * several threads.
 *
 * <p>A count written, or a trigger at the gate, during tick t acts at t + 1, as on the chip. {@code loadAt} is the tick at which the
 * counting element will next take the count register over; in modes 2 and 3 that may be the end of the cycle or of its half.
 */
final class PitCounter {
    /** No such tick will come. */
    static final long NEVER = -1;

    private int mode = 3;
    private boolean bcd;
    private int access = ACCESS_BOTH;
    private boolean gate;

    private int countRegister; // CR: 1 to 65536 once written
    private boolean written; // since the control word
    private boolean nullCount = true;
    private long loadAt = NEVER;
    private boolean loadsLowHalf; // mode 3: at loadAt the low half of the wave begins

    private boolean active; // the counting element was loaded since the control word, and its output counts
    private boolean counting; // else the counting element stands
    private int initial = 65536; // what was loaded
    private long origin; // while counting: the tick at which the counting element was, or would have been, loaded
    private long standing; // else: ticks that it had counted

    private long synced; // the tick of the last sync
    private long risingEdges;

    private boolean writesHigh; // the next byte written is the high one
    private boolean readsHigh;
    private int lowByte;
    private boolean countLatched;
    private int latchedCount;
    private boolean latchPartlyRead; // one byte of two
    private boolean statusLatched;
    private int latchedStatus;

    PitCounter(boolean gate) {
        this.gate = gate;
    }

    /** Rising edges of OUT up to the last {@link #sync}. */
    long risingEdges() {
        return risingEdges;
    }

    boolean gate() {
        return gate;
    }

    /** The count that runs, in ticks; 0 if there is none. */
    long periodTicks() {
        return active ? initial : 0;
    }

    /** Lets the past happen up to and with {@code tick}. */
    void sync(long tick) {
        if (loadAt != NEVER && tick >= loadAt) {
            long at = loadAt;
            advance(at - 1);
            boolean before = out(at - 1);
            load(at);
            if (!before && out(at)) {
                risingEdges++;
            }
            synced = at;
        }
        advance(tick);
    }

    private void advance(long tick) {
        if (tick > synced) {
            risingEdges += risesBefore(tick) - risesBefore(synced);
            synced = tick;
        }
    }

    /** The OUT pin. */
    boolean out(long tick) {
        if (!active) {
            return mode != 0;
        }
        long elapsed = elapsed(tick);
        return switch (mode) {
            case 0, 1 -> elapsed >= initial;
            case 2 -> !counting || elapsed % initial != initial - 1;
            case 3 -> !counting || elapsed % initial < highHalf();
            default -> elapsed != initial;
        };
    }

    /** The next tick at which OUT rises by itself, or {@link #NEVER}. */
    long nextRise(long tick) {
        if (loadAt != NEVER) {
            // What comes before the load in a cycle that goes on, the load itself, or what comes after it.
            long before = riseAfter(tick, loadAt);
            if (before != NEVER) {
                return before;
            }
            if (risesAtLoad()) {
                return loadAt;
            }
            return countsOnceLoaded() ? loadAt + ticksToRiseOnceLoaded() : NEVER;
        }
        return riseAfter(tick, Long.MAX_VALUE);
    }

    /** Only while OUT may be low just before: a wave's low half or the low tick of a strobe ends with the load. */
    private boolean risesAtLoad() {
        return mode >= 2 && active && !loadsLowHalf && !out(loadAt - 1);
    }

    /** Modes 1 and 5 count whatever the gate is. */
    private boolean countsOnceLoaded() {
        return gate || mode == 1 || mode == 5;
    }

    private long ticksToRiseOnceLoaded() {
        int count = count();
        return switch (mode) {
            case 0, 1, 2 -> count;
            case 3 -> loadsLowHalf ? count / 2 : count;
            default -> count + 1L;
        };
    }

    private long riseAfter(long tick, long end) {
        if (!active || !counting) {
            return NEVER;
        }
        long elapsed = tick - origin;
        long at =
                switch (mode) {
                    case 0, 1 -> elapsed < initial ? origin + initial : NEVER;
                    case 2, 3 -> origin + (elapsed / initial + 1) * initial;
                    default -> elapsed <= initial ? origin + initial + 1L : NEVER;
                };
        return at < end ? at : NEVER;
    }

    private long risesBefore(long tick) {
        if (!active || !counting) {
            return 0;
        }
        long elapsed = tick - origin;
        return switch (mode) {
            case 0, 1 -> elapsed >= initial ? 1 : 0;
            case 2, 3 -> elapsed / initial;
            default -> elapsed > initial ? 1 : 0;
        };
    }

    // ---- the guest's doing, each after sync(tick) ----

    void writeControl(int control, long tick) {
        boolean before = out(tick);
        int value = element(tick);
        mode = control >> MODE_SHIFT & MODE_MASK;
        if (mode > 5) {
            mode -= 4;
        }
        bcd = (control & BCD) != 0;
        access = control >> ACCESS_SHIFT & ACCESS_MASK;
        // The counting element keeps what it has until it is loaded.
        initial = value;
        standing = 0;
        counting = false;
        active = false;
        written = false;
        nullCount = true;
        loadAt = NEVER;
        loadsLowHalf = false;
        writesHigh = false;
        readsHigh = false;
        countLatched = false;
        statusLatched = false;
        roseIf(!before && out(tick));
    }

    void write(int value, long tick) {
        switch (access) {
            case ACCESS_LSB -> writeCount(value, tick);
            case ACCESS_MSB -> writeCount(value << 8, tick);
            default -> {
                if (writesHigh) {
                    writesHigh = false;
                    writeCount(lowByte | value << 8, tick);
                } else {
                    writesHigh = true;
                    lowByte = value;
                    if (mode == 0) {
                        // "Writing the first byte disables counting. OUT is set low immediately."
                        stopAndForgetOutput(tick);
                    }
                }
            }
        }
    }

    private void writeCount(int value, long tick) {
        countRegister = value;
        written = true;
        nullCount = true;
        switch (mode) {
            case 0 -> {
                stopAndForgetOutput(tick);
                loadAt = tick + 1;
            }
            case 4 -> loadAt = tick + 1;
            case 2, 3 -> {
                if (!active) {
                    loadAt = tick + 1;
                } else if (counting && loadAt == NEVER) {
                    loadAt = endOfCycle(tick);
                }
            }
            default -> {
                // 1 and 5 wait for a trigger.
            }
        }
    }

    void setGate(boolean high, long tick) {
        if (high == gate) {
            return;
        }
        boolean before = out(tick);
        gate = high;
        switch (mode) {
            case 0, 4 -> {
                if (!high) {
                    stop(tick);
                } else if (active) {
                    resume(tick);
                }
            }
            case 2, 3 -> {
                if (!high) {
                    stop(tick);
                    if (active) {
                        // The cycle will not end; the gate's rise loads what was written.
                        loadAt = NEVER;
                    }
                } else if (written) {
                    loadsLowHalf = false;
                    loadAt = tick + 1;
                }
            }
            default -> {
                if (high && written) {
                    loadAt = tick + 1;
                }
            }
        }
        roseIf(!before && out(tick));
    }

    void latchCount(long tick) {
        if (!countLatched) {
            countLatched = true;
            latchedCount = shown(tick);
            latchPartlyRead = false;
        }
    }

    void latchStatus(long tick) {
        if (!statusLatched) {
            statusLatched = true;
            latchedStatus = (out(tick) ? STATUS_OUT : 0)
                    | (nullCount ? STATUS_NULL_COUNT : 0)
                    | access << ACCESS_SHIFT
                    | mode << MODE_SHIFT
                    | (bcd ? BCD : 0);
        }
    }

    int read(long tick) {
        if (statusLatched) {
            statusLatched = false;
            return latchedStatus;
        }
        int count = countLatched ? latchedCount : shown(tick);
        boolean high = access == ACCESS_MSB;
        if (access == ACCESS_BOTH) {
            high = readsHigh;
            readsHigh = !readsHigh;
        }
        if (countLatched && (access != ACCESS_BOTH || latchPartlyRead)) {
            countLatched = false;
        }
        latchPartlyRead = true;
        return (high ? count >> 8 : count) & 0xFF;
    }

    PitState.Counter save() {
        return new PitState.Counter(
                mode,
                bcd,
                access,
                gate,
                countRegister,
                written,
                nullCount,
                loadAt,
                loadsLowHalf,
                active,
                counting,
                initial,
                origin,
                standing,
                writesHigh,
                readsHigh,
                lowByte,
                countLatched,
                latchedCount,
                latchPartlyRead,
                statusLatched,
                latchedStatus);
    }

    void restore(PitState.Counter state, long tick) {
        mode = state.mode();
        bcd = state.bcd();
        access = state.access();
        gate = state.gate();
        countRegister = state.countRegister();
        written = state.written();
        nullCount = state.nullCount();
        loadAt = state.loadAt();
        loadsLowHalf = state.loadsLowHalf();
        active = state.active();
        counting = state.counting();
        initial = state.initial();
        origin = state.origin();
        standing = state.standing();
        writesHigh = state.writesHigh();
        readsHigh = state.readsHigh();
        lowByte = state.lowByte();
        countLatched = state.countLatched();
        latchedCount = state.latchedCount();
        latchPartlyRead = state.latchPartlyRead();
        statusLatched = state.statusLatched();
        latchedStatus = state.latchedStatus();
        synced = tick;
    }

    // ---- the counting element ----

    private void load(long tick) {
        initial = count();
        origin = loadsLowHalf ? tick - highHalf() : tick;
        loadsLowHalf = false;
        loadAt = NEVER;
        nullCount = false;
        active = true;
        counting = true;
        if (!countsOnceLoaded()) {
            stop(tick);
        }
    }

    /** What the count register means: 0 is the highest count; waves need at least 2. */
    private int count() {
        int value = bcd ? fromBcd(countRegister) : countRegister;
        if (value == 0) {
            return modulus();
        }
        return (mode == 2 || mode == 3) && value == 1 ? 2 : value;
    }

    private int modulus() {
        return bcd ? 10_000 : 65_536;
    }

    private int highHalf() {
        return (initial + 1) / 2;
    }

    private void stop(long tick) {
        if (counting) {
            standing = tick - origin;
            counting = false;
        }
    }

    private void resume(long tick) {
        origin = tick - standing;
        counting = true;
    }

    private void stopAndForgetOutput(long tick) {
        int value = element(tick);
        counting = false;
        active = false;
        initial = value;
        standing = 0;
        loadAt = NEVER;
    }

    private long elapsed(long tick) {
        return counting ? tick - origin : standing;
    }

    /** The tick at which the cycle that runs, or in mode 3 its half, is over. */
    private long endOfCycle(long tick) {
        long elapsed = tick - origin;
        long start = origin + elapsed / initial * initial;
        if (mode == 3 && elapsed % initial < highHalf()) {
            loadsLowHalf = true;
            return start + highHalf();
        }
        return start + initial;
    }

    /** What the counting element holds, 0 to the highest count less one. */
    private int element(long tick) {
        long elapsed = elapsed(tick);
        if (active && mode == 2) {
            return (int) (initial - elapsed % initial) % modulus();
        }
        if (active && mode == 3) {
            int position = (int) (elapsed % initial);
            int half = position < highHalf() ? position : position - highHalf();
            return ((initial & ~1) - 2 * half) % modulus();
        }
        return (int) Math.floorMod(initial - elapsed, (long) modulus());
    }

    private int shown(long tick) {
        int value = element(tick);
        return bcd ? toBcd(value) : value;
    }

    private void roseIf(boolean rose) {
        if (rose) {
            risingEdges++;
        }
    }

    /** A digit above 9 counts as 9: the data sheet leaves it open. */
    private static int fromBcd(int bcd) {
        int value = 0;
        for (int shift = 12; shift >= 0; shift -= 4) {
            value = value * 10 + Math.min(bcd >> shift & 0xF, 9);
        }
        return value;
    }

    private static int toBcd(int value) {
        return value / 1000 % 10 << 12 | value / 100 % 10 << 8 | value / 10 % 10 << 4 | value % 10;
    }
}
