package io.javisor.devices.pc;

import io.javisor.core.irq.ConnectedLine;

/** A device's line to a level-triggered input, which is asserted while any of its lines is. */
final class LevelLine implements ConnectedLine {
    private final ChipInput input;
    private boolean asserted; // guarded by input

    LevelLine(ChipInput input) {
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
