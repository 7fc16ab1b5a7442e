package io.javisor.core.memory;

import io.javisor.core.memory.GuestMemory.Region;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which stretches of memory there are, and which one an access is of. */
abstract sealed class MemoryRegions permits GuestMemory {
    private static final Region NONE = new Region(GuestMemory.MAX_END_GPA, MemorySegment.NULL);

    final Region[] regions;
    // The first two of a PC's two to four once more: with no loop over an array before each access, the second compiler
    // checks once for many accesses, as it does for a bare segment.
    private final Region first;
    private final Region second;
    private final Region[] readOnly;

    MemoryRegions(List<Region> regions, List<Region> readOnly) {
        this.readOnly = readOnly.toArray(Region[]::new);
        this.regions = regions.toArray(Region[]::new);
        this.first = this.regions.length > 0 ? this.regions[0] : NONE;
        this.second = this.regions.length > 1 ? this.regions[1] : NONE;
        long end = 0;
        for (Region region : Stream.concat(regions.stream(), readOnly.stream()).toList()) {
            MemoryRanges.requireOrder(end, region.startGpa(), region.segment().byteSize());
            end = region.endGpa();
        }
    }

    /** Ascending and disjoint. The segments' addresses are what KVM is told. */
    public final List<Region> regions() {
        return List.of(regions);
    }

    /** What can only be read, ascending, behind all RAM. */
    public final List<Region> readOnlyRegions() {
        return List.of(readOnly);
    }

    /** The sum of all regions, in bytes. */
    public final long sizeBytes() {
        long sum = 0;
        for (Region region : regions) {
            sum += region.segment().byteSize();
        }
        return sum;
    }

    /** Whether {@code length} bytes from {@code gpa} are all RAM. Never throws; a negative length is not RAM. */
    public final boolean isRam(long gpa, long length) {
        if (length < 0) {
            return false;
        }
        long at = gpa;
        long left = length;
        while (true) {
            Region region = find(at, 1);
            if (region == null) {
                return false;
            }
            long here = region.endGpa() - at;
            if (left <= here) {
                return true;
            }
            at += here; // at most MAX_END_GPA
            left -= here;
        }
    }

    /** Whether {@code length} bytes from {@code gpa} can be read by a device: all RAM, or all of one read-only region. Never throws. */
    public final boolean isReadable(long gpa, long length) {
        return isRam(gpa, length) || (length >= 0 && findReadOnly(gpa, length) != null);
    }

    final void requireRam(long gpa, long length) {
        if (!isRam(gpa, length)) {
            throw notRam(gpa, length);
        }
    }

    final Region regionAt(long gpa) {
        return regionOf(gpa, 1);
    }

    final void requireReadable(long gpa, long length) {
        if (!isReadable(gpa, length)) {
            throw notRam(gpa, length);
        }
    }

    final Region readableAt(long gpa) {
        return readableOf(gpa, 1);
    }

    final Region alignedRegionOf(long gpa, int size) {
        requireAligned(gpa, size);
        return regionOf(gpa, size);
    }

    final Region alignedReadableOf(long gpa, int size) {
        requireAligned(gpa, size);
        return readableOf(gpa, size);
    }

    private static void requireAligned(long gpa, int size) {
        if ((gpa & (size - 1)) != 0) {
            throw new GuestMemoryException(
                    "guest-physical 0x" + Long.toHexString(gpa) + " is not a multiple of " + size);
        }
    }

    final Region readableOf(long gpa, int size) {
        Region region = find(gpa, size);
        region = region == null ? findReadOnly(gpa, size) : region;
        if (region == null) {
            throw notRam(gpa, size);
        }
        return region;
    }

    final @Nullable Region findReadOnly(long gpa, long size) {
        for (Region region : readOnly) {
            if (region.holds(gpa, size)) {
                return region;
            }
        }
        return null;
    }

    final Region regionOf(long gpa, int size) {
        Region region = find(gpa, size);
        if (region == null) {
            throw notRam(gpa, size);
        }
        return region;
    }

    /** The region that holds {@code size} bytes from {@code gpa}, or null. */
    final @Nullable Region find(long gpa, int size) {
        if (first.holds(gpa, size)) {
            return first;
        }
        return second.holds(gpa, size) ? second : findFurther(gpa, size);
    }

    private @Nullable Region findFurther(long gpa, int size) {
        for (int i = 2; i < regions.length; i++) {
            if (regions[i].holds(gpa, size)) {
                return regions[i];
            }
        }
        return null;
    }

    private static GuestMemoryException notRam(long gpa, long length) {
        return new GuestMemoryException(
                "guest-physical 0x" + Long.toHexString(gpa) + ", " + length + " bytes, is not RAM");
    }
}
