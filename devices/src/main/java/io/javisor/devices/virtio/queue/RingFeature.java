package io.javisor.devices.virtio.queue;

/** The numbers of the features that change what a ring looks like (virtio 1.2 §6). */
public final class RingFeature {
    public static final int VIRTIO_F_INDIRECT_DESC = 28;
    public static final int VIRTIO_F_EVENT_IDX = 29;
    public static final int VIRTIO_F_RING_PACKED = 34;
    public static final int VIRTIO_F_IN_ORDER = 35;

    private RingFeature() {}

    /** Whether {@code features} has the feature with that number. */
    static boolean has(long features, int number) {
        return (features & 1L << number) != 0;
    }
}
