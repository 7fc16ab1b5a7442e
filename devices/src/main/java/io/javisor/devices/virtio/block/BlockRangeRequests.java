package io.javisor.devices.virtio.block;

import static io.javisor.devices.virtio.block.BlockProtocol.*;

import io.javisor.core.host.Errno;
import io.javisor.core.io.AsyncFileBackend;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.memory.IovecLayout;
import io.javisor.devices.virtio.VirtioFeature;
import io.javisor.devices.virtio.VirtioLink;
import io.javisor.devices.virtio.queue.ChainBytes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Discard and write-zeroes: requests that are ranges of the disk, done one after the other. On the event loop only; allocates nothing. */
final class BlockRangeRequests {
    /** Ends a request. */
    @FunctionalInterface
    interface End {
        void finish(BlockSlot slot, GuestMemory memory, int status);
    }

    private static final int NONE = -1;

    /** What one fallocate(2) is asked for: it can't be taken back, and on a block device may be as slow as a write. */
    static final long STEP_SIZE = 64 << 20;

    // What a file that can't be told to make zeroes is written with: one page range many times over.
    private static final int ZERO_SIZE = 64 << 10;
    private static final int ZERO_COUNT = 16;
    private static final MemorySegment ZEROS = Arena.global().allocate(ZERO_SIZE, 4096);
    private static final MemorySegment ZERO_VECTORS = zeroVectors();

    private final BlockDeviceConfig config;
    private final BlockConfigSpace space;
    private final BlockCounters counters;
    private final BlockStability stability;
    private final BlockLimits limits;
    private final AsyncFileBackend file;
    private final End end;
    private final ArrayDeque<BlockSlot> throttled = new ArrayDeque<>(BlockRequests.DEPTH); // first in, first out
    private boolean holeRefused; // in the place of zeroes
    private boolean zeroRefused;
    private boolean paused;
    private double lead; // nanoseconds of the limits that requests may take before the next step that waits

    BlockRangeRequests(
            BlockDeviceConfig config,
            BlockConfigSpace space,
            BlockCounters counters,
            BlockStability stability,
            BlockLimits limits,
            AsyncFileBackend file,
            End end) {
        this.config = config;
        this.space = space;
        this.counters = counters;
        this.stability = stability;
        this.limits = limits;
        this.file = file;
        this.end = end;
    }

    private static MemorySegment zeroVectors() {
        MemorySegment vectors = Arena.global().allocate((long) ZERO_COUNT * IovecLayout.SIZE, 8);
        for (int i = 0; i < ZERO_COUNT; i++) {
            long at = (long) i * IovecLayout.SIZE;
            vectors.set(ValueLayout.JAVA_LONG, at + IovecLayout.IOV_BASE_OFFSET, ZEROS.address());
            vectors.set(ValueLayout.JAVA_LONG, at + IovecLayout.IOV_LEN_OFFSET, ZERO_SIZE);
        }
        return vectors;
    }

    /** Begins a request whose header was read. */
    void begin(VirtioLink active, BlockSlot slot, GuestMemory memory) {
        boolean discard = slot.type == VIRTIO_BLK_T_DISCARD;
        int feature = discard ? VIRTIO_BLK_F_DISCARD : VIRTIO_BLK_F_WRITE_ZEROES;
        long size = slot.chain.readableBytes() - HEADER_SIZE;
        if (config.readOnly()) {
            BlockCounters.add(counters.readOnlyWrites, 1);
            end.finish(slot, memory, VIRTIO_BLK_S_IOERR);
        } else if (!VirtioFeature.has(active.features(), feature)) {
            BlockCounters.add(counters.unsupported, 1);
            end.finish(slot, memory, VIRTIO_BLK_S_UNSUPP);
        } else if (size == 0 || size % RANGE_SIZE != 0 || size > slot.ranges.byteSize()) {
            BlockCounters.add(counters.malformed, 1);
            end.finish(slot, memory, VIRTIO_BLK_S_IOERR);
        } else {
            long _ = ChainBytes.read(memory, slot.chain, HEADER_SIZE, slot.ranges, 0, size);
            slot.rangeCount = (int) (size / RANGE_SIZE);
            slot.range = NONE;
            slot.steps = 0;
            int status = check(slot);
            if (status != VIRTIO_BLK_S_OK) {
                end.finish(slot, memory, status);
            } else if (stability.refusesWrites()) {
                hostError(slot, memory);
            } else {
                BlockCounters.add(discard ? counters.discards : counters.writeZeroes, 1);
                next(slot, memory);
            }
        }
    }

