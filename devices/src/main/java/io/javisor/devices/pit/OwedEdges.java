package io.javisor.devices.pit;

/**
 * The interrupts of counter 0 that are still to be delivered. A host's thread comes late now and then; then edges would be lost and with
 * them the time of a guest that counts its ticks. So each is owed, and what is late follows at twice the counter's rate, as far apart that
 * the guest can take them one by one; up to {@value #MAX_OWED}, those beyond it are lost. KVM's timer does the same, by the guest's
 * acknowledgements ("reinject").
 */
final class OwedEdges {
    /** A second at 1000 Hz. */
    static final int MAX_OWED = 1000;

    /** No two interrupts are nearer than this, however fast the guest lets the counter run. */
    static final long MIN_GAP_NANOS = 50_000;

    private int owed;
    private long notBeforeNanos;
    private long delivered;
    private long late;
    private long lost;

    OwedEdges(long nowNanos) {
        notBeforeNanos = nowNanos;
    }

    void add(long edges) {
        long sum = owed + edges;
        owed = (int) Math.min(sum, MAX_OWED);
        lost += sum - owed;
    }

    /** The guest has programmed the counter anew: nothing of the old rate is owed. */
    void forgive() {
        owed = 0;
    }

    int owed() {
        return owed;
    }

    void restore(int edges, long nowNanos) {
        owed = edges;
        notBeforeNanos = nowNanos;
    }

    /**
     * Whether one is to be delivered now; it is taken then.
     *
     * @param periodNanos of the counter
     */
    boolean take(long periodNanos, long nowNanos) {
        if (owed == 0 || nowNanos < notBeforeNanos) {
            return false;
        }
        owed--;
        delivered++;
        if (owed > 0) {
            late++;
        }
        notBeforeNanos = nowNanos + (owed > 0 ? Math.max(periodNanos / 2, MIN_GAP_NANOS) : MIN_GAP_NANOS);
        return true;
    }

    /** When the next may be delivered at the soonest, from now; not negative. */
    long nanosToNext(long nowNanos) {
        return Math.max(0, notBeforeNanos - nowNanos);
    }

    long delivered() {
        return delivered;
    }

    long late() {
        return late;
    }

    long lost() {
        return lost;
    }
}
