package io.javisor.devices.virtio;

/** What a driver does wrong with a device's registers. The constants name counters; each such access does nothing else. */
public enum VirtioFault {
    /** An access of a width or at an offset that no register has. */
    BAD_ACCESS,
    /** A write to a register that is to be read only, or a read of one to be written only. */
    WRONG_DIRECTION,
    /** A configuration access past the space's end, or of a width that no field has. */
    BAD_CONFIG_ACCESS,
    /** A write to the configuration space before FEATURES_OK (virtio 1.2 §3.1.1). */
    EARLY_CONFIG_WRITE,
    /** A status bit that is no driver's, comes before its predecessor, is taken back, or follows FAILED. */
    BAD_STATUS,
    /** Features that the device refuses: FEATURES_OK stays clear. */
    BAD_FEATURES,
    /** Features written after FEATURES_OK. */
    LATE_FEATURES,
    /** A queue's register while a queue is selected that does not exist. */
    NO_SUCH_QUEUE,
    /** A queue's size is 0, too large, or no power of two. */
    BAD_QUEUE_SIZE,
    /** A part of a queue is not aligned. */
    MISALIGNED_QUEUE,
    /** A part of a queue is not RAM. */
    QUEUE_NOT_RAM,
    /** A queue is made ready before FEATURES_OK. */
    EARLY_QUEUE,
    /** A queue is changed while it is ready, or one that was not reset is made ready after DRIVER_OK. */
    LATE_QUEUE,
    /** A queue is reset without VIRTIO_F_RING_RESET, or when it is not ready. */
    BAD_QUEUE_RESET,
    /** A doorbell before DRIVER_OK. */
    EARLY_DOORBELL,
    /** A doorbell of a queue that does not exist or is not ready. */
    BAD_DOORBELL,
    /** An interrupt is acknowledged that there is none of. */
    BAD_ACKNOWLEDGE,
    /** A write while a reset is under way. */
    BUSY
}