    private int check(BlockSlot slot) {
        int status = BlockRanges.check(slot, config.logicalBlockSize(), space.capacityBytes());
        if (status == VIRTIO_BLK_S_UNSUPP) {
            BlockCounters.add(counters.unsupported, 1);
        } else if (status != VIRTIO_BLK_S_OK) {
            BlockCounters.add(counters.outOfRange, 1);
        }
        return status;
    }

    private void next(BlockSlot slot, GuestMemory memory) {
        do {
            slot.range++;
            if (slot.range == slot.rangeCount) {
                conclude(slot, memory);
                return;
            }
            slot.offset = BlockRanges.sector(slot, slot.range) << SECTOR_SHIFT;
            slot.left = BlockRanges.sectorCount(slot, slot.range) << SECTOR_SHIFT;
        } while (slot.left == 0);
        step(slot, memory);
    }

    /** Begins the next part of a range, or has it wait for its turn. */
    private void step(BlockSlot slot, GuestMemory memory) {
        prepareStep(slot);
        boolean first = slot.steps == 0 && throttled.isEmpty();
        if (paused || (nanos(slot) > 0 && !(first && admit(slot)))) {
            throttled.add(slot);
        } else {
            start(slot, memory);
        }
    }

    private void prepareStep(BlockSlot slot) {
        if (slot.type == VIRTIO_BLK_T_DISCARD || (unmaps(slot) && !holeRefused)) {
            slot.step = RangeStep.PUNCH;
            slot.stepSize = Math.min(slot.left, STEP_SIZE);
        } else if (!zeroRefused) {
            slot.step = RangeStep.ZERO;
            slot.stepSize = Math.min(slot.left, Math.min(STEP_SIZE, limits.portionBytes()));
        } else {
            slot.step = RangeStep.WRITE;
            slot.stepSize = slot.left < ZERO_SIZE ? slot.left : Math.min(ZERO_COUNT, slot.left / ZERO_SIZE) * ZERO_SIZE;
        }
    }

    /** The requests that the limits are to count: the first step is the one that was admitted when it was taken. */
    private static int count(BlockSlot slot) {
        return slot.steps == 0 ? 0 : 1;
    }

    /** The bytes that the limits are to count. */
    private static long size(BlockSlot slot) {
        return slot.step == RangeStep.PUNCH ? 0 : slot.stepSize;
    }

    private double nanos(BlockSlot slot) {
        return limits.nanos(count(slot), size(slot));
    }

    private boolean admit(BlockSlot slot) {
        if (!limits.admit(count(slot), size(slot))) {
            BlockCounters.add(counters.throttled, 1);
            return false;
        }
        lead = nanos(slot);
        return true;
    }

    private void start(BlockSlot slot, GuestMemory memory) {
        slot.steps++;
        boolean queued =
                switch (slot.step) {
                    case PUNCH -> file.discard(slot.offset, slot.stepSize, slot.index);
                    case ZERO -> file.zero(slot.offset, slot.stepSize, slot.index);
                    case WRITE -> writeZeros(slot);
                };
        if (!queued) {
            hostError(slot, memory);
        }
    }

    /** While it is paused no step begins: those that are next wait, as for the limits. */
    void pause(boolean on) {
        paused = on;
    }

    /** How many ranges wait for the limits, or for the end of a pause. */
    int waiting() {
        return throttled.size();
    }

