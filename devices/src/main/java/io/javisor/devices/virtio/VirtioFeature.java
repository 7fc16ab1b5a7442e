package io.javisor.devices.virtio;

import io.javisor.devices.virtio.queue.RingFeature;

/** The numbers of features that are not of one device (virtio 1.2 §6), and how a number becomes a mask. */
public final class VirtioFeature {
    public static final int VIRTIO_F_INDIRECT_DESC = RingFeature.VIRTIO_F_INDIRECT_DESC;
    public static final int VIRTIO_F_EVENT_IDX = RingFeature.VIRTIO_F_EVENT_IDX;
    public static final int VIRTIO_F_VERSION_1 = 32;
    public static final int VIRTIO_F_ACCESS_PLATFORM = 33;
    public static final int VIRTIO_F_RING_PACKED = RingFeature.VIRTIO_F_RING_PACKED;
    public static final int VIRTIO_F_IN_ORDER = RingFeature.VIRTIO_F_IN_ORDER;
    public static final int VIRTIO_F_ORDER_PLATFORM = 36;
    public static final int VIRTIO_F_SR_IOV = 37;
    public static final int VIRTIO_F_NOTIFICATION_DATA = 38;
    public static final int VIRTIO_F_NOTIF_CONFIG_DATA = 39;
    public static final int VIRTIO_F_RING_RESET = 40;

    private VirtioFeature() {}

    /** The mask of a feature's number, 0 to 63. */
    public static long mask(int number) {
        return 1L << number;
    }

    /** Whether {@code features} has the feature with that number. */
    public static boolean has(long features, int number) {
        return (features & mask(number)) != 0;
    }
}
