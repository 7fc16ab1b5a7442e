package io.javisor.devices.virtio.queue;

/**
 * Where a queue's device side stands. The rings themselves are in the guest's memory.
 *
 * @param version of this record: 1
 * @param size number of descriptors
 * @param descriptorGpa of the descriptor table (or packed ring)
 * @param driverGpa of the available ring (or driver event suppression)
 * @param deviceGpa of the used ring (or device event suppression)
 * @param nextAvailable index of the next chain to take, 16 bits
 * @param nextUsed index of the next used entry, 16 bits
 */
public record QueueState(
        int version, int size, long descriptorGpa, long driverGpa, long deviceGpa, int nextAvailable, int nextUsed) {}
