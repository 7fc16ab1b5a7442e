package io.javisor.devices.virtio.block;

import static io.javisor.devices.virtio.block.BlockProtocol.*;

import io.javisor.core.host.Fd;
import io.javisor.core.io.AsyncFileBackend;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.virtio.VirtioLink;
import io.javisor.devices.virtio.queue.ChainBytes;
import io.javisor.devices.virtio.queue.DescriptorChain;
import io.javisor.devices.virtio.queue.Virtqueue;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs requests: takes chains while there are free slots, checks them, hands them to the host's file, and completes them. On the event loop only.
 * Allocates nothing once slots were made.
 */
final class BlockRequests {
    /** Requests in flight: more gain nothing on any disk that we know, and each costs some 12 KiB. */
    static final int DEPTH = 128;

    /** Bytes in flight, give or take a request's: what a reset has to wait for on a slow disk. */
    static final int MAX_BYTES_IN_FLIGHT = 32 << 20;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final BlockDeviceConfig config;
    private final BlockConfigSpace space;
    private final BlockLimits limits;
    private final BlockCounters counters;
    private final AsyncFileBackend file;
    private final BlockStability stability;
    private final BlockRangeRequests ranges;
    /** Of the device, for its life: what the host still uses at its end is never freed. */
    final Arena buffers = Arena.ofShared();

    private final MemorySegment header = buffers.allocate(HEADER_SIZE, 8);
    private final MemorySegment serial = buffers.allocate(VIRTIO_BLK_ID_BYTES);
    private final BlockSlots slots = new BlockSlots(DEPTH, buffers);
    private final boolean[] waiting; // queues that found no slot
    private final int[] inFlight; // a queue
    private final @Nullable Runnable[] queueResets;
    private @Nullable VirtioLink link;
    private @Nullable Runnable reset;
    private @Nullable Runnable quiet; // who waits for a pause to be one
    private boolean paused;
    private int bytesInFlight;
    private int firstServed; // of the queues that wait
    private boolean limited; // a queue waits for the limits, not for a range

    BlockRequests(
            String id,
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
        this.stability = new BlockStability(id, config, space, counters);
        this.ranges = new BlockRangeRequests(config, space, counters, stability, limits, file, this::finish);
        this.waiting = new boolean[config.queueCount()];
        this.inFlight = new int[config.queueCount()];
        this.queueResets = new Runnable[config.queueCount()];
        serial.copyFrom(MemorySegment.ofArray(config.serial().getBytes(StandardCharsets.US_ASCII)));
    }

    // ---- life ----

    void activate(VirtioLink newLink) {
        link = newLink;
        stability.negotiated(newLink.features());
    }

    /** Starts a request again that was in flight when the device was saved. */
    void retake(int queueIndex, int token) {
        VirtioLink active = link;
        Virtqueue queue = active == null ? null : active.queue(queueIndex);
        BlockSlot slot = active == null || queue == null ? null : slots.free(active.memory());
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
        slots.forgetQueues();
        reset = done;
        forgetWaiting();
        resetIfQuiet();
    }

    /** What waits for a limit, or for the end of a pause, is not in flight on the host: nobody will complete it. */
    private void forgetWaiting() {
        BlockSlot slot = ranges.forget();
        while (slot != null) {
            free(slot);
            slot = ranges.forget();
        }
        slot = slots.unparkForgotten();
        while (slot != null) {
            free(slot);
            slot = slots.unparkForgotten();
        }
    }

    void resetQueue(int index, Runnable done) {
        waiting[index] = false;
        slots.forgetQueue(index);
        forgetWaiting();
        if (inFlight[index] == 0) {
            done.run();
        } else {
            queueResets[index] = done;
        }
        workAll(); // others may have waited for what was forgotten
    }

    private void resetIfQuiet() {
        Runnable done = reset;
        if (done != null && slots.inUse() == 0) {
            reset = null;
            done.run();
        }
    }

    // ---- pause ----

