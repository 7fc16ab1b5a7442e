package io.javisor.devices.virtio;

import io.javisor.devices.virtio.queue.QueueState;
import org.jspecify.annotations.Nullable;

/**
 * One queue's registers, for a snapshot.
 *
 * @param size as the driver wrote it, any 32 bits
 * @param ready whether the driver has made it ready
 * @param stopped whether it was reset by itself
 * @param ring where the device stands in it; null unless it is in use
 */
public record QueueRegistersState(
        int size,
        long descriptorGpa,
        long driverGpa,
        long deviceGpa,
        boolean ready,
        boolean stopped,
        @Nullable QueueState ring) {}