    /** Whether the next that the limits give is a range's: requests had as much as its last step. */
    boolean areNext() {
        return !throttled.isEmpty() && lead <= 0;
    }

    /** A request took so much of the limits. */
    void passed(double nanos) {
        lead -= nanos;
    }

    /** Goes on with the range that waits longest, if the limits let it. The caller submits. */
    boolean resume(GuestMemory memory) {
        BlockSlot slot = throttled.element();
        prepareStep(slot); // the host may have refused something meanwhile
        if (!admit(slot)) {
            return false;
        }
        throttled.remove();
        start(slot, memory);
        return true;
    }

    /** Takes one off that waits and whose queue is no more; null if there is none. */
    @Nullable
    BlockSlot forget() {
        for (int left = throttled.size(); left > 0; left--) {
            BlockSlot slot = throttled.remove();
            if (slot.queue == null) {
                return slot;
            }
            throttled.add(slot);
        }
        return null;
    }

    private static boolean unmaps(BlockSlot slot) {
        return BlockRanges.flags(slot, slot.range) != 0;
    }

    /** Zeroes are data like any other: those of fallocate are not stable by themselves. What was discarded is nobody's. */
    private void conclude(BlockSlot slot, GuestMemory memory) {
        if (slot.type == VIRTIO_BLK_T_DISCARD || !slot.unsynced || !stability.writeThrough()) {
            end.finish(slot, memory, VIRTIO_BLK_S_OK);
            return;
        }
        slot.syncing = true;
        if (!file.fdatasync(slot.index)) {
            hostError(slot, memory);
        }
    }

    private boolean writeZeros(BlockSlot slot) {
        boolean dsync = stability.writeThrough();
        if (slot.stepSize < ZERO_SIZE) {
            slot.setVector(ZEROS, slot.stepSize);
            return file.writev(slot.offset, slot.ownVectorHva(), 1, slot.stepSize, dsync, slot.index);
        }
        int count = (int) (slot.stepSize / ZERO_SIZE);
        return file.writev(slot.offset, ZERO_VECTORS.address(), count, slot.stepSize, dsync, slot.index);
    }

    /** The host is through with what the slot had queued. */
    void completed(BlockSlot slot, GuestMemory memory, long result) {
        if (slot.syncing) {
            synced(slot, memory, result);
            return;
        }
        boolean written = slot.step == RangeStep.WRITE;
        if (result == -Errno.EOPNOTSUPP && !written) {
            refused(slot, memory);
            return;
        }
        // fallocate says 0 for all of it; a write says how much.
        long stepDone = written ? result : slot.stepSize;
        if (result < 0 || stepDone == 0) { // 0: the file ends before the disk does
            hostError(slot, memory);
            return;
        }
        limits.giveBack(slot.stepSize - stepDone);
        slot.unsynced |= !written;
        slot.left -= stepDone;
        slot.offset += stepDone;
        if (slot.left == 0) {
            next(slot, memory);
        } else {
            step(slot, memory);
        }
    }

    /** The file can't do what was asked of it. Several ranges may learn the same at once. */
    private void refused(BlockSlot slot, GuestMemory memory) {
        limits.giveBack(size(slot));
        if (slot.type == VIRTIO_BLK_T_DISCARD) { // a hint
            next(slot, memory);
            return;
        }
        if (slot.step == RangeStep.PUNCH) {
            holeRefused = true;
        } else {
            zeroRefused = true;
        }
        step(slot, memory);
    }

    private void synced(BlockSlot slot, GuestMemory memory, long result) {
        if (result < 0) {
            hostError(slot, memory);
        } else {
            end.finish(slot, memory, VIRTIO_BLK_S_OK);
        }
    }

    private void hostError(BlockSlot slot, GuestMemory memory) {
        BlockCounters.add(counters.hostErrors, 1);
        end.finish(slot, memory, VIRTIO_BLK_S_IOERR);
    }
}
