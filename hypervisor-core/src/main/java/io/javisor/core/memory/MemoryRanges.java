package io.javisor.core.memory;

import java.util.List;

/** What ranges of guest memory have to be like. */
final class MemoryRanges {
    private MemoryRanges() {}

    /** Checks that one comes after what ends at {@code previousEnd}. */
    static void requireOrder(long previousEnd, long startGpa, long sizeBytes) {
        if (sizeBytes <= 0 || startGpa < previousEnd || startGpa > GuestMemory.MAX_END_GPA - sizeBytes) {
            throw new IllegalArgumentException(
                    "guest memory of " + sizeBytes + " bytes at 0x" + Long.toHexString(startGpa)
                            + ": regions have at least one byte, ascend, do not overlap and end below 2^52");
        }
    }

    /** Checks ranges that are to be mapped: they are of whole pages of their backing, too. */
    static void requireMappable(List<GpaRange> ranges, MemoryBackingConfig backing) {
        boolean huge = backing.kind() == MemoryBackingConfig.Kind.HUGETLB;
        long page = huge ? HostMapping.HUGE_PAGE_SIZE : HostMapping.PAGE_SIZE;
        long end = 0;
        for (GpaRange range : ranges) {
            requireOrder(end, range.startGpa(), range.sizeBytes());
            if (((range.startGpa() | range.sizeBytes()) & (page - 1)) != 0) {
                throw new IllegalArgumentException("guest memory of " + HostMemoryInfo.size(range.sizeBytes())
                        + " at 0x"
                        + Long.toHexString(range.startGpa()) + " is not a multiple of " + HostMemoryInfo.size(page)
                        + (huge ? ", the page of hugetlb" : ", a page"));
            }
            end = range.endGpa();
        }
        if (ranges.isEmpty()) {
            throw new IllegalArgumentException("guest memory without a region");
        }
    }
}
