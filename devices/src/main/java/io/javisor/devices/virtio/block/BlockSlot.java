package io.javisor.devices.virtio.block;

import io.javisor.core.memory.GuestMemory;
import io.javisor.core.memory.IovecLayout;
import io.javisor.core.memory.MemoryLease;
import io.javisor.devices.virtio.queue.ChainBytes;
import io.javisor.devices.virtio.queue.DescriptorChain;
import io.javisor.devices.virtio.queue.Virtqueue;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** A request in flight: its chain, the memory it is lent, and how far it is. Made once, used again and again. */
final class BlockSlot {
    /** What is in flight of a request at once: one of gigabytes takes no longer to be given up than another. */
    static final int STRETCH_SIZE = 1 << 20;

    /** What a copy takes at once. */
    private static final int BOUNCE_SIZE = 128 << 10;

    private static final int PAGE = 4096;

    final int index;
    final DescriptorChain chain = new DescriptorChain(BlockDevice.QUEUE_MAX_SIZE);
    private final Arena buffers;
    private final MemorySegment vector;
    final MemorySegment ranges;
    private @Nullable MemorySegment bounce;

    int nextFree;
    int queueIndex;

    @Nullable
    Virtqueue queue; // null once the queue or the device was reset

    int type;
    int rangeCount;
    int range;
    boolean parked; // between two stretches, for the machine is paused
    boolean unsynced; // ranges that are not stable yet
    boolean syncing;
    long offset; // in the file, of what is left
    long left; // bytes
    long done; // bytes of the data
    int reserved; // bytes, of those that the device may have in flight
    RangeStep step = RangeStep.PUNCH; // of a range, in flight
    long stepSize; // bytes
    int steps; // of all ranges, begun
    private final MemoryLease lease;
    private boolean copying;
    private int copySize;

    /** @param buffers for what the host reads and writes while a request is in flight */
    BlockSlot(int index, GuestMemory memory, Arena buffers) {
        this.index = index;
        this.buffers = buffers;
        vector = buffers.allocate(IovecLayout.SIZE, 8);
        ranges = buffers.allocate((long) BlockConfigSpace.MAX_RANGES * BlockProtocol.RANGE_SIZE, 8);
        lease = memory.newLease(BlockDevice.QUEUE_MAX_SIZE);
    }

    boolean isRead() {
        return type == BlockProtocol.VIRTIO_BLK_T_IN;
    }

    /** Lends the next stretch of the data, or prepares its copy. Afterwards {@link #vectorHva} and {@link #vectorCount} describe it. */
    void prepare(GuestMemory memory, int alignment) {
        lease.release();
        long stretch = Math.min(left, STRETCH_SIZE);
        long lent = isRead()
                ? ChainBytes.lendWritable(chain, done, stretch, lease)
                : ChainBytes.lendReadable(chain, BlockProtocol.HEADER_SIZE + done, stretch, lease);
        copying = alignment > 1 && !aligned(lease, lent, alignment);
        if (copying) {
            lease.release();
            copySize = (int) Math.min(left, BOUNCE_SIZE);
            if (!isRead()) {
                long _ = ChainBytes.read(memory, chain, BlockProtocol.HEADER_SIZE + done, bounce(), 0, copySize);
            }
            setVector(bounce(), copySize);
        }
    }

    private static boolean aligned(MemoryLease loan, long lent, int alignment) {
        long bits = lent;
        for (int i = 0; i < loan.iovecCount(); i++) {
            bits |= loan.pieceHva(i) | loan.pieceSizeBytes(i);
        }
        return (bits & (alignment - 1)) == 0;
    }

    private MemorySegment bounce() {
        MemorySegment present = bounce;
        if (present == null) {
            present = buffers.allocate(BOUNCE_SIZE, PAGE);
            bounce = present;
        }
        return present;
    }

    /** Describes one stretch of memory of ours. */
    void setVector(MemorySegment memory, long size) {
        vector.set(ValueLayout.JAVA_LONG, IovecLayout.IOV_BASE_OFFSET, memory.address());
        vector.set(ValueLayout.JAVA_LONG, IovecLayout.IOV_LEN_OFFSET, size);
    }

    long ownVectorHva() {
        return vector.address();
    }

    boolean copied() {
        return copying;
    }

    long vectorHva() {
        return copying ? vector.address() : lease.iovecHva();
    }

    int vectorCount() {
        return copying ? 1 : lease.iovecCount();
    }

    /** The bytes of the vector. */
    long vectorBytes() {
        return copying ? copySize : lease.sizeBytes();
    }

    /**
     * The host did that many bytes of the stretch.
     *
     * @return whether the stretch is done: {@link #prepare} the next one if something is left
     */
    boolean advance(GuestMemory memory, long bytes) {
        if (copying && isRead()) {
            long _ = ChainBytes.write(memory, chain, done, bounce(), 0, bytes);
        }
        done += bytes;
        left -= bytes;
        offset += bytes;
        if (copying) {
            return true; // a copy that was cut short is made anew from where it is now
        }
        lease.advance(bytes);
        return lease.sizeBytes() == 0;
    }

    /** The host no longer touches the guest's memory. */
    void release() {
        lease.release();
    }
}
