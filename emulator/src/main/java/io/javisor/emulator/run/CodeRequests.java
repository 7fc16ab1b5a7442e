package io.javisor.emulator.run;

import io.javisor.emulator.system.Attention;

/**
 * What a vCPU is asked to do about pages with code, by others and by itself: give up the right to write to them, or drop blocks. Any thread
 * asks; the vCPU's thread carries it out. Allocates nothing.
 */
final class CodeRequests {
    /** {@link #take}: there are no more. */
    static final long NONE = -1;

    /** {@link #take}: there were too many to be told; all pages are meant, blocks too. */
    static final long DROP_ALL = -2;

    /** {@link #take}: there were too many; writes to all pages are to be caught. */
    static final long PROTECT_ALL = -3;

    /** In a request: blocks of the page are to be dropped; else writes are to be caught. */
    static final long DROP = 1;

    private static final int CAPACITY = 1 << 10;

    private final Attention attention;
    private final long[] requests = new long[CAPACITY];
    private int count;
    private boolean protectAll;
    private boolean dropAll;
    private volatile boolean pending;
    private volatile boolean outside = true;

    CodeRequests(Attention attention) {
        this.attention = attention;
    }

    void protect(long pageGpa) {
        add(pageGpa);
    }

    void drop(long pageGpa) {
        add(pageGpa | DROP);
    }

    private void add(long request) {
        boolean wake;
        synchronized (this) {
            if (count == CAPACITY) {
                protectAll = true;
                dropAll |= (request & DROP) != 0;
            } else if (count == 0 || requests[count - 1] != request) {
                requests[count++] = request;
            }
            pending = true;
            wake = !outside;
        }
        if (wake) {
            attention.raise();
        }
    }

    /** Whether {@link #take} has something. */
    boolean pending() {
        return pending;
    }

    /** Whether nothing is asked for that matters to others: all is done, or the vCPU does nothing before it has done it. */
    boolean idle() {
        return outside || !pending;
    }

    /** The vCPU's thread: from now on it touches no guest memory until it has carried out what is pending. */
    void leave() {
        outside = true;
    }

    void enter() {
        outside = false;
    }

    /** The next request, carried out by the vCPU's thread before it touches guest memory. */
    synchronized long take() {
        if (dropAll) {
            dropAll = false;
            return DROP_ALL;
        }
        if (protectAll) {
            protectAll = false;
            return PROTECT_ALL;
        }
        if (count == 0) {
            pending = false;
            return NONE;
        }
        return requests[--count];
    }
}
