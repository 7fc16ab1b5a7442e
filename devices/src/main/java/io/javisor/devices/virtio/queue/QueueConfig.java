package io.javisor.devices.virtio.queue;

/**
 * Where a driver has put a queue.
 *
 * @param size number of descriptors; for a split ring a power of two, at most 32768
 * @param descriptorGpa of the descriptor table, 16-aligned
 * @param driverGpa of the available ring, 2-aligned
 * @param deviceGpa of the used ring, 4-aligned
 */
public record QueueConfig(int size, long descriptorGpa, long driverGpa, long deviceGpa) {}
