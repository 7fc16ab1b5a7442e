package io.javisor.devices.virtio;

/**
 * Where the driver rings for a queue: a write that an engine may hand to the event loop without the device's registers.
 *
 * @param queue the queue's number
 * @param offset from the start of the registers that the transport shows
 * @param sizeBytes the width of the write: 2 or 4
 * @param value what is written
 */
public record QueueDoorbell(int queue, long offset, int sizeBytes, long value) {}
