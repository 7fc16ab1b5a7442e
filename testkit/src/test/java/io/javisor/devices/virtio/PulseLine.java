package io.javisor.devices.virtio;

import io.javisor.core.irq.InterruptLine;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts pulses; a virtio device makes nothing else of a line. */
public final class PulseLine implements InterruptLine {
    private final AtomicInteger pulses = new AtomicInteger();

    @Override
    public void raise() {
        throw new AssertionError("raised");
    }

    @Override
    public void lower() {
        throw new AssertionError("lowered");
    }

    @Override
    public void pulse() {
        pulses.incrementAndGet();
    }

    public int pulses() {
        return pulses.get();
    }

    /** How many since the last call. */
    public int takePulses() {
        return pulses.getAndSet(0);
    }
}
