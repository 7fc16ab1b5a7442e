package io.javisor.devices.virtio;

import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.virtio.queue.Virtqueue;
import org.jspecify.annotations.Nullable;

/** What an active device reaches of its driver. On the device's event loop only, but for {@link #notifyConfigChange}. Allocates nothing. */
public interface VirtioLink {
    /** The mask of the negotiated features, rings and transport included. */
    long features();

    /** The guest's memory. */
    GuestMemory memory();

    /** A queue, or null if the driver did not make it ready, or the machine is paused: then nothing is taken, and no ring is written to. */
    @Nullable
    Virtqueue queue(int index);

    /** Interrupts the driver for the used buffers of a queue: after {@link Virtqueue#needsNotification} said so. */
    void notifyUsed(int index);

    /** Interrupts the driver because the configuration space changed. From any thread. */
    void notifyConfigChange();

    /** The device can't go on, for the driver's or its own fault: sets DEVICE_NEEDS_RESET and says so to the driver (virtio 1.2 §2.1.2). */
    void needsReset(String reason);
}
