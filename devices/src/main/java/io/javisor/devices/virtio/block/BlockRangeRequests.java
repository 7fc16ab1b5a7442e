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

/** Discard and write-zeroes: requests that are ranges of the disk, done one after the other. On the event loop only; allocates nothing. */
final class BlockRangeRequests {
    /** Ends a request. */
    @FunctionalInterface
    interface End {
        void finish(BlockSlot slot, GuestMemory memory, int status);
    }

    private static final int NONE = -1;

    // What a file that can't be told to make zeroes is written with: one page range many times over.
    private static final int ZERO_SIZE = 64 << 10;
    private static final int ZERO_COUNT = 16;
    private static final MemorySegment ZEROS = Arena.global().allocate(ZERO_SIZE, 4096);

    private final BlockDeviceConfig config;
    private final BlockConfigSpace space;
    private final BlockCounters counters;
    private final BlockStability stability;
    private final AsyncFileBackend file;
    private final End end;
    private final MemorySegment zeroVectors = Arena.ofAuto().allocate((long) ZERO_COUNT * IovecLayout.SIZE, 8);
    private boolean zeroRefused;

    BlockRangeRequests(
            BlockDeviceConfig config,
            BlockConfigSpace space,
            BlockCounters counters,
            BlockStability stability,
            AsyncFileBackend file,
            End end) {
        this.config = config;
        this.space = space;
        this.counters = counters;
        this.stability = stability;
        this.file = file;
        this.end = end;
        for (int i = 0; i < ZERO_COUNT; i++) {
            long at = (long) i * IovecLayout.SIZE;
            zeroVectors.set(ValueLayout.JAVA_LONG, at + IovecLayout.IOV_BASE_OFFSET, ZEROS.address());
            zeroVectors.set(ValueLayout.JAVA_LONG, at + IovecLayout.IOV_LEN_OFFSET, ZERO_SIZE);
        }
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
        boolean unmap = slot.type == VIRTIO_BLK_T_DISCARD || BlockRanges.flags(slot, slot.range) != 0;
        boolean queued;
        if (unmap) {
            queued = file.discard(slot.offset, slot.left, slot.index);
        } else if (zeroRefused) {
            queued = writeZeros(slot);
        } else {
            queued = file.zero(slot.offset, slot.left, slot.index);
        }
        if (!queued) {
            hostError(slot, memory);
        }
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
        if (slot.left < ZERO_SIZE) {
            slot.setVector(ZEROS, slot.left);
            return file.writev(slot.offset, slot.ownVectorHva(), 1, dsync, slot.index);
        }
        int count = (int) Math.min(ZERO_COUNT, slot.left / ZERO_SIZE);
        return file.writev(slot.offset, zeroVectors.address(), count, dsync, slot.index);
    }

    /** The host is through with what the slot had queued. */
    void completed(BlockSlot slot, GuestMemory memory, long result) {
        if (slot.syncing) {
            synced(slot, memory, result);
            return;
        }
        if (result == -Errno.EOPNOTSUPP) {
            if (slot.type == VIRTIO_BLK_T_DISCARD) { // a hint that this file can't take
                next(slot, memory);
                return;
            }
            zeroRefused = true;
            if (!writeZeros(slot)) {
                hostError(slot, memory);
            }
            return;
        }
        if (result < 0) {
            hostError(slot, memory);
            return;
        }
        // fallocate says 0 for all of it; a write says how much.
        slot.unsynced |= result == 0;
        slot.left -= result;
        slot.offset += result;
        if (result == 0 || slot.left == 0) {
            next(slot, memory);
        } else if (!writeZeros(slot)) {
            hostError(slot, memory);
        }
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
