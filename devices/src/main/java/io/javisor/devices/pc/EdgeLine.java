package io.javisor.devices.pc;

import io.javisor.core.irq.ConnectedLine;
import java.util.concurrent.atomic.AtomicBoolean;

/** A device's line to an edge-triggered input: one pulse each time its level goes from low to high, whatever the others' levels are. */
final class EdgeLine implements ConnectedLine {
    private final ChipInput input;
    private final AtomicBoolean asserted = new AtomicBoolean();

    EdgeLine(ChipInput input) {
        this.input = input;
    }

    @Override
    public void raise() {
        if (!asserted.getAndSet(true)) {
            input.pulse();
        }
    }

    @Override
    public void lower() {
        asserted.set(false);
    }

    /** Pulses the input whatever the level is, and leaves the level alone. */
    @Override
    public void pulse() {
        input.pulse();
    }

    @Override
    public void close() {
        lower();
    }
}
