package io.javisor.devices.virtio.balloon;

/** What a guest tells of its memory (virtio 1.2 §5.5.6.4, and of Linux 6.12 those from OOM_KILL on); the tag is the ordinal. */
public enum GuestMemoryStatistic {
    /** Bytes that were swapped in. */
    SWAP_IN,
    /** Bytes that were swapped out. */
    SWAP_OUT,
    /** Page faults that needed a disk. */
    MAJOR_FAULTS,
    MINOR_FAULTS,
    /** Bytes that nobody uses. */
    FREE_MEMORY,
    /** Bytes that there are. */
    TOTAL_MEMORY,
    /** Bytes that can be had without swapping: an estimate. */
    AVAILABLE_MEMORY,
    /** Bytes of files that can be dropped. */
    DISK_CACHES,
    HUGETLB_ALLOCATIONS,
    HUGETLB_FAILURES,
    OOM_KILL,
    ALLOC_STALL,
    ASYNC_SCAN,
    DIRECT_SCAN,
    ASYNC_RECLAIM,
    DIRECT_RECLAIM
}
