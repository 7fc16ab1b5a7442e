package io.javisor.emulator.apic;

import io.javisor.core.irq.InterruptLine;

/** The pins LINT0 and LINT1: their levels, and rises that the processor has not yet looked at. Any thread. */
final class LintPins {
    static final int LINT0 = 1;
    static final int LINT1 = 1 << 1;

    private final ApicOwner owner;
    private final AtomicBits levels = new AtomicBits();
    private final AtomicBits edges = new AtomicBits();
    private final InterruptLine lint0 = new Pin(LINT0);
    private final InterruptLine lint1 = new Pin(LINT1);

    LintPins(ApicOwner owner) {
        this.owner = owner;
    }

    InterruptLine lint0() {
        return lint0;
    }

    InterruptLine lint1() {
        return lint1;
    }

    boolean isHigh(int pin) {
        return (levels.get() & pin) != 0;
    }

    /** The pins that have risen since the last call. */
    int takeEdges() {
        return edges.get() == 0 ? 0 : edges.take();
    }

    int levels() {
        return levels.get();
    }

    int edges() {
        return edges.get();
    }

    void restore(int savedLevels, int savedEdges) {
        levels.restore(savedLevels);
        edges.restore(savedEdges);
    }

    private final class Pin implements InterruptLine {
        private final int pin;

        Pin(int pin) {
            this.pin = pin;
        }

        @Override
        public void raise() {
            if ((levels.set(pin) & pin) == 0) {
                rise();
            }
        }

        @Override
        public void lower() {
            int _ = levels.clear(pin);
        }

        @Override
        public void pulse() {
            lower();
            rise();
        }

        private void rise() {
            int _ = edges.set(pin);
            owner.kick();
        }
    }
}
