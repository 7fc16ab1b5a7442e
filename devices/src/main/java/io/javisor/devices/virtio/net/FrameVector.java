package io.javisor.devices.virtio.net;

import io.javisor.core.host.Libc;
import io.javisor.core.memory.IovecLayout;
import io.javisor.core.memory.MemoryLease;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The {@code struct iovec} array of one frame: pieces of guest memory that is lent, and of the host's own before and behind. It does not
 * keep what it points to. Made once and used again; for one thread. Allocates nothing.
 */
public final class FrameVector {
    /** The most pieces. */
    public static final int CAPACITY = IovecLayout.UIO_MAXIOV - 1;

    // The first is for a backend's prefix.
    private final MemorySegment iovecs;
    private int first = 1;
    private int end = 1;
    private long sizeBytes;

    /** Makes an empty one, whose array is of {@code buffers}. */
    public FrameVector(Arena buffers) {
        iovecs = buffers.allocate((long) IovecLayout.UIO_MAXIOV * IovecLayout.SIZE, Long.BYTES);
    }

    /** Empties it. */
    public void clear() {
        first = 1;
        end = 1;
        sizeBytes = 0;
    }

    /** Adds a piece. */
    public void add(long hva, long length) {
        set(end, hva, length);
        end++;
        sizeBytes += length;
    }

    /** Adds what is left of a loan, but for the first {@code skip} bytes. */
    public void addLease(MemoryLease lease, long skip) {
        long left = skip;
        for (int i = 0; i < lease.iovecCount(); i++) {
            long length = lease.pieceSizeBytes(i);
            if (left < length) {
                add(lease.pieceHva(i) + left, length - left);
            }
            left = Math.max(0, left - length);
        }
    }

    /** Puts a piece before all others; once. */
    public void prefix(long hva, long length) {
        first--;
        set(first, hva, length);
        sizeBytes += length;
    }

    /** Takes the first {@code length} bytes out, before there is a {@link #prefix}. */
    public void dropStart(long length) {
        long left = length;
        while (left > 0) {
            long offset = (long) first * IovecLayout.SIZE;
            long size = iovecs.get(ValueLayout.JAVA_LONG, offset + IovecLayout.IOV_LEN_OFFSET);
            if (left < size) {
                set(first, iovecs.get(ValueLayout.JAVA_LONG, offset + IovecLayout.IOV_BASE_OFFSET) + left, size - left);
                break;
            }
            left -= size;
            first++;
        }
        sizeBytes -= length;
    }

    /** The address of the first {@code struct iovec}. */
    public long iovecHva() {
        return iovecs.address() + (long) first * IovecLayout.SIZE;
    }

    /** How many {@code struct iovec} there are. */
    public int count() {
        return end - first;
    }

    /** The bytes of all pieces. */
    public long sizeBytes() {
        return sizeBytes;
    }

    /** Copies {@code length} bytes from its start on to host memory. */
    public void copyOut(long skip, long targetHva, long length) {
        copy(skip, targetHva, length, true);
    }

    /** Copies {@code length} bytes of host memory to its start. */
    public void copyIn(long sourceHva, long length) {
        copy(0, sourceHva, length, false);
    }

    private void copy(long skip, long otherHva, long length, boolean out) {
        long before = skip;
        long done = 0;
        for (int i = first; i < end && done < length; i++) {
            long offset = (long) i * IovecLayout.SIZE;
            long size = iovecs.get(ValueLayout.JAVA_LONG, offset + IovecLayout.IOV_LEN_OFFSET);
            if (before < size) {
                long hva = iovecs.get(ValueLayout.JAVA_LONG, offset + IovecLayout.IOV_BASE_OFFSET) + before;
                long here = Math.min(size - before, length - done);
                if (out) {
                    Libc.memcpy(otherHva + done, hva, here);
                } else {
                    Libc.memcpy(hva, otherHva + done, here);
                }
                done += here;
            }
            before = Math.max(0, before - size);
        }
        if (done < length) {
            throw new IllegalStateException("a copy of " + length + " bytes in a vector of " + sizeBytes);
        }
    }

    private void set(int index, long hva, long length) {
        long offset = (long) index * IovecLayout.SIZE;
        iovecs.set(ValueLayout.JAVA_LONG, offset + IovecLayout.IOV_BASE_OFFSET, hva);
        iovecs.set(ValueLayout.JAVA_LONG, offset + IovecLayout.IOV_LEN_OFFSET, length);
    }
}
