package io.javisor.core.memory;

import io.javisor.core.host.Fd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Guest-physical RAM: one or more regions, ascending and disjoint, with holes between them.
 *
 * <p>This is the one choke point: every access checks its guest-physical address and length once, overflow-safe, and nobody else
 * does arithmetic into host memory. Values are little-endian, at any alignment. An access outside RAM, or across the end of a
 * region where the next does not adjoin, throws {@link GuestMemoryException}; scalar accesses must lie in one region. Accessors
 * named {@code …Acquire} and {@code …Release} are single-copy atomic and demand natural alignment, or throw the same.
 *
 * <p>Any thread may call anything. Access and leases allocate nothing unless they throw. After
 * {@link #close} every access to memory made by {@link #allocate} throws {@link IllegalStateException}, also one that races with
 * it.
 */
public final class GuestMemory extends MemoryRegions implements AutoCloseable {
    /** A stretch of RAM: {@code segment.byteSize()} bytes from {@code startGpa}. */
    public record Region(long startGpa, MemorySegment segment) {
        /** The guest-physical address after the last byte. */
        public long endGpa() {
            return startGpa + segment.byteSize();
        }

        boolean holds(long gpa, long size) {
            // Starts and sizes are below 2^52, so a gpa that makes the difference wrap around makes it negative or far
            // too large.
            long offset = gpa - startGpa;
            return offset >= 0 && offset <= segment.byteSize() - size;
        }
    }

    /** The end of what x86-64 can address physically (Intel SDM vol. 3A §4.1.4: MAXPHYADDR is at most 52). */
    public static final long MAX_END_GPA = 1L << 52;

    /** How long {@link #close} waits for leases. */
    public static final long CLOSE_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final Logger LOG = LoggerFactory.getLogger(GuestMemory.class);

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle ALIGNED_SHORT =
            ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle ALIGNED_INT =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle ALIGNED_LONG =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    private final @Nullable HostMapping mapping;
    private final LeaseGate gate = new LeaseGate();
    // The leases' vectors: freed when the memory is, for a kernel that is late reads them as it writes there.
    private final Arena buffers = Arena.ofShared();
    private final AtomicAccess atomic = new AtomicAccess(this);
    // Not volatile, which would cost each write: see enableDirtyLog.
    private @Nullable WriteWatch watch;

    /**
     * Over {@code regions}, ascending and disjoint, whose segments belong to the caller: {@link #close} refuses new leases and
     * waits for the old ones, and leaves the segments alone.
     *
     * @throws IllegalArgumentException if they overlap, are out of order, empty, or beyond {@link #MAX_END_GPA}
     */
    public GuestMemory(List<Region> regions) {
        this(regions, List.of());
    }

    /**
     * As the other one, with memory that can only be read.
     *
     * @param readOnly ascending, behind all RAM, whose segments belong to the caller and outlive this: guests and devices read it, what they write
     *     there is refused as where nothing is. It is no RAM, and counts nowhere as that
     */
    public GuestMemory(List<Region> regions, List<Region> readOnly) {
        this(regions, readOnly, null);
    }

    private GuestMemory(List<Region> regions, List<Region> readOnly, @Nullable HostMapping mapping) {
        super(regions, readOnly);
        this.mapping = mapping;
    }

    /**
     * Makes memory. Its pages are zero; they are taken from the host at their first use, unless {@code backing} says otherwise.
     *
     * @param ranges ascending and disjoint, each of whole pages: of 4 KiB, or of 2 MiB on huge pages
     * @throws IllegalArgumentException if a range is out of order, beyond {@link #MAX_END_GPA} or not made of whole pages
     * @throws io.javisor.core.host.HostException if the host can't give it; the message says what would help
     */
    public static GuestMemory allocate(List<GpaRange> ranges, MemoryBackingConfig backing) {
        return allocate(ranges, backing, List.of());
    }

    /**
     * As the other one, with memory of the caller's above it that nobody may write.
     *
     * @param readOnly as for {@link #GuestMemory(List, List)}
     */
    public static GuestMemory allocate(List<GpaRange> ranges, MemoryBackingConfig backing, List<Region> readOnly) {
        MemoryRanges.requireMappable(ranges, backing);
        HostMapping mapping = HostMapping.map(ranges, backing);
        return new GuestMemory(mapping.regions(), readOnly, mapping);
    }

    /** The memory file behind a {@code memfd} backing, in which the regions lie in order; null for others. Not the caller's to close. */
    public @Nullable Fd memfd() {
        return mapping == null ? null : mapping.memfd();
    }

    public byte getByte(long gpa) {
        Region region = readableOf(gpa, 1);
        return region.segment.get(ValueLayout.JAVA_BYTE, gpa - region.startGpa);
    }

    public short getShort(long gpa) {
        Region region = readableOf(gpa, 2);
        return region.segment.get(SHORT, gpa - region.startGpa);
    }

    public int getInt(long gpa) {
        Region region = readableOf(gpa, 4);
        return region.segment.get(INT, gpa - region.startGpa);
    }

    public long getLong(long gpa) {
        Region region = readableOf(gpa, 8);
        return region.segment.get(LONG, gpa - region.startGpa);
    }

    public void putByte(long gpa, byte value) {
        Region region = regionOf(gpa, 1);
        region.segment.set(ValueLayout.JAVA_BYTE, gpa - region.startGpa, value);
        written(region, gpa, 1);
    }

    public void putShort(long gpa, short value) {
        Region region = regionOf(gpa, 2);
        region.segment.set(SHORT, gpa - region.startGpa, value);
        written(region, gpa, 2);
    }

    public void putInt(long gpa, int value) {
        Region region = regionOf(gpa, 4);
        region.segment.set(INT, gpa - region.startGpa, value);
        written(region, gpa, 4);
    }

    public void putLong(long gpa, long value) {
        Region region = regionOf(gpa, 8);
        region.segment.set(LONG, gpa - region.startGpa, value);
        written(region, gpa, 8);
    }

    /** What is read after this was written before the guest's write that it sees. {@code gpa} is even. */
    public short getShortAcquire(long gpa) {
        Region region = alignedReadableOf(gpa, 2);
        return (short) ALIGNED_SHORT.getAcquire(region.segment, gpa - region.startGpa);
    }

    /** As {@link #getShortAcquire}; {@code gpa} is a multiple of 4. */
    public int getIntAcquire(long gpa) {
        Region region = alignedReadableOf(gpa, 4);
        return (int) ALIGNED_INT.getAcquire(region.segment, gpa - region.startGpa);
    }

    /** As {@link #getShortAcquire}; {@code gpa} is a multiple of 8. */
    public long getLongAcquire(long gpa) {
        Region region = alignedReadableOf(gpa, 8);
        return (long) ALIGNED_LONG.getAcquire(region.segment, gpa - region.startGpa);
    }

    /** A guest that sees this value sees everything written before it. {@code gpa} is even. */
    public void putShortRelease(long gpa, short value) {
        Region region = alignedRegionOf(gpa, 2);
        ALIGNED_SHORT.setRelease(region.segment, gpa - region.startGpa, value);
        written(region, gpa, 2);
    }

    /** As {@link #putShortRelease}; {@code gpa} is a multiple of 4. */
    public void putIntRelease(long gpa, int value) {
        Region region = alignedRegionOf(gpa, 4);
        ALIGNED_INT.setRelease(region.segment, gpa - region.startGpa, value);
        written(region, gpa, 4);
    }

    /** As {@link #putShortRelease}; {@code gpa} is a multiple of 8. */
    public void putLongRelease(long gpa, long value) {
        Region region = alignedRegionOf(gpa, 8);
        ALIGNED_LONG.setRelease(region.segment, gpa - region.startGpa, value);
        written(region, gpa, 8);
    }

    /** Copies {@code length} bytes of {@code source} from {@code sourceOffset} to {@code gpa}; may cross adjoining regions. */
    public void copyIn(MemorySegment source, long sourceOffset, long gpa, long length) {
        BulkAccess.copyIn(this, source, sourceOffset, gpa, length);
    }

    /** Copies {@code length} bytes from {@code gpa} to {@code target} at {@code targetOffset}; may cross adjoining regions. */
    public void copyOut(long gpa, MemorySegment target, long targetOffset, long length) {
        BulkAccess.copyOut(this, gpa, target, targetOffset, length);
    }

    /** Copies {@code length} bytes of {@code source} from {@code sourceOffset} to {@code gpa}; may cross adjoining regions. */
    public void copyIn(byte[] source, int sourceOffset, long gpa, int length) {
        BulkAccess.copyIn(this, source, sourceOffset, gpa, length);
    }

    /** Copies {@code length} bytes from {@code gpa} to {@code target} at {@code targetOffset}; may cross adjoining regions. */
    public void copyOut(long gpa, byte[] target, int targetOffset, int length) {
        BulkAccess.copyOut(this, gpa, target, targetOffset, length);
    }

    /**
     * Fills {@code length} bytes from {@code gpa}; may cross adjoining regions. Only a fill with something else than zero allocates
     * (a slice).
     */
    public void fill(long gpa, long length, byte value) {
        BulkAccess.fill(this, gpa, length, value);
    }

    /**
     * Gives the host back what is behind the whole pages among {@code length} bytes from {@code gpa}; the bytes beside them stay. The guest finds zeros
     * there, and a page of the host's again at its first use. Whoever has the memory lent keeps valid addresses: what a device still writes there may
     * come before or after. Takes the host some 100 µs for 2 MiB that were in use. Allocates nothing.
     *
     * <p>Pages of the host are 4 KiB, of hugetlb 2 MiB. Memory that was not made by {@link #allocate} is filled with zeros.
     *
     * @return how many bytes were given back; 0 if the host refuses, as for memory that is locked, and for hugetlb before Linux 5.18
     * @throws GuestMemoryException if they are not all RAM
     * @throws IllegalStateException if the memory is closed
     */
    public long discard(long gpa, long length) {
        return PageDiscard.discard(this, mapping, gpa, length);
    }

    /**
     * Makes a lease for requests of up to {@code capacity} pieces, to be kept and used again: what it takes comes back with this memory only.
     *
     * @param capacity 1 to {@link IovecLayout#UIO_MAXIOV}
     */
    public MemoryLease newLease(int capacity) {
        return new MemoryLease(this, capacity, buffers);
    }

    /**
     * Starts to note which pages are written, all of them clean. To be called while the machine is paused: a thread notices when
     * it synchronizes with the caller next, as it does when it is resumed, and what it writes before goes unnoticed.
     */
    public void enableDirtyLog() {
        watch = WriteWatch.of(regions, WriteWatch.bitmaps(regions), observer());
    }

    /** Stops to note it, and forgets what was noted. */
    public void disableDirtyLog() {
        watch = WriteWatch.of(regions, null, observer());
    }

    /**
     * Has {@code observer} told of every write through this object from now on, those of leases included; null for nobody. An engine that
     * keeps code drops it then. To be called before the first vCPU or device runs, or while the machine is paused: as with
     * {@link #enableDirtyLog}, a thread notices when it synchronizes with the caller next.
     */
    public void observeWrites(@Nullable WriteObserver observer) {
        WriteWatch present = watch;
        watch = WriteWatch.of(regions, present == null ? null : present.bitmaps(), observer);
    }

    private @Nullable WriteObserver observer() {
        WriteWatch present = watch;
        return present == null ? null : present.observer();
    }

    /** Read-modify-write accesses that are atomic for the guest's processors and the host's. */
    public AtomicAccess atomic() {
        return atomic;
    }

    /**
     * Where an engine finds the 4 KiB page that {@code gpa} lies in.
     *
     * @return the host-virtual address of the page's first byte, valid until {@link #close}; 0 if not all of the page is RAM of one region.
     *     Who writes there tells nobody: neither the dirty log nor an observer
     * @throws IllegalStateException if this memory lies on the Java heap, or is closed: the address may be another mapping's by then
     */
    public long pageHva(long gpa) {
        long pageGpa = gpa & -HostMapping.PAGE_SIZE;
        return pageHva(find(pageGpa, (int) HostMapping.PAGE_SIZE), pageGpa);
    }

    /** As {@link #pageHva(long)}, of a page of a read-only region: a write to that address ends the process. */
    public long readOnlyPageHva(long gpa) {
        long pageGpa = gpa & -HostMapping.PAGE_SIZE;
        return pageHva(findReadOnly(pageGpa, HostMapping.PAGE_SIZE), pageGpa);
    }

    private long pageHva(@Nullable Region region, long pageGpa) {
        if (gate.isClosed()) {
            throw new IllegalStateException("guest memory is closed");
        }
        return region == null ? 0 : hva(region, pageGpa);
    }

    /** The size of the bitmap of the region with that index, in bytes: a bit for each 4 KiB, rounded up to 64 as KVM does. */
    public long dirtyBitmapSizeBytes(int regionIndex) {
        return DirtyBitmap.sizeBytes(regions[regionIndex].segment.byteSize());
    }

    /**
     * Adds the pages of a region that were written through this object since the last call to {@code target}, and makes them
     * clean. Called before the pages are read, it misses none. Bit 0 of byte 0 is the region's first page, as in
     * {@code KVM_GET_DIRTY_LOG}, so that both can be collected in one buffer.
     *
     * @param target at least {@link #dirtyBitmapSizeBytes} bytes; bits that are set in it stay
     * @return how many pages were dirty
     * @throws IllegalStateException if the log is off
     */
    public long snapshotAndClearDirty(int regionIndex, MemorySegment target) {
        WriteWatch present = watch;
        DirtyBitmap[] bitmaps = present == null ? null : present.bitmaps();
        if (bitmaps == null) {
            throw new IllegalStateException("the dirty log is off");
        }
        Objects.checkFromIndexSize(0, dirtyBitmapSizeBytes(regionIndex), target.byteSize());
        return bitmaps[regionIndex].snapshot(target);
    }

    /**
     * Refuses new leases, waits up to 5 s for those that are out, makes every access throw and gives the memory back to the host.
     * If a lease is still out then, the device behind it may still write there: access ends, a warning is logged, and the memory
     * goes back when the last lease is released. To be called after KVM's descriptors are closed, as KVM keeps the addresses. Does
     * nothing the second time.
     */
    @Override
    public void close() {
        close(CLOSE_TIMEOUT_NANOS);
    }

    void close(long timeoutNanos) {
        if (!gate.close()) {
            return;
        }
        if (!gate.awaitGuests(timeoutNanos)) {
            LOG.warn(
                    "guest memory is closed with {} requests in flight for more than {} ms: it is unmapped when they"
                            + " end",
                    gate.guests(),
                    TimeUnit.NANOSECONDS.toMillis(timeoutNanos));
        }
        if (mapping != null) {
            mapping.revoke();
        }
        leaveLease();
    }

    void enterLease() {
        if (!gate.enter()) {
            throw new IllegalStateException("guest memory is closed");
        }
    }

    void leaveLease() {
        if (gate.leave()) {
            if (mapping != null) {
                mapping.unmap();
            }
            buffers.close();
        }
    }

    long hva(Region region, long gpa) {
        if (!region.segment.isNative()) {
            throw new IllegalStateException("this memory lies on the Java heap: it has no address to lend");
        }
        return region.segment.address() + (gpa - region.startGpa);
    }

    /** Notes that {@code length} bytes from {@code gpa}, which lie in one region, were written through a lease. */
    void leaseWritten(long gpa, long length) {
        written(regionAt(gpa), gpa, length);
    }

    void written(Region region, long gpa, long length) {
        WriteWatch present = watch;
        if (present != null) {
            present.written(region, gpa, length);
        }
    }
}
