package io.javisor.devices.virtio.queue;

/** How a driver broke a ring. The constants name counters. */
public enum QueueFault {
    /** The available index ran ahead of the used one by more than the queue holds. */
    INDEX_JUMP,
    /** A head or a next field names no descriptor of the table. */
    BAD_INDEX,
    /** A chain is longer than the queue: it loops, or is illegally long (virtio 1.2 §2.7.5.3.1). */
    CHAIN_TOO_LONG,
    /** An indirect table that was not negotiated, lies within an indirect table, is chained on, or is no whole number of descriptors. */
    BAD_INDIRECT_TABLE,
    /** A descriptor, a table or a ring lies outside RAM or across its end. */
    NOT_RAM,
    /** A device-readable descriptor after a device-writable one (virtio 1.2 §2.7.4.2). */
    WRONG_DIRECTION
}
