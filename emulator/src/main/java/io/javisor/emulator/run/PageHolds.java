package io.javisor.emulator.run;

/**
 * Pages whose blocks were dropped again and again: for a while, nothing is made of them. A small table without chains, whose entries push
 * each other out.
 */
final class PageHolds {
    private static final int ENTRIES = 1 << 10;
    private static final int PATIENCE = 4;
    private static final int LONGEST_SHIFT = 6;
    private static final long SHORTEST_NANOS = 10_000_000;

    private final long[] pages = new long[ENTRIES];
    private final int[] drops = new int[ENTRIES];
    private final long[] until = new long[ENTRIES];

    private static int index(long pageGpa) {
        return (int) (pageGpa >>> 12) & ENTRIES - 1;
    }

    void dropped(long pageGpa) {
        int at = index(pageGpa);
        if (pages[at] != pageGpa) {
            pages[at] = pageGpa;
            drops[at] = 0;
        }
        int count = ++drops[at];
        if (count >= PATIENCE) {
            int shift = Math.min(count - PATIENCE, LONGEST_SHIFT);
            until[at] = System.nanoTime() + (SHORTEST_NANOS << shift);
        }
    }

    boolean isHeld(long pageGpa) {
        int at = index(pageGpa);
        return pages[at] == pageGpa && drops[at] >= PATIENCE && System.nanoTime() - until[at] < 0;
    }
}
