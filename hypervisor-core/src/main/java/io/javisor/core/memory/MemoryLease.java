package io.javisor.core.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Host addresses of guest memory, lent for zero-copy I/O: a {@code struct iovec} array that {@code readv}, {@code preadv} or
 * io_uring takes as it is. Made once for each request that may be in flight ({@link GuestMemory#newLease}) and used again and
 * again: {@code add… add… I/O release}, without allocating.
 *
 * <p>From the first {@code add} to {@link #release} the memory stays mapped. Whoever adds must release, also when an {@code add}
 * failed. For one thread at a time; it may be handed from one to another.
 */
public final class MemoryLease {
    private static final long WRITABLE = 1L << 63;

    private final GuestMemory memory;
    private final int capacity;
    private final MemorySegment iovecs;
    // What was added, as the vector itself changes in advance(); the top bit of the length says device-writable.
    private final long[] pieceGpas;
    private final long[] pieceLengths;
    private int pieces;
    private int first;
    private int end;
    private long sizeBytes;
    private boolean open;

    /** @param buffers closed when the last lease of a memory that is closed was released */
    MemoryLease(GuestMemory memory, int capacity, Arena buffers) {
        if (capacity < 1 || capacity > IovecLayout.UIO_MAXIOV) {
            throw new IllegalArgumentException(
                    "a lease has 1 to " + IovecLayout.UIO_MAXIOV + " pieces, not " + capacity);
        }
        this.memory = memory;
        this.capacity = capacity;
        this.iovecs = buffers.allocate((long) capacity * IovecLayout.SIZE, Long.BYTES);
        this.pieceGpas = new long[capacity];
        this.pieceLengths = new long[capacity];
    }

    /**
     * Adds {@code length} bytes from {@code gpa} that the device reads. A piece that crosses adjoining regions takes an iovec for
     * each; one of no bytes takes none.
     *
     * @throws GuestMemoryException if a device can't read them all, or there are more pieces than the lease holds
     * @throws IllegalStateException if the memory is closed
     */
    public void addDeviceReadable(long gpa, long length) {
        add(gpa, length, 0);
    }

    /** As {@link #addDeviceReadable}, for bytes of RAM that the device writes: {@link #release} marks them dirty. */
    public void addDeviceWritable(long gpa, long length) {
        add(gpa, length, WRITABLE);
    }

    private void add(long gpa, long length, long direction) {
        if (!open) {
            memory.enterLease();
            open = true;
        }
        if (direction == WRITABLE) {
            memory.requireRam(gpa, length);
        } else {
            memory.requireReadable(gpa, length);
        }
        long at = gpa;
        long left = length;
        while (left > 0) {
            if (end == capacity) {
                throw new GuestMemoryException("more than " + capacity + " pieces of memory in one request");
            }
            GuestMemory.Region region = memory.readableAt(at);
            long here = Math.min(left, region.endGpa() - at);
            long offset = (long) end * IovecLayout.SIZE;
            iovecs.set(ValueLayout.JAVA_LONG, offset + IovecLayout.IOV_BASE_OFFSET, memory.hva(region, at));
            iovecs.set(ValueLayout.JAVA_LONG, offset + IovecLayout.IOV_LEN_OFFSET, here);
            pieceGpas[pieces] = at;
            pieceLengths[pieces] = here | direction;
            pieces++;
            end++;
            sizeBytes += here;
            at += here;
            left -= here;
        }
    }

    /** The most pieces that it holds. */
    public int capacity() {
        return capacity;
    }

    /** The address of the first {@code struct iovec} that is left. */
    public long iovecHva() {
        return iovecs.address() + (long) first * IovecLayout.SIZE;
    }

    /** How many {@code struct iovec} are left. */
    public int iovecCount() {
        return end - first;
    }

    /** The bytes that are left, in all. */
    public long sizeBytes() {
        return sizeBytes;
    }

    /** The host address of the {@code index}-th piece that is left. */
    public long pieceHva(int index) {
        return iovecs.get(ValueLayout.JAVA_LONG, iovecOffset(index) + IovecLayout.IOV_BASE_OFFSET);
    }

    /** The length of the {@code index}-th piece that is left, in bytes. */
    public long pieceSizeBytes(int index) {
        return iovecs.get(ValueLayout.JAVA_LONG, iovecOffset(index) + IovecLayout.IOV_LEN_OFFSET);
    }

    /**
     * Takes {@code bytes} off the front, after a call that did less than it was asked: the vector then describes the rest.
     *
     * @throws IllegalArgumentException if fewer are left
     */
    public void advance(long bytes) {
        if (bytes < 0 || bytes > sizeBytes) {
            throw new IllegalArgumentException("cannot advance by " + bytes + " of " + sizeBytes + " bytes");
        }
        sizeBytes -= bytes;
        long left = bytes;
        while (left > 0) {
            long length = pieceSizeBytes(0);
            if (left < length) {
                long offset = iovecOffset(0);
                iovecs.set(ValueLayout.JAVA_LONG, offset + IovecLayout.IOV_BASE_OFFSET, pieceHva(0) + left);
                iovecs.set(ValueLayout.JAVA_LONG, offset + IovecLayout.IOV_LEN_OFFSET, length - left);
                return;
            }
            left -= length;
            first++;
        }
    }

    /** Ends the loan, marks what the device could write as dirty, and makes the lease empty. Does nothing if nothing was lent. */
    public void release() {
        if (!open) {
            return;
        }
        for (int i = 0; i < pieces; i++) {
            if (pieceLengths[i] < 0) {
                memory.leaseWritten(pieceGpas[i], pieceLengths[i] & ~WRITABLE);
            }
        }
        pieces = 0;
        first = 0;
        end = 0;
        sizeBytes = 0;
        open = false;
        memory.leaveLease();
    }

    private long iovecOffset(int index) {
        return (long) (first + java.util.Objects.checkIndex(index, end - first)) * IovecLayout.SIZE;
    }
}
