package io.javisor.emulator.apic;

import java.util.concurrent.atomic.AtomicInteger;

/** Thirty-two bits that any thread sets and clears, with the order of volatile accesses. */
final class AtomicBits {
    private final AtomicInteger bits = new AtomicInteger();

    int get() {
        return bits.get();
    }

    /** Returns the bits as they were. */
    int set(int set) {
        return replace(0, set);
    }

    /** Returns the bits as they were. */
    int clear(int cleared) {
        return replace(cleared, 0);
    }

    /** Clears some, then sets some, in one; returns the bits as they were. */
    int replace(int cleared, int set) {
        int before;
        do {
            before = bits.get();
        } while (!bits.compareAndSet(before, (before & ~cleared) | set));
        return before;
    }

    /** Clears some unless one of {@code guard} is set; returns the bits as they were. */
    int clearUnless(int guard, int cleared) {
        int before;
        do {
            before = bits.get();
        } while ((before & guard) == 0 && !bits.compareAndSet(before, before & ~cleared));
        return before;
    }

    int take() {
        return bits.getAndSet(0);
    }

    void restore(int saved) {
        bits.set(saved);
    }
}
