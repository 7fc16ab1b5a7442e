package io.javisor.devices.virtio.block;

import static io.javisor.devices.virtio.block.BlockProtocol.*;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.io.AsyncFileBackend;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.memory.IovecLayout;
import io.javisor.devices.virtio.VirtioFeature;
import io.javisor.devices.virtio.VirtioLink;
import io.javisor.devices.virtio.queue.ChainBytes;
import io.javisor.devices.virtio.queue.DescriptorChain;
import io.javisor.devices.virtio.queue.Virtqueue;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs requests: takes chains while there are free slots, checks them, hands them to the host's file, and completes them. On the event loop only.
 * Makes slots as they are needed for the first time, and allocates nothing after that.
 */
final class BlockRequests {
    /** Requests in flight: more gain nothing on any disk that we know, and each costs some 12 KiB. */
    static final int DEPTH = 128;

    private static final int NONE = -1;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

    // What a file that can't be told to make zeroes is written with: one page range many times over.
    private static final int ZERO_SIZE = 64 << 10;
    private static final int ZERO_COUNT = 16;
    private static final MemorySegment ZEROS = Arena.global().allocate(ZERO_SIZE, 4096);

    private final BlockDeviceConfig config;
    private final BlockConfigSpace space;
    private final BlockLimits limits;
    private final BlockCounters counters;
    private final AsyncFileBackend file;
    private final MemorySegment header = Arena.ofAuto().allocate(HEADER_SIZE, 8);
    private final MemorySegment serial = Arena.ofAuto().allocate(VIRTIO_BLK_ID_BYTES);
    private final MemorySegment zeroVectors = Arena.ofAuto().allocate((long) ZERO_COUNT * IovecLayout.SIZE, 8);
    private final @Nullable BlockSlot[] slots = new BlockSlot[DEPTH];
    private final boolean[] waiting; // queues that found no slot
    private final int[] inFlight; // a queue
    private final @Nullable Runnable[] queueResets;
    private @Nullable VirtioLink link;
    private @Nullable Runnable reset;
    private int slotCount;
    private int firstFree = NONE;
    private int allInFlight;
    private boolean zeroRefused;

    BlockRequests(
            BlockDeviceConfig config,
            BlockConfigSpace space,
            BlockLimits limits,
            BlockCounters counters,
            AsyncFileBackend.Opener opener,
            Fd fd) {
        this.config = config;
        this.space = space;
        this.limits = limits;
        this.counters = counters;
        this.file = opener.open(fd, DEPTH, this::completed);
        this.waiting = new boolean[config.queueCount()];
        this.inFlight = new int[config.queueCount()];
        this.queueResets = new Runnable[config.queueCount()];
        serial.copyFrom(MemorySegment.ofArray(config.serial().getBytes(StandardCharsets.US_ASCII)));
        for (int i = 0; i < ZERO_COUNT; i++) {
            long at = (long) i * IovecLayout.SIZE;
            zeroVectors.set(ValueLayout.JAVA_LONG, at + IovecLayout.IOV_BASE_OFFSET, ZEROS.address());
            zeroVectors.set(ValueLayout.JAVA_LONG, at + IovecLayout.IOV_LEN_OFFSET, ZERO_SIZE);
        }
    }

    // ---- life ----

    void activate(VirtioLink newLink) {
        link = newLink;
    }

    /** Starts a request again that was in flight when the device was saved. */
    void retake(int queueIndex, int token) {
        VirtioLink active = link;
        Virtqueue queue = active == null ? null : active.queue(queueIndex);
        BlockSlot slot = active == null || queue == null ? null : freeSlot(active.memory());
        if (active != null && queue != null && slot != null && queue.retake(token, slot.chain)) {
            begin(active, slot, queueIndex, queue);
            file.submit();
        }
    }

    void reset(Runnable done) {
        limits.cancel();
        link = null;
        for (int i = 0; i < waiting.length; i++) {
            waiting[i] = false;
            queueResets[i] = null;
        }
        for (int i = 0; i < slotCount; i++) {
            slot(i).queue = null;
        }
        reset = done;
        resetIfQuiet();
    }

    void resetQueue(int index, Runnable done) {
        waiting[index] = false;
        for (int i = 0; i < slotCount; i++) {
            if (slot(i).queueIndex == index) {
                slot(i).queue = null;
            }
        }
        if (inFlight[index] == 0) {
            done.run();
        } else {
            queueResets[index] = done;
        }
    }

