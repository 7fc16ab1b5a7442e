package io.javisor.devices.virtio;

import io.javisor.core.irq.InterruptLine;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The interrupt status of a device with one edge-triggered line for everything (virtio 1.2 §4.2.2). The line is pulsed when the status
 * leaves 0, and when an acknowledgement leaves something behind: the driver then always has a pulse coming for what it has not seen,
 * and none for nothing. Of a completion and an acknowledgement at the same moment one comes second: a completion that finds 0
 * pulses, and an acknowledgement that finds more than it takes does. Any thread; no lock.
 */
public final class InterruptStatus implements VirtioInterrupts {
    /** The device used buffers. */
    public static final int VIRTIO_MMIO_INT_VRING = 1;
    /** The configuration changed. */
    public static final int VIRTIO_MMIO_INT_CONFIG = 2;

    static final int MASK = VIRTIO_MMIO_INT_VRING | VIRTIO_MMIO_INT_CONFIG;

    private static final VarHandle PENDING;

    static {
        try {
            PENDING = MethodHandles.lookup().findVarHandle(InterruptStatus.class, "pending", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final InterruptLine line;
    private final VirtioCounters counters;
    private volatile int pending;

    public InterruptStatus(InterruptLine line, VirtioCounters counters) {
        this.line = line;
        this.counters = counters;
    }

    /** What the driver has to see to. */
    public int get() {
        return pending;
    }

    @Override
    public void buffersUsed(int queueIndex) {
        raise(VIRTIO_MMIO_INT_VRING);
    }

    @Override
    public void configChanged() {
        raise(VIRTIO_MMIO_INT_CONFIG);
    }

    /** The driver acknowledges. Returns the bits among them that were not pending. */
    public int acknowledge(int bits) {
        int before = (int) PENDING.getAndBitwiseAnd(this, ~bits);
        if ((before & ~bits) != 0) {
            pulse();
        }
        return bits & ~before;
    }

    @Override
    public void reset() {
        pending = 0;
    }

    /** Adds a saved status. A pulse that was on its way when it was saved is sent again. */
    public void restore(int bits) {
        if ((bits & MASK) != 0) {
            int _ = (int) PENDING.getAndBitwiseOr(this, bits & MASK);
            pulse();
        }
    }

    private void raise(int bit) {
        if ((int) PENDING.getAndBitwiseOr(this, bit) == 0) {
            pulse();
        }
    }

    private void pulse() {
        counters.interrupted();
        line.pulse();
    }
}
