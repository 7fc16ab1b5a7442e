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

    /** Disconnects. The device must no longer use the line. */
    @Override
    public void close() {
        irqs.deassignIrqfd(gsi, eventFd.value());
        eventFd.close();
    }
}
