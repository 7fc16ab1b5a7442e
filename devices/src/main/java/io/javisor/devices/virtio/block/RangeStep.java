package io.javisor.devices.virtio.block;

/** How a step of a range is done. */
enum RangeStep {
    /** A hole is made, which moves no data. */
    PUNCH,
    /** The host makes zeroes: on a block device it may write them. */
    ZERO,
    /** Zeroes are written. */
    WRITE
}
