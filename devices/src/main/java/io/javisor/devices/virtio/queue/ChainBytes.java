package io.javisor.devices.virtio.queue;

import io.javisor.core.memory.GuestMemory;
import io.javisor.core.memory.MemoryLease;
import java.lang.foreign.MemorySegment;

/**
 * The contents of a chain as two streams of bytes, a readable and a writable one, however they are spread over pieces (virtio 1.2
 * §2.7.4: a device must not depend on that). Offsets count from the start of the stream. What lies past its end is not copied; the
 * results say how much was. Allocates nothing.
 */
public final class ChainBytes {
    private ChainBytes() {}

    /**
     * Copies from the readable part.
     *
     * @return how many bytes: less than {@code length} only where the part ends
     */
    public static long read(
            GuestMemory memory,
            DescriptorChain chain,
            long offset,
            MemorySegment target,
            long targetOffset,
            long length) {
        long skip = offset;
        long done = 0;
        for (int i = 0; i < chain.readableCount() && done < length; i++) {
            long size = chain.lengthBytes(i);
            if (skip < size) {
                long here = Math.min(size - skip, length - done);
                memory.copyOut(chain.gpa(i) + skip, target, targetOffset + done, here);
                done += here;
            }
            skip = Math.max(0, skip - size);
        }
        return done;
    }

    /**
     * Copies into the writable part.
     *
     * @return how many bytes: less than {@code length} only where the part ends
     */
    public static long write(
            GuestMemory memory,
            DescriptorChain chain,
            long offset,
            MemorySegment source,
            long sourceOffset,
            long length) {
        long skip = offset;
        long done = 0;
        for (int i = chain.readableCount(); i < chain.pieceCount() && done < length; i++) {
            long size = chain.lengthBytes(i);
            if (skip < size) {
                long here = Math.min(size - skip, length - done);
                memory.copyIn(source, sourceOffset + done, chain.gpa(i) + skip, here);
                done += here;
            }
            skip = Math.max(0, skip - size);
        }
        return done;
    }

    /** One byte into the writable part; false past its end. */
    public static boolean putByte(GuestMemory memory, DescriptorChain chain, long offset, byte value) {
        long skip = offset;
        for (int i = chain.readableCount(); i < chain.pieceCount(); i++) {
            long size = chain.lengthBytes(i);
            if (skip < size) {
                memory.putByte(chain.gpa(i) + skip, value);
                return true;
            }
            skip -= size;
        }
        return false;
    }

    /**
     * Lends {@code length} bytes of the readable part, from {@code offset} on.
     *
     * @return how many: less only where the part ends, or the lease is full
     * @throws IllegalStateException if the memory is closed
     */
    public static long lendReadable(DescriptorChain chain, long offset, long length, MemoryLease lease) {
        return lend(chain, 0, chain.readableCount(), offset, length, lease, false);
    }

    /** As {@link #lendReadable}, of the writable part. */
    public static long lendWritable(DescriptorChain chain, long offset, long length, MemoryLease lease) {
        return lend(chain, chain.readableCount(), chain.pieceCount(), offset, length, lease, true);
    }

    private static long lend(
            DescriptorChain chain, int from, int to, long offset, long length, MemoryLease lease, boolean writable) {
        long skip = offset;
        long done = 0;
        for (int i = from; i < to && done < length; i++) {
            long size = chain.lengthBytes(i);
            if (skip < size) {
                if (lease.iovecCount() == lease.capacity()) {
                    return done;
                }
                long here = Math.min(size - skip, length - done);
                if (writable) {
                    lease.addDeviceWritable(chain.gpa(i) + skip, here);
                } else {
                    lease.addDeviceReadable(chain.gpa(i) + skip, here);
                }
                done += here;
            }
            skip = Math.max(0, skip - size);
        }
        return done;
    }
}
