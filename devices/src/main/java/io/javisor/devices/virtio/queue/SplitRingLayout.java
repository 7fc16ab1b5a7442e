package io.javisor.devices.virtio.queue;

/** Offsets and flags of a split virtqueue's three parts (virtio 1.2 §2.7). */
public final class SplitRingLayout {
    // struct virtq_desc, §2.7.5
    public static final int DESC_ADDR_OFFSET = 0;
    /** {@code le32 len; le16 flags; le16 next}, read at once. */
    public static final int DESC_LEN_FLAGS_NEXT_OFFSET = 8;

    public static final int DESC_SIZE = 16;

    public static final int VIRTQ_DESC_F_NEXT = 1;
    public static final int VIRTQ_DESC_F_WRITE = 2;
    public static final int VIRTQ_DESC_F_INDIRECT = 4;

    // struct virtq_avail, §2.7.6
    public static final int AVAIL_FLAGS_OFFSET = 0;
    public static final int AVAIL_IDX_OFFSET = 2;
    public static final int AVAIL_RING_OFFSET = 4;
    public static final int AVAIL_ENTRY_SIZE = 2;
    public static final int VIRTQ_AVAIL_F_NO_INTERRUPT = 1;

    // struct virtq_used, §2.7.8
    public static final int USED_FLAGS_OFFSET = 0;
    public static final int USED_IDX_OFFSET = 2;
    public static final int USED_RING_OFFSET = 4;
    /** {@code le32 id; le32 len}, written at once. */
    public static final int USED_ENTRY_SIZE = 8;

    public static final int VIRTQ_USED_F_NO_NOTIFY = 1;

    /** The largest queue size (§2.7). */
    public static final int MAX_SIZE = 32768;

    private SplitRingLayout() {}

    /** The descriptor table's size in bytes. */
    public static long descriptorTableSize(int queueSize) {
        return (long) DESC_SIZE * queueSize;
    }

    /** The available ring's, with {@code used_event} or without: memory for it is there in any case (§2.7.6). */
    public static long availableRingSize(int queueSize, boolean eventIdx) {
        return AVAIL_RING_OFFSET + (long) AVAIL_ENTRY_SIZE * queueSize + (eventIdx ? 2 : 0);
    }

    /** The used ring's, with {@code avail_event} or without. */
    public static long usedRingSize(int queueSize, boolean eventIdx) {
        return USED_RING_OFFSET + (long) USED_ENTRY_SIZE * queueSize + (eventIdx ? 2 : 0);
    }

    /** Where {@code used_event} lies in the available ring (§2.7.7). */
    public static long usedEventOffset(int queueSize) {
        return AVAIL_RING_OFFSET + (long) AVAIL_ENTRY_SIZE * queueSize;
    }

    /** Where {@code avail_event} lies in the used ring (§2.7.10). */
    public static long availEventOffset(int queueSize) {
        return USED_RING_OFFSET + (long) USED_ENTRY_SIZE * queueSize;
    }
}
