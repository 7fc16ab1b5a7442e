package io.javisor.core.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/** Copies and fills of {@link GuestMemory}, in slices: each holds up the collector for as long as it takes. */
final class BulkAccess {
    /** Takes some 0.1 ms at the most. */
    private static final long SLICE_SIZE = 1 << 20;

    private static final MemorySegment ZEROS = Arena.global().allocate(64 << 10);

    private BulkAccess() {}

    static void copyIn(GuestMemory memory, MemorySegment source, long sourceOffset, long gpa, long length) {
        memory.requireRam(gpa, length);
        Objects.checkFromIndexSize(sourceOffset, length, source.byteSize());
        for (long done = 0; done < length; ) {
            long at = gpa + done;
            GuestMemory.Region region = memory.regionAt(at);
            long here = slice(region, at, length - done);
            MemorySegment.copy(source, sourceOffset + done, region.segment(), at - region.startGpa(), here);
            memory.written(region, at, here);
            done += here;
        }
    }

    static void copyOut(GuestMemory memory, long gpa, MemorySegment target, long targetOffset, long length) {
        memory.requireReadable(gpa, length);
        Objects.checkFromIndexSize(targetOffset, length, target.byteSize());
        for (long done = 0; done < length; ) {
            long at = gpa + done;
            GuestMemory.Region region = memory.readableAt(at);
            long here = slice(region, at, length - done);
            MemorySegment.copy(region.segment(), at - region.startGpa(), target, targetOffset + done, here);
            done += here;
        }
    }

    static void copyIn(GuestMemory memory, byte[] source, int sourceOffset, long gpa, int length) {
        memory.requireRam(gpa, length);
        Objects.checkFromIndexSize(sourceOffset, length, source.length);
        for (int done = 0; done < length; ) {
            long at = gpa + done;
            GuestMemory.Region region = memory.regionAt(at);
            int here = (int) slice(region, at, length - done);
            MemorySegment.copy(
                    source, sourceOffset + done, region.segment(), ValueLayout.JAVA_BYTE, at - region.startGpa(), here);
            memory.written(region, at, here);
            done += here;
        }
    }

    static void copyOut(GuestMemory memory, long gpa, byte[] target, int targetOffset, int length) {
        memory.requireReadable(gpa, length);
        Objects.checkFromIndexSize(targetOffset, length, target.length);
        for (int done = 0; done < length; ) {
            long at = gpa + done;
            GuestMemory.Region region = memory.readableAt(at);
            int here = (int) slice(region, at, length - done);
            MemorySegment.copy(
                    region.segment(), ValueLayout.JAVA_BYTE, at - region.startGpa(), target, targetOffset + done, here);
            done += here;
        }
    }

    static void fill(GuestMemory memory, long gpa, long length, byte value) {
        memory.requireRam(gpa, length);
        for (long done = 0; done < length; ) {
            long at = gpa + done;
            GuestMemory.Region region = memory.regionAt(at);
            long offset = at - region.startGpa();
            long here = slice(region, at, length - done);
            if (value == 0) {
                here = Math.min(here, ZEROS.byteSize());
                MemorySegment.copy(ZEROS, 0, region.segment(), offset, here);
            } else {
                region.segment().asSlice(offset, here).fill(value);
            }
            memory.written(region, at, here);
            done += here;
        }
    }

    private static long slice(GuestMemory.Region region, long gpa, long length) {
        return Math.min(Math.min(length, SLICE_SIZE), region.endGpa() - gpa);
    }
}
