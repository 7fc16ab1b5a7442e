package io.javisor.devices.virtio.queue;

import static io.javisor.devices.virtio.VirtioFeature.VIRTIO_F_EVENT_IDX;
import static io.javisor.devices.virtio.VirtioFeature.VIRTIO_F_INDIRECT_DESC;
import static io.javisor.devices.virtio.queue.RawRing.DATA;
import static io.javisor.devices.virtio.queue.RawRing.N;
import static io.javisor.devices.virtio.queue.RawRing.W;
import static io.javisor.devices.virtio.queue.SplitRingLayout.VIRTQ_DESC_F_INDIRECT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Drivers that fill a ring with what can't be: the queue breaks, and is silent from then on. */
class SplitVirtqueueHostileTest {
    @Test
    void aLoopBreaksTheQueue() {
        RawRing ring = new RawRing(8);
        ring.linkAll(8);
        ring.publish(0);
        assertBroken(ring, QueueFault.CHAIN_TOO_LONG);
    }

    @Test
    void aDescriptorThatPointsToItselfBreaksTheQueue() {
        RawRing ring = new RawRing(1);
        ring.descriptor(0, DATA, 16, N, 0);
        ring.publish(0);
        assertBroken(ring, QueueFault.CHAIN_TOO_LONG);
    }

