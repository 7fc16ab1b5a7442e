package io.javisor.core.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Guest-physical RAM: one or more regions, ascending and disjoint, with holes between them.
 *
 * <p>This is the one choke point: every access checks its guest-physical address and length once, overflow-safe, and nobody else
 * does arithmetic into host memory. Values are little-endian, at any alignment. An access outside RAM, or across the end of a
 * region where the next does not adjoin, throws {@link GuestMemoryException}; scalar accesses must lie in one region.
 */
public final class GuestMemory {
    /** A stretch of RAM: {@code segment.byteSize()} bytes from {@code startGpa}. */
    public record Region(long startGpa, MemorySegment segment) {
        /** The guest-physical address after the last byte. */
        public long endGpa() {
            return startGpa + segment.byteSize();
        }
    }

    private final Region[] regions;

    /** Over {@code regions}, ascending and disjoint. */
    public GuestMemory(List<Region> regions) {
        this.regions = regions.toArray(Region[]::new);
    }

    public List<Region> regions() {
        return List.of(regions);
    }

    /** The sum of all regions, in bytes. */
    public long sizeBytes() {
        long sum = 0;
        for (Region region : regions) {
            sum += region.segment.byteSize();
        }
        return sum;
    }

    /** Whether {@code length} bytes from {@code gpa} are all RAM. Never throws; a negative length is not RAM. */
    public boolean isRam(long gpa, long length) {
        if (length < 0) {
            return false;
        }
        long at = gpa;
        long left = length;
        while (true) {
            Region region = find(at);
            if (region == null) {
                return false;
            }
            long here = region.endGpa() - at;
            if (left <= here) {
                return true;
            }
            at += here;
            left -= here;
        }
    }

    public byte getByte(long gpa) {
        Region region = regionOf(gpa, 1);
        return region.segment.get(ValueLayout.JAVA_BYTE, gpa - region.startGpa);
    }

    public short getShort(long gpa) {
        Region region = regionOf(gpa, 2);
        return region.segment.get(ValueLayout.JAVA_SHORT_UNALIGNED, gpa - region.startGpa);
    }

    public int getInt(long gpa) {
        Region region = regionOf(gpa, 4);
        return region.segment.get(ValueLayout.JAVA_INT_UNALIGNED, gpa - region.startGpa);
    }

    public long getLong(long gpa) {
        Region region = regionOf(gpa, 8);
        return region.segment.get(ValueLayout.JAVA_LONG_UNALIGNED, gpa - region.startGpa);
    }

    public void putByte(long gpa, byte value) {
        Region region = regionOf(gpa, 1);
        region.segment.set(ValueLayout.JAVA_BYTE, gpa - region.startGpa, value);
    }

    public void putShort(long gpa, short value) {
        Region region = regionOf(gpa, 2);
        region.segment.set(ValueLayout.JAVA_SHORT_UNALIGNED, gpa - region.startGpa, value);
    }

    public void putInt(long gpa, int value) {
        Region region = regionOf(gpa, 4);
        region.segment.set(ValueLayout.JAVA_INT_UNALIGNED, gpa - region.startGpa, value);
    }

    public void putLong(long gpa, long value) {
        Region region = regionOf(gpa, 8);
        region.segment.set(ValueLayout.JAVA_LONG_UNALIGNED, gpa - region.startGpa, value);
    }

    /** Copies {@code length} bytes of {@code source} from {@code sourceOffset} to {@code gpa}; may cross adjoining regions. */
    public void copyIn(MemorySegment source, long sourceOffset, long gpa, long length) {
        requireRam(gpa, length);
        long done = 0;
        while (done < length) {
            Region region = regionOf(gpa + done, 1);
            long here = Math.min(length - done, region.endGpa() - (gpa + done));
            MemorySegment.copy(source, sourceOffset + done, region.segment, gpa + done - region.startGpa, here);
            done += here;
        }
    }

    /** Copies {@code length} bytes from {@code gpa} to {@code target} at {@code targetOffset}; may cross adjoining regions. */
    public void copyOut(long gpa, MemorySegment target, long targetOffset, long length) {
        requireRam(gpa, length);
        long done = 0;
        while (done < length) {
            Region region = regionOf(gpa + done, 1);
            long here = Math.min(length - done, region.endGpa() - (gpa + done));
            MemorySegment.copy(region.segment, gpa + done - region.startGpa, target, targetOffset + done, here);
            done += here;
        }
    }

    /** Fills {@code length} bytes from {@code gpa}; may cross adjoining regions. */
    public void fill(long gpa, long length, byte value) {
        requireRam(gpa, length);
        long done = 0;
        while (done < length) {
            Region region = regionOf(gpa + done, 1);
            long here = Math.min(length - done, region.endGpa() - (gpa + done));
            region.segment.asSlice(gpa + done - region.startGpa, here).fill(value);
            done += here;
        }
    }

    private void requireRam(long gpa, long length) {
        if (!isRam(gpa, length)) {
            throw notRam(gpa, length);
        }
    }

    private Region regionOf(long gpa, int size) {
        Region region = find(gpa);
        if (region == null || region.endGpa() - gpa < size) {
            throw notRam(gpa, size);
        }
        return region;
    }

    private @Nullable Region find(long gpa) {
        for (Region region : regions) {
            if (gpa >= region.startGpa && gpa < region.endGpa()) {
                return region;
            }
        }
        return null;
    }

    private static GuestMemoryException notRam(long gpa, long length) {
        return new GuestMemoryException("guest-physical 0x%x, %d bytes, is not RAM".formatted(gpa, length));
    }
}
