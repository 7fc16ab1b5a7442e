package io.javisor.core.kvm;

import io.javisor.core.irq.InterruptLine;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An edge-triggered line: an irqfd asserts and at once de-asserts its GSI, so one pulse reaches the guest each time the device's
 * level goes from low to high. For ISA devices and virtio-mmio.
 */
public final class EdgeLine implements InterruptLine, AutoCloseable {
    private final KvmIrqs irqs;
    private final int gsi;
    private final IrqEventFd eventFd;
    private final AtomicBoolean asserted = new AtomicBoolean();

    /** Connects to {@code gsi}. */
    public EdgeLine(KvmIrqs irqs, int gsi) {
        this.irqs = irqs;
        this.gsi = gsi;
        this.eventFd = new IrqEventFd("irqfd of GSI " + gsi);
        try {
            irqs.assignIrqfd(gsi, eventFd.value());
        } catch (RuntimeException e) {
            eventFd.close();
            throw e;
        }
    }

    @Override
    public void raise() {
        if (!asserted.getAndSet(true)) {
            eventFd.signal();
        }
    }

    @Override
    public void lower() {
        asserted.set(false);
    }

    /** Pulses the GSI whatever the level is, and leaves the level alone: two at a time are two pulses, not one. */
    @Override
    public void pulse() {
        eventFd.signal();
    }

    /**
     * A line for another device on the same GSI: a rise of either pulses it, whatever the other's level is, so neither device can mask
     * the other. They share the irqfd: two on one GSI could pulse at the same moment, and the interrupt controller would see one edge.
     * Both end with this one's {@link #close}.
     */
    public InterruptLine share() {
        return new Shared();
    }

    /** Disconnects. The device must no longer use the line. */
    @Override
    public void close() {
        irqs.deassignIrqfd(gsi, eventFd.value());
        eventFd.close();
    }

    private final class Shared implements InterruptLine {
        private final AtomicBoolean level = new AtomicBoolean();

        @Override
        public void raise() {
            if (!level.getAndSet(true)) {
                eventFd.signal();
            }
        }

        @Override
        public void lower() {
            level.set(false);
        }

        @Override
        public void pulse() {
            eventFd.signal();
        }
    }
}