    @Test
    void aLoopInAnIndirectTableBreaksTheQueue() {
        RawRing ring = new RawRing(4, VIRTIO_F_INDIRECT_DESC);
        ring.descriptor(0, 0x5_0000, 32, VIRTQ_DESC_F_INDIRECT, 0);
        ring.descriptorAt(0x5_0000, DATA, 1, N, 1);
        ring.descriptorAt(0x5_0010, DATA, 1, N, 0);
        ring.publish(0);
        assertBroken(ring, QueueFault.CHAIN_TOO_LONG);
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 9, 0x7FFF, 0xFFFF})
    void aHeadOutsideTheTableBreaksTheQueue(int head) {
        RawRing ring = new RawRing(8);
        ring.publish(head);
        assertBroken(ring, QueueFault.BAD_INDEX);
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 0xFFFF})
    void aNextOutsideTheTableBreaksTheQueue(int next) {
        RawRing ring = new RawRing(8);
        ring.descriptor(0, DATA, 4, N, next);
        ring.publish(0);
        assertBroken(ring, QueueFault.BAD_INDEX);
    }

    @ParameterizedTest
    @ValueSource(ints = {9, 100, 0x8000, 0xFFFF})
    void anIndexThatJumpsBreaksTheQueue(int index) {
        RawRing ring = new RawRing(8);
        ring.availableIndex(index);
        assertBroken(ring, QueueFault.INDEX_JUMP);
    }

    @Test
    void moreThanTheQueueHoldsIsAJumpAlsoWithChainsInFlight() {
        RawRing ring = new RawRing(2);
        ring.descriptor(0, DATA, 4, 0, 0);
        ring.publish(0);
        assertTrue(ring.queue.take(ring.chain));
        ring.publish(0);
        ring.publish(0);
        assertBroken(ring, QueueFault.INDEX_JUMP);
    }

    @ParameterizedTest
    @CsvSource({
        "0x100000, 1", // the first byte after RAM
        "0xFFFFF, 2", // across its end
        "0xFFFFFFFFFFFFFFFF, 1",
        "0xFFFFFFFFFFFFFFF0, 0x20", // wraps around
        "0x8000000000000000, 16",
        "0x1000, 0xFFFFFFFF", // 2^32 - 1
    })
    void dataOutsideRamBreaksTheQueue(String gpa, String length) {
        for (int flags : new int[] {0, W}) {
            RawRing ring = new RawRing(8);
            ring.descriptor(0, Long.parseUnsignedLong(hex(gpa), 16), (int) number(length), flags, 0);
            ring.publish(0);
            assertBroken(ring, QueueFault.NOT_RAM);
        }
    }

    private static String hex(String text) {
        return text.startsWith("0x") ? text.substring(2) : Long.toHexString(Long.parseLong(text));
    }

    private static long number(String text) {
        return Long.parseUnsignedLong(hex(text), 16);
    }

    @ParameterizedTest
    @CsvSource({"0x0, BAD_INDIRECT_TABLE", "0x8, BAD_INDIRECT_TABLE", "0x11, BAD_INDIRECT_TABLE", "0xFFFFFFF0, NOT_RAM"
    })
    void anIndirectTableOfAnotherSizeBreaksTheQueue(String length, QueueFault fault) {
        RawRing ring = new RawRing(8, VIRTIO_F_INDIRECT_DESC);
        ring.descriptor(0, 0x5_0000, (int) number(length), VIRTQ_DESC_F_INDIRECT, 0);
        ring.publish(0);
        assertBroken(ring, fault);
    }

    @Test
    void anIndirectTableWithoutTheFeatureBreaksTheQueue() {
        RawRing ring = new RawRing(8);
        ring.descriptor(0, 0x5_0000, 16, VIRTQ_DESC_F_INDIRECT, 0);
        ring.publish(0);
        assertBroken(ring, QueueFault.BAD_INDIRECT_TABLE);
    }

    @Test
    void anIndirectTableThatGoesOnBreaksTheQueue() {
        RawRing ring = new RawRing(8, VIRTIO_F_INDIRECT_DESC);
        ring.descriptor(0, 0x5_0000, 16, VIRTQ_DESC_F_INDIRECT | N, 1);
        ring.publish(0);
        assertBroken(ring, QueueFault.BAD_INDIRECT_TABLE);
    }

    @Test
    void anIndirectTableInATableBreaksTheQueue() {
        RawRing ring = new RawRing(8, VIRTIO_F_INDIRECT_DESC);
        ring.descriptor(0, 0x5_0000, 16, VIRTQ_DESC_F_INDIRECT, 0);
        ring.descriptorAt(0x5_0000, 0x5_0000, 16, VIRTQ_DESC_F_INDIRECT, 0);
        ring.publish(0);
        assertBroken(ring, QueueFault.BAD_INDIRECT_TABLE);
    }

    @Test
    void anIndirectTableOutsideRamBreaksTheQueue() {
        RawRing ring = new RawRing(8, VIRTIO_F_INDIRECT_DESC);
        ring.descriptor(0, RawRing.MEMORY_SIZE - 16, 32, VIRTQ_DESC_F_INDIRECT, 0);
        ring.publish(0);
        assertBroken(ring, QueueFault.NOT_RAM);
    }

    @Test
    void readableAfterWritableBreaksTheQueue() {
        RawRing ring = new RawRing(8);
        ring.descriptor(0, DATA, 4, N | W, 1);
        ring.descriptor(1, DATA, 4, 0, 0);
        ring.publish(0);
        assertBroken(ring, QueueFault.WRONG_DIRECTION);
    }

    @Test
    void aRingOutsideRamBreaksTheQueue() {
        RawRing ring = new RawRing(8, RawRing.MEMORY_SIZE, VIRTIO_F_EVENT_IDX);
        assertBroken(ring, QueueFault.NOT_RAM);
    }

    @Test
    void aRingAcrossTheEndOfRamBreaksTheQueueWhereItIsUsed() {
        RawRing ring = new RawRing(8, RawRing.MEMORY_SIZE - 4, VIRTIO_F_EVENT_IDX);
        ring.availableIndex(1);
        assertBroken(ring, QueueFault.NOT_RAM);
    }

    private static void assertBroken(RawRing ring, QueueFault fault) {
        assertFalse(ring.queue.take(ring.chain));
        assertTrue(ring.queue.isBroken());
        assertEquals(List.of(fault), ring.faults);
        assertEquals(1, ring.counters.faults(fault));
        // From then on it is silent, and touches nothing.
        int used = ring.usedIndex();
        ring.queue.complete(0, 1);
        assertFalse(ring.queue.take(ring.chain));
        assertFalse(ring.queue.enableDoorbell());
        assertFalse(ring.queue.needsNotification());
        assertEquals(used, ring.usedIndex());
        assertEquals(List.of(fault), ring.faults);
    }
}
