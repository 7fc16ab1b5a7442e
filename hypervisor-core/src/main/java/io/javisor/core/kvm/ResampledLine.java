package io.javisor.core.kvm;

import io.javisor.core.irq.InterruptLine;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A level-triggered line that costs no ioctl a change: an irqfd asserts the input; the guest's acknowledgement (EOI) de-asserts it
 * and signals {@link #resampleFd()}, whereupon the event loop calls {@link #resample()}, which asserts it again if the device still
 * wants service. A line lowered without an acknowledgement stays asserted until there is one: for devices whose driver always
 * acknowledges, PCI INTx for one.
 */
public final class ResampledLine implements InterruptLine, AutoCloseable {
    private final KvmIrqs irqs;
    private final int gsi;
    private final IrqEventFd eventFd;
    private final IrqEventFd resampleFd;
    private final AtomicBoolean asserted = new AtomicBoolean();

    /** Connects to {@code gsi}. */
    public ResampledLine(KvmIrqs irqs, int gsi) {
        this.irqs = irqs;
        this.gsi = gsi;
        this.eventFd = new IrqEventFd("irqfd of GSI " + gsi);
        this.resampleFd = new IrqEventFd("resamplefd of GSI " + gsi);
        try {
            irqs.assignResampledIrqfd(gsi, eventFd.value(), resampleFd.value());
        } catch (RuntimeException e) {
            eventFd.close();
            resampleFd.close();
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

    /** The eventfd to wait on: when it is readable, call {@link #resample()}. */
    public int resampleFd() {
        return resampleFd.value();
    }

    /** Looks at the level again after the guest's acknowledgement. */
    public void resample() {
        if (resampleFd.drain() && asserted.get()) {
            eventFd.signal();
        }
    }

    /** Disconnects. The device must no longer use the line, and nobody waits on {@link #resampleFd()} any more. */
    @Override
    public void close() {
        irqs.deassignIrqfd(gsi, eventFd.value());
        eventFd.close();
        resampleFd.close();
    }
}