    private void resetIfQuiet() {
        Runnable done = reset;
        if (done != null && allInFlight == 0) {
            reset = null;
            for (int i = 0; i < slotCount; i++) {
                slot(i).retire(); // the next life has other memory
            }
            done.run();
        }
    }

    void close() {
        file.close();
    }

    /** Which requests are in flight, for a snapshot. */
    List<BlockState.Request> inFlight() {
        List<BlockState.Request> all = new ArrayList<>();
        for (int i = 0; i < slotCount; i++) {
            BlockSlot slot = slot(i);
            if (slot.queue != null) {
                all.add(new BlockState.Request(slot.queueIndex, slot.chain.token()));
            }
        }
        return all;
    }

    // ---- taking ----

    /** Serves every queue that waits for a slot or a limit. */
    void workAll() {
        for (int i = 0; i < waiting.length; i++) {
            if (waiting[i]) {
                work(i);
            }
        }
    }

    /** Serves a queue: takes what there is and starts it. */
    void work(int index) {
        VirtioLink active = link;
        Virtqueue queue = active == null ? null : active.queue(index);
        if (active == null || queue == null) {
            return;
        }
        waiting[index] = false;
        do {
            queue.disableDoorbell();
            takeAll(active, index, queue);
        } while (!waiting[index] && queue.enableDoorbell());
        file.submit();
        notifyDriver(active, index, queue);
    }

    private void takeAll(VirtioLink active, int index, Virtqueue queue) {
        while (true) {
            BlockSlot slot = freeSlot(active.memory());
            if (slot == null) {
                waiting[index] = true; // a completion goes on
                return;
            }
            if (!queue.take(slot.chain)) {
                return;
            }
            long data = Math.max(slot.chain.readableBytes() - HEADER_SIZE, slot.chain.writableBytes() - 1);
            if (!limits.admit(Math.max(0, data))) {
                BlockCounters.add(counters.throttled, 1);
                queue.putBack();
                waiting[index] = true; // the limit's timer goes on
                return;
            }
            begin(active, slot, index, queue);
        }
    }

    private void notifyDriver(VirtioLink active, int index, Virtqueue queue) {
        if (queue.needsNotification()) {
            active.notifyUsed(index);
        }
    }

    private @Nullable BlockSlot freeSlot(GuestMemory memory) {
        if (firstFree == NONE) {
            if (slotCount == DEPTH) {
                return null;
            }
            BlockSlot made = new BlockSlot(slotCount);
            made.nextFree = NONE;
            slots[slotCount++] = made;
            firstFree = made.index;
        }
        BlockSlot slot = slot(firstFree);
        if (!slot.usable()) {
            slot.use(memory);
        }
        return slot;
    }

    private BlockSlot slot(int index) {
        BlockSlot slot = slots[index];
        if (slot == null) {
            throw new IllegalStateException("no slot " + index);
        }
        return slot;
    }

    // ---- a request ----

    private void begin(VirtioLink active, BlockSlot slot, int queueIndex, Virtqueue queue) {
        firstFree = slot.nextFree;
        slot.queue = queue;
        slot.queueIndex = queueIndex;
        slot.done = 0;
        slot.left = 0;
        inFlight[queueIndex]++;
        allInFlight++;
        DescriptorChain chain = slot.chain;
        GuestMemory memory = active.memory();
        if (chain.writableBytes() == 0 || ChainBytes.read(memory, chain, 0, header, 0, HEADER_SIZE) < HEADER_SIZE) {
            BlockCounters.add(counters.malformed, 1);
            finish(slot, memory, VIRTIO_BLK_S_IOERR);
            return;
        }
        slot.type = header.get(INT, HEADER_TYPE_OFFSET);
        switch (slot.type) {
            case VIRTIO_BLK_T_IN -> beginTransfer(slot, memory, chain.writableBytes() - 1);
            case VIRTIO_BLK_T_OUT -> beginTransfer(slot, memory, chain.readableBytes() - HEADER_SIZE);
            case VIRTIO_BLK_T_FLUSH -> beginFlush(slot, memory);
            case VIRTIO_BLK_T_GET_ID -> identify(slot, memory);
            case VIRTIO_BLK_T_DISCARD, VIRTIO_BLK_T_WRITE_ZEROES -> beginRanges(active, slot, memory);
            default -> {
                BlockCounters.add(counters.unsupported, 1);
                finish(slot, memory, VIRTIO_BLK_S_UNSUPP);
            }
        }
    }

