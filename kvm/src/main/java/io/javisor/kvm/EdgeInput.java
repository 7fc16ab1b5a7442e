package io.javisor.kvm;

import io.javisor.core.event.EventFd;
import io.javisor.core.irq.ConnectedLine;
import io.javisor.core.irq.EdgeLine;
import java.util.function.Consumer;

/**
 * An edge-triggered input: an irqfd asserts and at once de-asserts its GSI. All devices on the input share it: two irqfds could pulse
 * at the same moment, and the interrupt controller would see one edge. {@link KvmLines} guards the number of lines.
 */
final class EdgeInput {
    private final KvmIrqs irqs;
    private final int gsi;
    private final EventFd eventFd;
    private int lines;

    EdgeInput(KvmIrqs irqs, int gsi) {
        this.irqs = irqs;
        this.gsi = gsi;
        this.eventFd = EventFd.create("irqfd of GSI " + gsi);
        try {
            irqs.assignIrqfd(gsi, eventFd.fd().value());
        } catch (RuntimeException e) {
            eventFd.close();
            throw e;
        }
    }

    int gsi() {
        return gsi;
    }

    ConnectedLine connect(Consumer<EdgeInput> release) {
        lines++;
        return new EdgeLine(eventFd::signal, () -> release.accept(this));
    }

    /** Counts a line less; true after the last, when the irqfd is gone. */
    boolean disconnect() {
        if (--lines > 0) {
            return false;
        }
        irqs.deassignIrqfd(gsi, eventFd.fd().value());
        eventFd.close();
        return true;
    }
}