    /** Begins nothing more, and no next part of what is in flight. {@code done} runs once the host is through with all that it has. */
    void pause(Runnable done) {
        paused = true;
        ranges.pause(true);
        quiet = done;
        tellIfQuiet();
    }

    /** Goes on with what the pause has cut short, but for ranges: {@link #workAll} does. */
    void resume() {
        paused = false;
        ranges.pause(false);
        quiet = null;
        VirtioLink active = link;
        BlockSlot slot = slots.unpark();
        while (active != null && slot != null) { // without a driver nothing is parked
            transfer(slot, active.memory(), true);
            slot = slots.unpark();
        }
        file.submit();
    }

    private void tellIfQuiet() {
        Runnable done = quiet;
        if (done != null && slots.inUse() == slots.parked() + ranges.waiting()) {
            quiet = null;
            done.run();
        }
    }

    void close() {
        file.close(); // completions come until then; throws if some never do, and leaves their memory
        buffers.close();
    }

    List<BlockState.Request> inFlight() {
        return slots.inFlight();
    }

    // ---- taking ----

    /** Serves what waits for a slot or a limit: queues and ranges by turns, so that neither keeps the other off. */
    void workAll() {
        VirtioLink active = link;
        if (active == null || paused) {
            return;
        }
        serveQueues(active);
        while (link != null && mayResume() && ranges.resume(active.memory())) {
            file.submit();
            serveQueues(active);
        }
    }

    private boolean mayResume() {
        return ranges.waiting() > 0 && hasRoom() && (ranges.areNext() || !limited);
    }

    /** Whether more may be in flight: what waits for the limits is not. */
    private boolean hasRoom() {
        return bytesInFlight - ranges.waiting() * BlockSlot.STRETCH_SIZE < MAX_BYTES_IN_FLIGHT;
    }

    /** Begins with the queue that comes after the last to get something. */
    private void serveQueues(VirtioLink active) {
        limited = false;
        int first = firstServed;
        for (int i = 0; i < waiting.length; i++) {
            int index = (first + i) % waiting.length;
            if (waiting[index] && !work(active, index)) {
                return; // there is nothing for the others either
            }
        }
    }

    /** Serves a queue: takes what there is and starts it. */
    void work(int index) {
        VirtioLink active = link;
        if (active != null) {
            boolean _ = work(active, index);
        }
    }

    /** Returns false if it waits for what no other queue would get. */
    private boolean work(VirtioLink active, int index) {
        Virtqueue queue = active.queue(index);
        if (queue == null) {
            return true;
        }
        waiting[index] = false;
        do {
            queue.disableDoorbell();
            takeAll(active, index, queue);
        } while (!waiting[index] && queue.enableDoorbell());
        file.submit();
        notifyDriver(active, index, queue);
        return !waiting[index];
    }

    /** Marks the queue as waiting where there is more in it than can be taken now. */
    private void takeAll(VirtioLink active, int index, Virtqueue queue) {
        while (true) {
            BlockSlot slot = hasRoom() ? slots.free(active.memory()) : null;
            if (slot == null) {
                waiting[index] = true; // a completion or the limit's timer goes on
                return;
            }
            if (!queue.take(slot.chain)) {
                return;
            }
            long data = Math.max(slot.chain.readableBytes() - HEADER_SIZE, slot.chain.writableBytes() - 1);
            if (!admit(Math.max(0, data))) {
                BlockCounters.add(counters.throttled, 1);
                queue.putBack();
                waiting[index] = true; // the limit's timer goes on
                return;
            }
            firstServed = (index + 1) % waiting.length;
            begin(active, slot, index, queue);
        }
    }

    private boolean admit(long size) {
        double nanos = limits.nanos(1, size);
        if (nanos > 0 && ranges.areNext()) {
            return false;
        }
        if (!limits.admit(1, size)) {
            limited = true;
            return false;
        }
        ranges.passed(nanos);
        return true;
    }

    private void notifyDriver(VirtioLink active, int index, Virtqueue queue) {
        if (queue.needsNotification()) {
            active.notifyUsed(index);
        }
    }

    // ---- a request ----