    private void beginTransfer(BlockSlot slot, GuestMemory memory, long size) {
        long sector = header.get(LONG, HEADER_SECTOR_OFFSET);
        if (!slot.isRead() && config.readOnly()) {
            BlockCounters.add(counters.readOnlyWrites, 1);
            finish(slot, memory, VIRTIO_BLK_S_IOERR);
            return;
        }
        if (!BlockRanges.inRange(sector, size, config.logicalBlockSize(), space.capacityBytes())) {
            BlockCounters.add(counters.outOfRange, 1);
            finish(slot, memory, VIRTIO_BLK_S_IOERR);
            return;
        }
        slot.offset = sector << SECTOR_SHIFT;
        slot.left = size;
        BlockCounters.add(slot.isRead() ? counters.reads : counters.writes, 1);
        transfer(slot, memory, true);
    }

    /** @param next whether the present stretch is done */
    private void transfer(BlockSlot slot, GuestMemory memory, boolean next) {
        if (slot.left == 0) {
            finish(slot, memory, VIRTIO_BLK_S_OK);
            return;
        }
        if (next) {
            slot.prepare(memory, config.cache() == CacheMode.NONE ? config.memoryAlignment() : 1);
            if (slot.copied()) {
                BlockCounters.add(counters.bounced, 1);
            }
        }
        boolean queued = slot.isRead()
                ? file.readv(slot.offset, slot.vectorHva(), slot.vectorCount(), slot.index)
                : file.writev(slot.offset, slot.vectorHva(), slot.vectorCount(), writeThrough(), slot.index);
        if (!queued) {
            hostError(slot, memory);
        }
    }

    /** A driver that can't flush is promised that what completed is stable (§5.2.6.2). */
    private boolean writeThrough() {
        if (config.cache() == CacheMode.UNSAFE) {
            return false;
        }
        VirtioLink active = link;
        long features = active == null ? 0 : active.features();
        boolean canFlush = VirtioFeature.has(features, VIRTIO_BLK_F_FLUSH);
        return !canFlush || !space.writeback();
    }

    private void beginFlush(BlockSlot slot, GuestMemory memory) {
        BlockCounters.add(counters.flushes, 1);
        if (config.cache() == CacheMode.UNSAFE || config.readOnly()) {
            finish(slot, memory, VIRTIO_BLK_S_OK);
        } else if (!file.fdatasync(slot.index)) {
            hostError(slot, memory);
        }
    }

    private void identify(BlockSlot slot, GuestMemory memory) {
        BlockCounters.add(counters.identifications, 1);
        long room = slot.chain.writableBytes() - 1;
        if (room < VIRTIO_BLK_ID_BYTES) {
            BlockCounters.add(counters.malformed, 1);
            finish(slot, memory, VIRTIO_BLK_S_IOERR);
            return;
        }
        long _ = ChainBytes.write(memory, slot.chain, 0, serial, 0, VIRTIO_BLK_ID_BYTES);
        finish(slot, memory, VIRTIO_BLK_S_OK);
    }

    // ---- discard and write-zeroes ----

    private void beginRanges(VirtioLink active, BlockSlot slot, GuestMemory memory) {
        boolean discard = slot.type == VIRTIO_BLK_T_DISCARD;
        int feature = discard ? VIRTIO_BLK_F_DISCARD : VIRTIO_BLK_F_WRITE_ZEROES;
        long size = slot.chain.readableBytes() - HEADER_SIZE;
        if (config.readOnly()) {
            BlockCounters.add(counters.readOnlyWrites, 1);
            finish(slot, memory, VIRTIO_BLK_S_IOERR);
        } else if (!VirtioFeature.has(active.features(), feature)) {
            BlockCounters.add(counters.unsupported, 1);
            finish(slot, memory, VIRTIO_BLK_S_UNSUPP);
        } else if (size == 0 || size % RANGE_SIZE != 0 || size > slot.ranges.byteSize()) {
            BlockCounters.add(counters.malformed, 1);
            finish(slot, memory, VIRTIO_BLK_S_IOERR);
        } else {
            long _ = ChainBytes.read(memory, slot.chain, HEADER_SIZE, slot.ranges, 0, size);
            slot.rangeCount = (int) (size / RANGE_SIZE);
            slot.range = NONE;
            int status = checkRanges(slot);
            if (status != VIRTIO_BLK_S_OK) {
                finish(slot, memory, status);
                return;
            }
            BlockCounters.add(discard ? counters.discards : counters.writeZeroes, 1);
            nextRange(slot, memory);
        }
    }

