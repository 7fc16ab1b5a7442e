package io.javisor.devices.virtio;

/** The bits of the device status field (virtio 1.2 §2.1), named as in {@code linux/virtio_config.h}. */
public final class VirtioStatus {
    /** The guest has found the device. */
    public static final int VIRTIO_CONFIG_S_ACKNOWLEDGE = 1;
    /** The guest has a driver for it. */
    public static final int VIRTIO_CONFIG_S_DRIVER = 2;
    /** The driver is ready: the device works. */
    public static final int VIRTIO_CONFIG_S_DRIVER_OK = 4;
    /** Features are agreed on. */
    public static final int VIRTIO_CONFIG_S_FEATURES_OK = 8;
    /** The device can't go on. Set by the device alone. */
    public static final int VIRTIO_CONFIG_S_NEEDS_RESET = 0x40;
    /** The driver has given up. */
    public static final int VIRTIO_CONFIG_S_FAILED = 0x80;

    /** What a driver may set. */
    static final int DRIVER_BITS_MASK = VIRTIO_CONFIG_S_ACKNOWLEDGE
            | VIRTIO_CONFIG_S_DRIVER
            | VIRTIO_CONFIG_S_DRIVER_OK
            | VIRTIO_CONFIG_S_FEATURES_OK
            | VIRTIO_CONFIG_S_FAILED;

    private VirtioStatus() {}
}
