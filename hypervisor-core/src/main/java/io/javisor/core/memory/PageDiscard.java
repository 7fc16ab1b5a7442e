package io.javisor.core.memory;

import org.jspecify.annotations.Nullable;

/** Gives the host back the pages behind parts of a {@link GuestMemory}. */
final class PageDiscard {
    private PageDiscard() {}

    /**
     * What {@link GuestMemory#discard} does.
     *
     * @param mapping where {@code memory} lies; null if it was not made by {@link GuestMemory#allocate}
     */
    static long discard(GuestMemory memory, @Nullable HostMapping mapping, long gpa, long length) {
        memory.requireRam(gpa, length);
        memory.enterLease();
        try {
            long given = 0;
            for (long done = 0; done < length; ) {
                long at = gpa + done;
                GuestMemory.Region region = memory.regionAt(at);
                long here = Math.min(length - done, region.endGpa() - at);
                given += discard(memory, mapping, region, at, here);
                done += here;
            }
            return given;
        } finally {
            memory.leaveLease();
        }
    }

    private static long discard(
            GuestMemory memory, @Nullable HostMapping mapping, GuestMemory.Region region, long gpa, long length) {
        // A region's host address is congruent with its guest-physical one modulo any page's size.
        long page = mapping == null ? HostMapping.PAGE_SIZE : mapping.pageSize();
        long start = (gpa + page - 1) & -page;
        long size = ((gpa + length) & -page) - start;
        if (size <= 0) {
            return 0;
        }
        if (mapping == null) {
            memory.fill(start, size, (byte) 0);
            return size;
        }
        boolean whole = mapping.discard(memory.hva(region, start), size);
        memory.written(region, start, size); // where the host refuses, a part may be zeros already
        return whole ? size : 0;
    }
}