    private int checkRanges(BlockSlot slot) {
        int status = BlockRanges.check(slot, config.logicalBlockSize(), space.capacityBytes());
        if (status == VIRTIO_BLK_S_UNSUPP) {
            BlockCounters.add(counters.unsupported, 1);
        } else if (status != VIRTIO_BLK_S_OK) {
            BlockCounters.add(counters.outOfRange, 1);
        }
        return status;
    }

    private void nextRange(BlockSlot slot, GuestMemory memory) {
        do {
            slot.range++;
            if (slot.range == slot.rangeCount) {
                finish(slot, memory, VIRTIO_BLK_S_OK);
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

    private boolean writeZeros(BlockSlot slot) {
        if (slot.left < ZERO_SIZE) {
            slot.setVector(ZEROS, slot.left);
            return file.writev(slot.offset, slot.ownVectorHva(), 1, writeThrough(), slot.index);
        }
        int count = (int) Math.min(ZERO_COUNT, slot.left / ZERO_SIZE);
        return file.writev(slot.offset, zeroVectors.address(), count, writeThrough(), slot.index);
    }

    private void rangeDone(BlockSlot slot, GuestMemory memory, long result) {
        if (result == -Errno.EOPNOTSUPP) {
            if (slot.type == VIRTIO_BLK_T_DISCARD) { // a hint that this file can't take
                nextRange(slot, memory);
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
        slot.left -= result;
        slot.offset += result;
        if (result == 0 || slot.left == 0) {
            nextRange(slot, memory);
        } else if (!writeZeros(slot)) {
            hostError(slot, memory);
        }
    }

    // ---- completion ----

    /** The host is through with what a slot had queued. */
    private void completed(long token, long result) {
        BlockSlot slot = slot((int) token);
        VirtioLink active = link;
        Virtqueue queue = slot.queue;
        if (active == null || queue == null) {
            free(slot); // reset meanwhile: nobody is told
            return;
        }
        GuestMemory memory = active.memory();
        switch (slot.type) {
            case VIRTIO_BLK_T_IN, VIRTIO_BLK_T_OUT -> {
                if (result <= 0) { // 0: the file ends before the disk does
                    hostError(slot, memory);
                } else {
                    boolean next = slot.advance(memory, result);
                    if (slot.left > 0) {
                        BlockCounters.add(counters.continuations, 1);
                    }
                    transfer(slot, memory, next);
                }
            }
            case VIRTIO_BLK_T_DISCARD, VIRTIO_BLK_T_WRITE_ZEROES -> rangeDone(slot, memory, result);
            default -> {
                if (result < 0) {
                    hostError(slot, memory);
                } else {
                    finish(slot, memory, VIRTIO_BLK_S_OK);
                }
            }
        }
        if (link != null) { // else reset by what was notified
            notifyDriver(active, slot.queueIndex, queue);
            workAll();
        }
    }

    private void hostError(BlockSlot slot, GuestMemory memory) {
        BlockCounters.add(counters.hostErrors, 1);
        finish(slot, memory, VIRTIO_BLK_S_IOERR);
    }

    private void finish(BlockSlot slot, GuestMemory memory, int status) {
        Virtqueue queue = slot.queue;
        slot.release();
        if (queue != null) {
            long writable = slot.chain.writableBytes();
            boolean _ = writable > 0 && ChainBytes.putByte(memory, slot.chain, writable - 1, (byte) status);
            if (status == VIRTIO_BLK_S_OK) {
                if (slot.type == VIRTIO_BLK_T_IN) {
                    BlockCounters.add(counters.readBytes, slot.done);
                } else if (slot.type == VIRTIO_BLK_T_OUT) {
                    BlockCounters.add(counters.writtenBytes, slot.done);
                }
            }
            // The status is the last byte of the writable part, so all of it counts as written also after an error.
            queue.complete(slot.chain.token(), writable);
        }
        free(slot);
    }

    private void free(BlockSlot slot) {
        slot.release();
        slot.queue = null;
        slot.nextFree = firstFree;
        firstFree = slot.index;
        allInFlight--;
        int index = slot.queueIndex;
        inFlight[index]--;
        Runnable queueReset = queueResets[index];
        if (queueReset != null && inFlight[index] == 0) {
            queueResets[index] = null;
            queueReset.run();
        }
        resetIfQuiet();
    }
}
