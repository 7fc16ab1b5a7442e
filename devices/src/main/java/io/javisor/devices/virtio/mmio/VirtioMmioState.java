package io.javisor.devices.virtio.mmio;

import io.javisor.devices.virtio.VirtioFunctionState;

/**
 * The state of a {@link VirtioMmioTransport}, for a snapshot.
 *
 * @param version {@link #VERSION}
 * @param interruptStatus what the driver has not acknowledged
 */
public record VirtioMmioState(int version, int interruptStatus, VirtioFunctionState function) {
    /** The only version so far. */
    public static final int VERSION = 1;

    /** @throws IllegalArgumentException if a value is one that no device can be in */
    public VirtioMmioState {
        if (version != VERSION) {
            throw new IllegalArgumentException("virtio-mmio state: version " + version + ", not " + VERSION);
        }
        if ((interruptStatus & ~3) != 0) {
            throw new IllegalArgumentException("virtio-mmio state: interrupt status is " + interruptStatus);
        }
    }
}
