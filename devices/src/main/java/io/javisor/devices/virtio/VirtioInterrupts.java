package io.javisor.devices.virtio;

/** How a transport interrupts the driver. Any thread; never blocks, allocates nothing. */
public interface VirtioInterrupts {
    /** Buffers of a queue were used. */
    void buffersUsed(int queueIndex);

    /** The configuration space or the device's status changed. */
    void configChanged();

    /** Forgets what the driver has not acknowledged. */
    void reset();
}
