package io.javisor.devices.virtio.queue;

import static io.javisor.devices.virtio.VirtioFeature.VIRTIO_F_EVENT_IDX;
import static io.javisor.devices.virtio.VirtioFeature.VIRTIO_F_INDIRECT_DESC;
import static io.javisor.devices.virtio.queue.RawRing.DATA;
import static io.javisor.devices.virtio.queue.RawRing.N;
import static io.javisor.devices.virtio.queue.RawRing.W;
import static io.javisor.devices.virtio.queue.SplitRingLayout.VIRTQ_AVAIL_F_NO_INTERRUPT;
import static io.javisor.devices.virtio.queue.SplitRingLayout.VIRTQ_DESC_F_INDIRECT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SplitVirtqueueTest {
    // ---- chains ----

    @Test
    void anEmptyQueueGivesNoChain() {
        RawRing ring = new RawRing(8);
        assertFalse(ring.queue.take(ring.chain));
        assertFalse(ring.queue.isBroken());
    }

    @Test
    void aChainHasItsReadablePiecesFirst() {
        RawRing ring = new RawRing(8);
        ring.descriptor(3, DATA, 16, N, 5);
        ring.descriptor(5, DATA + 100, 7, N | W, 1);
        ring.descriptor(1, DATA + 200, 1, W, 0);
        ring.publish(3);
        assertTrue(ring.queue.take(ring.chain));
        assertEquals(3, ring.chain.token());
        assertEquals(1, ring.chain.readableCount());
        assertEquals(3, ring.chain.pieceCount());
        assertEquals(16, ring.chain.readableBytes());
        assertEquals(8, ring.chain.writableBytes());
        assertEquals(DATA + 100, ring.chain.gpa(1));
        assertEquals(7, ring.chain.lengthBytes(1));
        assertFalse(ring.queue.take(ring.chain));
        assertEquals(0, ring.chain.pieceCount());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8, 256, 1024})
    void aChainMayBeAsLongAsTheQueue(int size) {
        RawRing ring = new RawRing(size);
        ring.linkAll(size);
        ring.descriptor(size - 1, DATA, 16, W, 0);
        ring.publish(0);
        assertTrue(ring.queue.take(ring.chain));
        assertEquals(size, ring.chain.pieceCount());
    }

    @Test
    void anIndirectTableMayEndAChain() {
        RawRing ring = new RawRing(4, VIRTIO_F_INDIRECT_DESC);
        long table = 0x5_0000;
        ring.descriptor(0, DATA, 4, N, 1);
        ring.descriptor(1, table, 48, VIRTQ_DESC_F_INDIRECT | W, 0); // W means nothing there
        ring.descriptorAt(table, DATA + 4, 4, N, 2);
        ring.descriptorAt(table + 32, DATA + 8, 4, W, 0);
        ring.publish(0);
        assertTrue(ring.queue.take(ring.chain));
        assertEquals(2, ring.chain.readableCount());
        assertEquals(3, ring.chain.pieceCount());
    }

    @Test
    void aTableMayHoldAsManyPiecesAsTheQueue() {
        RawRing ring = new RawRing(2, VIRTIO_F_INDIRECT_DESC);
        long table = 0x5_0000;
        ring.descriptor(0, table, 32, VIRTQ_DESC_F_INDIRECT, 0);
        ring.descriptorAt(table, DATA, 4, N, 1);
        ring.descriptorAt(table + 16, DATA, 4, 0, 0);
        ring.publish(0);
        assertTrue(ring.queue.take(ring.chain));
        assertEquals(2, ring.chain.pieceCount());
    }

    @Test
    void piecesOfNoBytesArePassedOver() {
        RawRing ring = new RawRing(4);
        ring.descriptor(0, -1L, 0, N, 1);
        ring.descriptor(1, DATA, 4, N | W, 2);
        ring.descriptor(2, DATA, 0, N | W, 3);
        ring.descriptor(3, DATA, 4, W, 0);
        ring.publish(0);
        assertTrue(ring.queue.take(ring.chain));
        assertEquals(2, ring.chain.pieceCount());
        assertEquals(2, ring.counters.emptyDescriptors());
    }

    @Test
    void whatIsPutBackComesAgain() {
        RawRing ring = new RawRing(4);
        ring.descriptor(2, DATA, 4, 0, 0);
        ring.publish(2);
        assertTrue(ring.queue.take(ring.chain));
        ring.queue.putBack();
        assertEquals(0, ring.counters.chains());
        assertTrue(ring.queue.take(ring.chain));
        assertEquals(2, ring.chain.token());
        assertFalse(ring.queue.take(ring.chain));
    }

    @Test
    void severalThatArePutBackComeAgainInTheirOrder() {
        RawRing ring = new RawRing(4);
        for (int i = 0; i < 4; i++) {
            ring.descriptor(i, DATA, 4, W, 0);
            ring.publish(i);
        }
        for (int i = 0; i < 3; i++) {
            assertTrue(ring.queue.take(ring.chain));
        }
        ring.queue.complete(0, 4);
        ring.queue.putBack(2);
        assertEquals(1, ring.counters.chains());
        assertEquals(ring.queue.save().nextAvailable(), ring.queue.save().nextUsed(), "nothing is in flight");
        for (int i = 1; i < 4; i++) {
            assertTrue(ring.queue.take(ring.chain));
            assertEquals(i, ring.chain.token());
        }
        assertFalse(ring.queue.take(ring.chain));
        assertFalse(ring.queue.isBroken());
    }

    @Test
    void whatIsStagedIsSeenAllAtOnce() {
        RawRing ring = new RawRing(4);
        for (int i = 0; i < 3; i++) {
            ring.descriptor(i, DATA, 4, W, 0);
            ring.publish(i);
            assertTrue(ring.queue.take(ring.chain));
        }
        ring.queue.stage(0, 4);
        ring.queue.stage(2, 3);
        assertEquals(0, ring.usedIndex());
        ring.queue.publish();
        assertEquals(2, ring.usedIndex());
        ring.queue.complete(1, 1);
        assertEquals(3, ring.usedIndex());
        assertTrue(ring.queue.needsNotification());
    }

    @Test
    void completionsMayComeInAnyOrder() {
        RawRing ring = new RawRing(4);
        ring.descriptor(0, DATA, 4, W, 0);
        ring.descriptor(1, DATA, 4, W, 0);
        ring.publish(0);
        ring.publish(1);
        assertTrue(ring.queue.take(ring.chain));
        assertTrue(ring.queue.take(ring.chain));
        ring.queue.complete(1, 4);
        assertEquals(1, ring.usedIndex());
        ring.queue.complete(0, 3);
        assertEquals(2, ring.usedIndex());
        assertEquals(1, ring.usedId(0));
        assertEquals(4, ring.usedLength(0));
        assertEquals(0, ring.usedId(1));
        assertEquals(3, ring.usedLength(1));
    }

    // ---- notifications ----

    @Test
    void withoutEventIndexTheFlagDecides() {
        RawRing ring = new RawRing(4);
        ring.descriptor(0, DATA, 4, W, 0);
        ring.publish(0);
        assertFalse(ring.queue.needsNotification(), "nothing was completed");
        assertTrue(ring.queue.take(ring.chain));
        ring.queue.complete(0, 0);
        ring.availableFlags(VIRTQ_AVAIL_F_NO_INTERRUPT);
        assertFalse(ring.queue.needsNotification());
        ring.availableFlags(0);
        assertTrue(ring.queue.needsNotification());
        assertFalse(ring.queue.needsNotification(), "nothing new");
    }

    @ParameterizedTest
    @CsvSource({
        // from, completed, event, wanted
        "0, 1, 0, true",
        "0, 1, 1, false",
        "0, 4, 3, true",
        "0, 4, 4, false",
        "0, 4, 65535, false",
        "65534, 4, 65535, true",
        "65534, 4, 1, true",
        "65534, 4, 2, false",
        "65534, 4, 65533, false",
        "100, 0, 100, false",
    })
    void withEventIndexTheIndexDecides(int from, int completed, int event, boolean wanted) {
        RawRing ring = new RawRing(4, VIRTIO_F_EVENT_IDX);
        SplitVirtqueue queue = advanced(ring, from);
        ring.usedEvent(event);
        for (int i = 0; i < completed; i++) {
            queue.complete(0, 0);
        }
        assertEquals(wanted, queue.needsNotification());
    }

    /** A queue that has completed {@code from} chains and told so, and has four more in flight. */
    private static SplitVirtqueue advanced(RawRing ring, int from) {
        QueueState state = new QueueState(
                1,
                ring.config.size(),
                ring.config.descriptorGpa(),
                ring.config.driverGpa(),
                ring.config.deviceGpa(),
                (from + 4) & 0xFFFF,
                from);
        SplitVirtqueue queue = SplitVirtqueue.restore(
                ring.memory,
                state,
                RawRing.mask(VIRTIO_F_EVENT_IDX),
                TurnAllowance.UNLIMITED,
                ring.faults::add,
                ring.counters);
        assertTrue(queue.needsNotification(), "once after a restore");
        return queue;
    }

    @Test
    void enableDoorbellSeesWhatCameMeanwhile() {
        RawRing ring = new RawRing(4);
        ring.queue.disableDoorbell();
        assertEquals(SplitRingLayout.VIRTQ_USED_F_NO_NOTIFY, ring.usedFlags());
        assertFalse(ring.queue.enableDoorbell());
        assertEquals(0, ring.usedFlags());
        ring.descriptor(0, DATA, 4, W, 0);
        ring.publish(0);
        assertTrue(ring.queue.enableDoorbell());
    }

    @Test
    void withEventIndexTheNextIndexIsAskedFor() {
        RawRing ring = new RawRing(4, VIRTIO_F_EVENT_IDX);
        ring.descriptor(0, DATA, 4, W, 0);
        ring.publish(0);
        assertTrue(ring.queue.take(ring.chain));
        assertFalse(ring.queue.enableDoorbell());
        assertEquals(1, ring.availEvent());
        ring.queue.disableDoorbell();
        assertEquals(0, ring.usedFlags(), "not used with event indices");
    }

    // ---- against a model ----

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 2", "8, 3", "64, 4", "256, 5"})
    void manyRandomChainsWrapTheIndices(int size, int seed) {
        RawRing ring = new RawRing(size, VIRTIO_F_EVENT_IDX, VIRTIO_F_INDIRECT_DESC);
        Random random = new Random(seed);
        ArrayDeque<Integer> expected = new ArrayDeque<>();
        ArrayDeque<Integer> taken = new ArrayDeque<>();
        int used = 0;
        for (int i = 0; i < 300_000; i++) {
            boolean room = expected.size() + taken.size() < size;
            if (room && random.nextInt(3) != 0) {
                int head = random.nextInt(size);
                ring.descriptor(head, DATA + head, 1 + random.nextInt(100), random.nextBoolean() ? W : 0, 0);
                ring.publish(head);
                expected.add(head);
            } else if (ring.queue.take(ring.chain)) {
                assertEquals(expected.remove(), ring.chain.token());
                assertEquals(DATA + ring.chain.token(), ring.chain.gpa(0));
                taken.add(ring.chain.token());
            } else {
                assertTrue(expected.isEmpty());
            }
            if (!taken.isEmpty() && random.nextBoolean()) {
                int token = random.nextBoolean() ? taken.removeFirst() : taken.removeLast();
                ring.queue.complete(token, i);
                assertEquals(token, ring.usedId(used));
                assertEquals(i, ring.usedLength(used));
                used = (used + 1) & 0xFFFF;
                assertEquals(used, ring.usedIndex());
            }
        }
        assertFalse(ring.queue.isBroken());
        assertTrue(ring.counters.chains() > 0xFFFF, "the indices did not wrap");
    }

    @Test
    void aRestoredQueueGoesOn() {
        RawRing ring = new RawRing(4);
        for (int i = 0; i < 3; i++) {
            ring.descriptor(i, DATA, 4, W, 0);
            ring.publish(i);
        }
        assertTrue(ring.queue.take(ring.chain));
        assertTrue(ring.queue.take(ring.chain));
        ring.queue.complete(0, 1);
        SplitVirtqueue restored = SplitVirtqueue.restore(
                ring.memory,
                ring.queue.save(),
                RawRing.mask(),
                TurnAllowance.UNLIMITED,
                ring.faults::add,
                ring.counters);
        restored.complete(1, 9);
        assertEquals(2, ring.usedIndex());
        assertEquals(9, ring.usedLength(1));
        assertTrue(restored.take(ring.chain));
        assertEquals(2, ring.chain.token());
        assertFalse(restored.take(ring.chain));
        assertFalse(restored.isBroken());
    }

    @Test
    void aStateThatCannotBeIsRefused() {
        RawRing ring = new RawRing(4);
        QueueState tooMany = new QueueState(1, 4, 0x1000, 0x2000, 0x3000, 5, 0);
        assertThrows(
                IllegalArgumentException.class,
                () -> SplitVirtqueue.restore(
                        ring.memory, tooMany, 0, TurnAllowance.UNLIMITED, ring.faults::add, ring.counters));
        QueueState newer = new QueueState(2, 4, 0x1000, 0x2000, 0x3000, 0, 0);
        assertThrows(
                IllegalArgumentException.class,
                () -> SplitVirtqueue.restore(
                        ring.memory, newer, 0, TurnAllowance.UNLIMITED, ring.faults::add, ring.counters));
    }

    // ---- turns ----

    @Test
    void aQueueWhoseTurnIsOverGivesNothingAndIsAskedAboutAgain() {
        RawRing ring = new RawRing(4);
        int[] left = {2};
        int[] refusals = {0};
        TurnAllowance turn = new TurnAllowance() {
            @Override
            public boolean takeChain() {
                boolean may = mayTake();
                left[0]--;
                return may;
            }

            @Override
            public boolean mayTake() {
                refusals[0] += left[0] > 0 ? 0 : 1;
                return left[0] > 0;
            }
        };
        SplitVirtqueue queue =
                new SplitVirtqueue(ring.memory, ring.config, RawRing.mask(), turn, ring.faults::add, ring.counters);
        for (int i = 0; i < 3; i++) {
            ring.descriptor(i, DATA, 16, 0, 0);
            ring.publish(i);
        }
        assertTrue(queue.take(ring.chain));
        assertTrue(queue.take(ring.chain));
        assertFalse(queue.take(ring.chain));
        assertTrue(queue.isTurnOver());
        assertEquals(0, ring.chain.pieceCount());
        assertFalse(queue.enableDoorbell(), "a handler would go round for ever");
        assertEquals(2, refusals[0]);
        left[0] = 2;
        assertTrue(queue.enableDoorbell());
        assertTrue(queue.take(ring.chain));
        assertEquals(2, ring.chain.token());
        left[0] = 0;
        assertFalse(queue.take(ring.chain));
        assertFalse(queue.enableDoorbell());
        assertEquals(2, refusals[0], "an empty queue needs no turn");
        assertFalse(queue.isTurnOver());
    }
}
