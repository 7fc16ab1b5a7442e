package io.javisor.devices.virtio.balloon;

/** Numbers of virtio 1.2 §5.5, by their names in {@code include/uapi/linux/virtio_balloon.h}. */
public final class BalloonProtocol {
    public static final int DEVICE_ID = 5;

    // Feature numbers, §5.5.3.
    public static final int VIRTIO_BALLOON_F_STATS_VQ = 1;
    public static final int VIRTIO_BALLOON_F_DEFLATE_ON_OOM = 2;
    public static final int VIRTIO_BALLOON_F_REPORTING = 5;

    // Configuration space, §5.5.4, little-endian.
    public static final int NUM_PAGES_OFFSET = 0; // R
    public static final int ACTUAL_OFFSET = 4; // RW
    public static final int CONFIG_SIZE = 8;

    /** A page of the balloon, whatever a guest's or the host's are (§5.5.6). */
    public static final int PAGE_SIZE = 4096;

    public static final int PAGE_SHIFT = 12;

    /** A page's number in a request. */
    public static final int PFN_SIZE = Integer.BYTES;

    /** {@code struct virtio_balloon_stat}, packed: tag, le16, and value, le64 (§5.5.6.3). */
    public static final int STAT_SIZE = 10;

    public static final int STAT_VALUE_OFFSET = 2;

    private BalloonProtocol() {}
}
