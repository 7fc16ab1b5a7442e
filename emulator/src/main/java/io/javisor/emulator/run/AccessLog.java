package io.javisor.emulator.run;

import io.javisor.core.host.Libc;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What steps have read in RAM, and what they would have written: nobody else sees that, but later steps do. So it can be forgotten, and
 * compared with what a block does. For the vCPU's thread alone.
 */
final class AccessLog {
    /** What is accessed cannot be logged: what is not in the TLB with the right to it, or too much. */
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

    private static final class Entries {
        final long[] hvas = new long[MOST_ENTRIES];
        final long[] linears = new long[MOST_ENTRIES];
        final int[] sizes = new int[MOST_ENTRIES];
        final int[] steps = new int[MOST_ENTRIES];
        final int[] places = new int[MOST_ENTRIES];
        final byte[] then = new byte[MOST_BYTES];
        final byte[] now = new byte[MOST_BYTES];
        final MemorySegment thenSegment = MemorySegment.ofArray(then);
        final MemorySegment nowSegment = MemorySegment.ofArray(now);
        int count;
        int bytes;

        void clear() {
            count = 0;
            bytes = 0;
        }

        /** Adds what is at {@code from}, which may be {@code hva} itself. Returns its place in {@link #then}. */
        int add(long hva, long linear, int size, int step, long from) {
            int last = count - 1;
            boolean follows = last >= 0
                    && steps[last] == step
                    && hvas[last] + sizes[last] == hva
                    && linears[last] + sizes[last] == linear;
            if (bytes + size > MOST_BYTES || (!follows && count == MOST_ENTRIES)) {
                throw UNLOGGED;
            }
            int place = bytes;
            MemorySegment.copy(ALL, from, thenSegment, place, size);
            bytes += size;
            if (follows) {
                sizes[last] += size;
                return place;
            }
            hvas[count] = hva;
            linears[count] = linear;
            sizes[count] = size;
            steps[count] = step;
            places[count] = place;
            count++;
            return place;
        }

        /** The first of entry {@code i}'s bytes that is another now and that no later store of {@code others} covers, or {@link #NONE}. */
        int different(int i, Entries others, int from, int limit) {
            int start = places[i];
            int end = start + sizes[i];
            MemorySegment.copy(ALL, hvas[i], nowSegment, start, sizes[i]);
            if (Arrays.equals(now, start, end, then, start, end)) {
                return NONE;
            }
            for (int b = 0; b < sizes[i]; b++) {
                if (now[start + b] != then[start + b] && !others.covers(hvas[i] + b, from, limit)) {
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

        /** Puts what was stored last to some bytes over what is at {@code to}. */
        void overlay(long hva, int size, long to) {
            for (int i = 0; i < count; i++) {
                long start = Math.max(hva, hvas[i]);
                long end = Math.min(hva + size, hvas[i] + sizes[i]);
                if (start < end) {
                    MemorySegment.copy(thenSegment, places[i] + start - hvas[i], ALL, to + start - hva, end - start);
                }
            }
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
        active = true;
    }

    /** The steps are over: from now on nothing is logged. */
    void end() {
        active = false;
    }

    /** A step is done. */
    void stepDone() {
        step++;
    }

    /**
     * Reads for a step: what is in RAM, or was stored by steps before.
     *
     * @param to where on the host it comes to
     * @throws Unlogged if there is no room
     */
    void load(long hva, long linear, int size, long to) {
        int place = loads.add(hva, linear, size, step, hva);
        MemorySegment.copy(loads.thenSegment, place, ALL, to, size);
        stores.overlay(hva, size, to);
    }

    /** Writes for a step what is at {@code from} on the host. Throws as {@link #load}. */
    void store(long hva, long linear, int size, long from) {
        int _ = stores.add(hva, linear, size, step, from);
    }

    static Unlogged unlogged() {
        return UNLOGGED;
    }

    /** Says what is not in memory that the first {@code limit} steps would have left there; null for nothing. */
    @Nullable
    String difference(int limit) {
        for (int i = 0; i < stores.count && stores.steps[i] < limit; i++) {
            int at = stores.different(i, stores, i + 1, limit);
            if (at != NONE) {
                int place = stores.places[i] + at;
                return KeptStates.say(
                        "the byte at %016x".formatted(stores.linears[i] + at),
                        "%02x".formatted(stores.then[place]),
                        "%02x".formatted(stores.now[place]));
            }
        }
        return null;
    }

    /** Whether somebody else has written to what the first steps, and one more, had read. */
    boolean disturbed(int limit) {
        for (int i = 0; i < loads.count && loads.steps[i] <= limit; i++) {
            if (loads.different(i, stores, 0, Integer.MAX_VALUE) != NONE) {
                return true;
            }
        }
        return false;
    }
}
