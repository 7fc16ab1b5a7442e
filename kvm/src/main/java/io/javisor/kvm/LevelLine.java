package io.javisor.kvm;

import io.javisor.core.irq.ConnectedLine;

/** A line to a level-triggered input. The last change of a level wins at the controller too. */
final class LevelLine implements ConnectedLine {
    private final LevelInput input;
    private boolean asserted; // guarded by input

    LevelLine(LevelInput input) {
        this.input = input;
    }

    @Override
    public void raise() {
        set(true);
    }

    @Override
    public void lower() {
        set(false);
    }

    @Override
    public void set(boolean level) {
        synchronized (input) {
            if (asserted != level) {
                input.change(level);
                asserted = level;
            }
        }
    }

    @Override
    public void close() {
        lower();
    }
}
