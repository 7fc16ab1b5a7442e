package io.javisor.devices.virtio.block;

import io.javisor.core.memory.GuestMemory;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The slots of a disk's requests: made as they are needed for the first time, then used again and again. Knows which are parked: between two
 * stretches of their data while the machine is paused. On the event loop only.
 */
final class BlockSlots {
    private static final int NONE = -1;

    private final Arena buffers;
    private final @Nullable BlockSlot[] slots;
    private int made;
    private int firstFree = NONE;
    private int inUse;
    private int parked;

    /** @param buffers for what the host reads and writes while a request is in flight */
    BlockSlots(int capacity, Arena buffers) {
        slots = new BlockSlot[capacity];
        this.buffers = buffers;
    }

    /** One that is free, which it stays until {@link #begin}; null if all are in use. */
    @Nullable
    BlockSlot free(GuestMemory memory) {
        if (firstFree == NONE) {
            if (made == slots.length) {
                return null;
            }
            BlockSlot slot = new BlockSlot(made, memory, buffers);
            slot.nextFree = NONE;
            slots[made++] = slot;
            firstFree = slot.index;
        }
        return get(firstFree);
    }

    /** The slot of a request that begins: the one that {@link #free} gave last. */
    void begin(BlockSlot slot) {
        firstFree = slot.nextFree;
        inUse++;
    }

    /** The request is no more. */
    void end(BlockSlot slot) {
        slot.nextFree = firstFree;
        firstFree = slot.index;
        inUse--;
    }

    BlockSlot get(int index) {
        BlockSlot slot = slots[index];
        if (slot == null) {
            throw new IllegalStateException("no slot " + index);
        }
        return slot;
    }

    /** How many have a request. */
    int inUse() {
        return inUse;
    }

    int parked() {
        return parked;
    }

    /** Gives the guest's memory back until the request goes on. */
    void park(BlockSlot slot) {
        slot.release();
        slot.parked = true;
        parked++;
    }

    /** One that was parked, to go on; null if none is. */
    @Nullable
    BlockSlot unpark() {
        return unpark(false);
    }

    /** One that was parked and whose queue is no more; null if there is none. */
    @Nullable
    BlockSlot unparkForgotten() {
        return unpark(true);
    }

    private @Nullable BlockSlot unpark(boolean forgotten) {
        for (int i = 0; i < made && parked > 0; i++) {
            BlockSlot slot = get(i);
            if (slot.parked && (!forgotten || slot.queue == null)) {
                slot.parked = false;
                parked--;
                return slot;
            }
        }
        return null;
    }

    /** No request completes in its queue any more. */
    void forgetQueues() {
        for (int i = 0; i < made; i++) {
            get(i).queue = null;
        }
    }

    /** No request of that queue completes any more. */
    void forgetQueue(int queueIndex) {
        for (int i = 0; i < made; i++) {
            BlockSlot slot = get(i);
            if (slot.queueIndex == queueIndex) {
                slot.queue = null;
            }
        }
    }

    /** Which requests are under way in their queues, for a snapshot. */
    List<BlockState.Request> inFlight() {
        List<BlockState.Request> all = new ArrayList<>();
        for (int i = 0; i < made; i++) {
            BlockSlot slot = get(i);
            if (slot.queue != null) {
                all.add(new BlockState.Request(slot.queueIndex, slot.chain.token()));
            }
        }
        return all;
    }
}
