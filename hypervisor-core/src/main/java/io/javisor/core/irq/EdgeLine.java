package io.javisor.core.irq;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A device's line to an edge-triggered input of the interrupt chips: one pulse each time the device's level goes from low to high, whatever the
 * levels of the others on the input are. Any thread.
 */
public final class EdgeLine implements ConnectedLine {
    private final Runnable pulse;
    private final Runnable disconnect;
    private final AtomicBoolean asserted = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * A line, lowered.
     *
     * @param pulse sends an edge, on the thread that raises the line; must allocate nothing and wait for nobody
     * @param disconnect is run when the line is closed, once
     */
    public EdgeLine(Runnable pulse, Runnable disconnect) {
        this.pulse = pulse;
        this.disconnect = disconnect;
    }

    @Override
    public void raise() {
        if (!asserted.getAndSet(true)) {
            pulse.run();
        }
    }

    @Override
    public void lower() {
        asserted.set(false);
    }

    /** Pulses the input whatever the level is, and leaves the level alone: two at a time are two pulses, not one. */
    @Override
    public void pulse() {
        pulse.run();
    }

    @Override
    public void close() {
        if (!closed.getAndSet(true)) {
            lower();
            disconnect.run();
        }
    }
}
