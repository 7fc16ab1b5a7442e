package io.javisor.testkit;

import io.javisor.core.irq.InterruptLine;

/** An interrupt line that remembers its level and its rising edges. */
public final class RecordingLine implements InterruptLine {
    private boolean high;
    private int edges;

    @Override
    public void raise() {
        if (!high) {
            edges++;
        }
        high = true;
    }

    @Override
    public void lower() {
        high = false;
    }

    public boolean isHigh() {
        return high;
    }

    /** Rising edges so far. */
    public int edges() {
        return edges;
    }
}
