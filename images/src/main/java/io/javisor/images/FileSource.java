package io.javisor.images;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A file or block device that somebody else opened.
 *
 * @param unit what places, lengths and addresses of reads are multiples of, as direct I/O demands; 1 for any
 */
record FileSource(String name, Fd file, long sizeBytes, int unit) implements ByteSource {
    /** At most this much by way of a buffer of its own. */
    private static final long SLICE_SIZE = 1 << 20;

    @Override
    public void read(long offset, MemorySegment target) {
        require(offset, target.byteSize());
        if (unit == 1 && target.isNative()) {
            long done = 0;
            while (done < target.byteSize()) {
                done += pread(target.asSlice(done), offset + done);
            }
        } else if (target.byteSize() > 0) {
            readThroughBuffer(offset, target);
        }
    }

    /** For memory on the heap, which may move while a call reads, and for places that are no multiples of the unit. */
    private void readThroughBuffer(long offset, MemorySegment target) {
        long first = offset - offset % unit;
        long whole = Math.ceilDiv(offset + target.byteSize() - first, unit) * unit;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(Math.min(SLICE_SIZE, whole), unit);
            long done = 0;
            while (done < target.byteSize()) {
                long skipped = (offset + done) % unit;
                long start = offset + done - skipped;
                long wanted = skipped + target.byteSize() - done;
                long length = Math.min(buffer.byteSize(), Math.ceilDiv(wanted, unit) * unit);
                long got = Math.min(pread(buffer.asSlice(0, length), start), wanted) - skipped;
                if (got <= 0) {
                    throw cutOff(offset + done);
                }
                MemorySegment.copy(buffer, skipped, target, done, got);
                done += got;
            }
        }
    }

    /** At least a byte. */
    private long pread(MemorySegment buffer, long offset) {
        while (true) {
            long count = Libc.pread(file.value(), buffer.address(), buffer.byteSize(), offset);
            if (count > 0) {
                return count;
            }
            if (count == 0) {
                throw cutOff(offset);
            }
            if (count != -Errno.EINTR) {
                throw problem("%d bytes at %d can't be read: %s"
                        .formatted(buffer.byteSize(), offset, Errno.describe((int) -count)));
            }
        }
    }

    private ImageException cutOff(long offset) {
        return problem("it ends at byte %d, though it had %d bytes when it was opened".formatted(offset, sizeBytes));
    }
}
