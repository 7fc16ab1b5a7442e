package io.javisor.devices.virtio;

/** The three parts of a queue, whose addresses a driver sets (virtio 1.2 §2.6). */
public enum QueueArea {
    /** Descriptor table, or packed ring. */
    DESCRIPTOR,
    /** Available ring, or driver event suppression. */
    DRIVER,
    /** Used ring, or device event suppression. */
    DEVICE
}
