package io.javisor.emulator.run;

import io.javisor.core.host.Libc;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What steps have read and written in RAM, so that it can be undone and compared with what a block does. For the vCPU's thread alone.
 */
final class AccessLog {
    /** What is accessed cannot be logged: device memory, a page whose writes are to be told, or too much. */
    static final class Unlogged extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private Unlogged() {
            super("not to be logged", null, false, false);
        }
    }

    @SuppressWarnings("StaticAssignmentOfThrowable") // it has no stack and no suppressed ones
    private static final Unlogged UNLOGGED = new Unlogged();

    private static final MemorySegment ALL = Libc.segmentAt(0, Long.MAX_VALUE);
    private static final int MOST_BYTES = 1 << 16;
    private static final int MOST_ENTRIES = 1 << 10;
    private static final int NONE = -1;

    private final Entries loads = new Entries();
    private final Entries stores = new Entries();
    private boolean active;
    private int step;
    private int settled;

    private static final class Entries {
        final long[] hvas = new long[MOST_ENTRIES];
        final long[] linears = new long[MOST_ENTRIES];
        final int[] sizes = new int[MOST_ENTRIES];
        final int[] steps = new int[MOST_ENTRIES];
        final int[] places = new int[MOST_ENTRIES];
        final byte[] before = new byte[MOST_BYTES];
        final byte[] after = new byte[MOST_BYTES];
        final byte[] now = new byte[MOST_BYTES];
        int count;
        int bytes;

        void clear() {
            count = 0;
            bytes = 0;
        }

        void add(long hva, long linear, int size, int step) {
            if (count == MOST_ENTRIES || bytes + size > MOST_BYTES) {
                throw UNLOGGED;
            }
            hvas[count] = hva;
            linears[count] = linear;
            sizes[count] = size;
            steps[count] = step;
            places[count] = bytes;
            copy(count, before);
            bytes += size;
            count++;
        }

        void copy(int entry, byte[] to) {
            MemorySegment.copy(ALL, hvas[entry], MemorySegment.ofArray(to), places[entry], sizes[entry]);
        }

        /** The first of entry {@code i}'s bytes that is another now and that no later store of {@code others} covers, or {@link #NONE}. */
        int different(int i, byte[] expected, Entries others, int from, int limit) {
            copy(i, now);
            int start = places[i];
            if (Arrays.equals(now, start, start + sizes[i], expected, start, start + sizes[i])) {
                return NONE;
            }
            for (int b = 0; b < sizes[i]; b++) {
                if (now[start + b] != expected[start + b] && !others.covers(hvas[i] + b, from, limit)) {
                    return b;
                }
            }
            return NONE;
        }

        private boolean covers(long hva, int from, int limit) {
            for (int i = from; i < count && steps[i] < limit; i++) {
                if (hva >= hvas[i] && hva < hvas[i] + sizes[i]) {
                    return true;
                }
            }
            return false;
        }
    }

    /** Whether accesses are to be logged. */
    boolean active() {
        return active;
    }

    /** Forgets all; accesses are logged from now on. */
    void begin() {
        loads.clear();
        stores.clear();
        step = 0;
        settled = 0;
        active = true;
    }

    /** The steps are over: from now on nothing is logged. */
    void end() {
        active = false;
    }

    /** A step is done: what it wrote is kept. */
    void stepDone() {
        for (; settled < stores.count; settled++) {
            stores.copy(settled, stores.after);
        }
        step++;
    }

    /**
     * The next thing is a load.
     *
     * @throws Unlogged if there is no room
     */
    void load(long hva, long linear, int size) {
        loads.add(hva, linear, size, step);
    }

    /** The next thing is a store. Throws as {@link #load}. */
    void store(long hva, long linear, int size) {
        stores.add(hva, linear, size, step);
    }

    static Unlogged unlogged() {
        return UNLOGGED;
    }

    /** Gives memory back what was in it. */
    void undo() {
        for (int i = stores.count - 1; i >= 0; i--) {
            MemorySegment.copy(
                    MemorySegment.ofArray(stores.before), stores.places[i], ALL, stores.hvas[i], stores.sizes[i]);
        }
    }

    /** Says what is not in memory that the first {@code limit} steps left there; null for nothing. */
    @Nullable
    String difference(int limit) {
        for (int i = 0; i < stores.count && stores.steps[i] < limit; i++) {
            int at = stores.different(i, stores.after, stores, i + 1, limit);
            if (at != NONE) {
                int place = stores.places[i] + at;
                return KeptStates.say(
                        "the byte at %016x".formatted(stores.linears[i] + at),
                        "%02x".formatted(stores.after[place]),
                        "%02x".formatted(stores.now[place]));
            }
        }
        return null;
    }

    /** Whether somebody else has written to what the first steps, and one more, had read. */
    boolean disturbed(int limit) {
        for (int i = 0; i < loads.count && loads.steps[i] <= limit; i++) {
            if (loads.different(i, loads.before, stores, 0, Integer.MAX_VALUE) != NONE) {
                return true;
            }
        }
        return false;
    }
}