    private void begin(VirtioLink active, BlockSlot slot, int queueIndex, Virtqueue queue) {
        slots.begin(slot);
        slot.queue = queue;
        slot.queueIndex = queueIndex;
        slot.done = 0;
        slot.left = 0;
        slot.reserved = 0;
        slot.unsynced = false;
        slot.syncing = false;
        inFlight[queueIndex]++;
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
            case VIRTIO_BLK_T_DISCARD, VIRTIO_BLK_T_WRITE_ZEROES -> {
                reserve(slot, BlockSlot.STRETCH_SIZE); // zeroes may have to be written
                ranges.begin(active, slot, memory);
            }
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
        if (!slot.isRead() && stability.refusesWrites()) {
            hostError(slot, memory);
            return;
        }
        slot.offset = sector << SECTOR_SHIFT;
        slot.left = size;
        reserve(slot, size);
        BlockCounters.add(slot.isRead() ? counters.reads : counters.writes, 1);
        transfer(slot, memory, true);
    }

    private void reserve(BlockSlot slot, long size) {
        slot.reserved = (int) Math.min(size, BlockSlot.STRETCH_SIZE);
        bytesInFlight += slot.reserved;
    }

    /** @param next whether the present stretch is done */
    private void transfer(BlockSlot slot, GuestMemory memory, boolean next) {
        if (slot.left == 0) {
            finish(slot, memory, VIRTIO_BLK_S_OK);
            return;
        }
        if (paused) {
            slots.park(slot);
            return;
        }
        if (next) {
            slot.prepare(memory, config.cache() == CacheMode.NONE ? config.memoryAlignment() : 1);
            if (slot.copied()) {
                BlockCounters.add(counters.bounced, 1);
            }
        }
        boolean queued = slot.isRead()
                ? file.readv(slot.offset, slot.vectorHva(), slot.vectorCount(), slot.vectorBytes(), slot.index)
                : file.writev(
                        slot.offset,
                        slot.vectorHva(),
                        slot.vectorCount(),
                        slot.vectorBytes(),
                        stability.writeThrough(),
                        slot.index);
        if (!queued) {
            hostError(slot, memory);
        }
    }

    private void beginFlush(BlockSlot slot, GuestMemory memory) {
        BlockCounters.add(counters.flushes, 1);
        if (config.cache() == CacheMode.UNSAFE || config.readOnly()) {
            finish(slot, memory, VIRTIO_BLK_S_OK);
        } else if (stability.isLost() || !file.fdatasync(slot.index)) {
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

    // ---- completion ----

    private void completed(long token, long result) {
        hostIsThrough(token, result);
        tellIfQuiet();
    }

    /** The host is through with what a slot had queued. */
    private void hostIsThrough(long token, long result) {
        BlockSlot slot = slots.get((int) token);
        VirtioLink active = link;
        Virtqueue queue = slot.queue;
        int queueIndex = slot.queueIndex; // the slot may be another request's in the end
        if (result < 0) {
            tellFailure(slot, result);
        }
        if (active == null || queue == null) {
            free(slot); // reset meanwhile: nobody is told
            workAll(); // but other queues may wait for the slot
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
            case VIRTIO_BLK_T_DISCARD, VIRTIO_BLK_T_WRITE_ZEROES -> ranges.completed(slot, memory, result);
            default -> {
                if (result < 0) {
                    hostError(slot, memory);
                } else {
                    finish(slot, memory, VIRTIO_BLK_S_OK);
                }
            }
        }
        if (link != null) { // else reset by what was notified
            notifyDriver(active, queueIndex, queue);
            workAll();
        }
    }

    /** Also of what was reset meanwhile: the data is lost to the next driver too. */
    private void tellFailure(BlockSlot slot, long result) {
        if (slot.type == VIRTIO_BLK_T_FLUSH || slot.syncing) {
            stability.syncFailed(result);
        } else if (!slot.isRead()) {
            stability.writeFailed(result);
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
        slots.end(slot);
        bytesInFlight -= slot.reserved;
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
