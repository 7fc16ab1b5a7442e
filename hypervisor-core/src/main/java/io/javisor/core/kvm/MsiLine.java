package io.javisor.core.kvm;

import io.javisor.core.irq.GsiRouter;
import io.javisor.core.irq.InterruptLine;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A message-signalled interrupt: an irqfd on a GSI of its own, routed to the message that the guest programmed. One message is sent
 * each time the device's level goes from low to high; none while no message is programmed.
 */
public final class MsiLine implements InterruptLine, AutoCloseable {
    private final KvmIrqs irqs;
    private final GsiRouter router;
    private final int gsi;
    private final IrqEventFd eventFd;
    private final AtomicBoolean asserted = new AtomicBoolean();

    /** Takes a GSI from {@code router}; no message is programmed. */
    public MsiLine(KvmIrqs irqs, GsiRouter router) {
        this.irqs = irqs;
        this.router = router;
        this.gsi = router.allocateMessageGsi();
        try {
            this.eventFd = new IrqEventFd("irqfd of GSI " + gsi);
        } catch (RuntimeException e) {
            router.release(gsi);
            throw e;
        }
        try {
            irqs.assignIrqfd(gsi, eventFd.value());
        } catch (RuntimeException e) {
            eventFd.close();
            router.release(gsi);
            throw e;
        }
    }

    /** The guest programs the message. */
    public void program(long addressGpa, int data) {
        router.routeMessage(gsi, addressGpa, data);
    }

    /** The guest masks the message, or switches it off: what is raised meanwhile is lost. */
    public void unprogram() {
        router.unroute(gsi);
    }

    /** The eventfd that sends the message, for a host service that signals it itself, such as vhost. */
    public int eventFd() {
        return eventFd.value();
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

    /** Disconnects and gives the GSI back. The device must no longer use the line. */
    @Override
    public void close() {
        irqs.deassignIrqfd(gsi, eventFd.value());
        eventFd.close();
        router.release(gsi);
    }
}
