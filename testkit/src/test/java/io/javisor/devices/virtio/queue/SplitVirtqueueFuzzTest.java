package io.javisor.devices.virtio.queue;

import static io.javisor.devices.virtio.VirtioFeature.VIRTIO_F_EVENT_IDX;
import static io.javisor.devices.virtio.VirtioFeature.VIRTIO_F_INDIRECT_DESC;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.testkit.FuzzBytes;
import java.lang.foreign.MemorySegment;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any descriptors and indices in a small ring, changed between calls. Whatever comes: every chain lies in RAM, is no longer than the queue, and has
 * its readable pieces first; nothing but the used ring is written; a broken queue stays silent.
 */
class SplitVirtqueueFuzzTest {
    private static final int SIZE = 8;
    private static final int DESCRIPTOR = 0;
    private static final int TABLE_DESCRIPTOR = 1;
    private static final int PUBLISH = 2;
    private static final int INDEX = 3;
    private static final int TAKE = 4;
    private static final int COMPLETE = 5;
    private static final int ASK = 6;
    private static final int PUT_BACK = 7;
    private static final long TABLE = 0x5_0000;

    static Stream<byte[]> seeds() {
        return Stream.of(
                FuzzBytes.of(
                        3,
                        DESCRIPTOR,
                        0,
                        1,
                        16,
                        0,
                        1,
                        1,
                        DESCRIPTOR,
                        1,
                        1,
                        8,
                        0,
                        2,
                        0,
                        PUBLISH,
                        0,
                        TAKE,
                        COMPLETE,
                        0,
                        ASK),
                FuzzBytes.of(
                        3,
                        DESCRIPTOR,
                        0,
                        3,
                        32,
                        0,
                        4,
                        0,
                        TABLE_DESCRIPTOR,
                        0,
                        1,
                        4,
                        0,
                        1,
                        1,
                        TABLE_DESCRIPTOR,
                        1,
                        1,
                        4,
                        0,
                        2,
                        0,
                        PUBLISH,
                        0,
                        TAKE,
                        PUT_BACK,
                        TAKE,
                        COMPLETE,
                        0,
                        ASK),
                FuzzBytes.of(0, DESCRIPTOR, 0, 2, 255, 255, 1, 0, PUBLISH, 0, TAKE, ASK, INDEX, 200, 0, TAKE));
    }

    @MethodSource("seeds")
    @FuzzTest
    void anyRing(byte[] input) {
        FuzzBytes bytes = new FuzzBytes(input);
        int choice = bytes.u8();
        RawRing ring = (choice & 1) == 0
                ? new RawRing(SIZE)
                : (choice & 2) == 0
                        ? new RawRing(SIZE, VIRTIO_F_INDIRECT_DESC)
                        : new RawRing(SIZE, VIRTIO_F_INDIRECT_DESC, VIRTIO_F_EVENT_IDX);
        byte[] before = contents(ring);
        boolean taken = false;
        for (int step = 0; bytes.more() && step < 1000; step++) {
            switch (bytes.u8() & 7) {
                case DESCRIPTOR -> {
                    ring.descriptor(bytes.u8() % SIZE, gpa(bytes.u8()), length(bytes), bytes.u8(), bytes.u8());
                    before = contents(ring);
                    taken = false;
                }
                case TABLE_DESCRIPTOR -> {
                    ring.descriptorAt(
                            TABLE + 16L * (bytes.u8() % 16), gpa(bytes.u8()), length(bytes), bytes.u8(), bytes.u8());
                    before = contents(ring);
                    taken = false;
                }
                case PUBLISH -> {
                    ring.publish(bytes.u8());
                    before = contents(ring);
                    taken = false;
                }
                case INDEX -> {
                    ring.availableIndex(bytes.u16());
                    before = contents(ring);
                    taken = false;
                }
                case TAKE -> {
                    boolean wasBroken = ring.queue.isBroken();
                    taken = ring.queue.take(ring.chain);
                    assertFalse(wasBroken && taken);
                    check(ring);
                }
                case COMPLETE -> {
                    taken = false;
                    ring.queue.complete(bytes.u8(), 4);
                }
                case ASK -> {
                    taken = false;
                    ring.queue.disableDoorbell();
                    boolean _ = ring.queue.enableDoorbell();
                    boolean _ = ring.queue.needsNotification();
                }
                default -> {
                    if (taken) {
                        ring.queue.putBack();
                        taken = false;
                    }
                }
            }
            assertOnlyUsedRingChanged(ring, before);
            assertEquals(ring.queue.isBroken() ? 1 : 0, ring.faults.size());
        }
    }

    private static long gpa(int choice) {
        return switch (choice & 7) {
            case 0 -> RawRing.MEMORY_SIZE - (choice >> 3);
            case 2 -> -1L - (choice >> 3);
            case 3 -> TABLE;
            case 4 -> RawRing.DESCRIPTORS + (choice >> 3);
            default -> RawRing.DATA + (choice >> 3);
        };
    }

    private static int length(FuzzBytes bytes) {
        int low = bytes.u8();
        return low | bytes.u8() << 24;
    }

    private static void check(RawRing ring) {
        DescriptorChain chain = ring.chain;
        assertTrue(chain.pieceCount() <= SIZE);
        assertTrue(chain.readableCount() <= chain.pieceCount());
        long sum = 0;
        for (int i = 0; i < chain.pieceCount(); i++) {
            assertTrue(ring.memory.isRam(chain.gpa(i), chain.lengthBytes(i)));
            assertTrue(chain.lengthBytes(i) > 0);
            sum += chain.lengthBytes(i);
        }
        assertEquals(sum, chain.readableBytes() + chain.writableBytes());
    }

    private static byte[] contents(RawRing ring) {
        byte[] all = new byte[(int) RawRing.MEMORY_SIZE];
        ring.memory.copyOut(0, all, 0, all.length);
        return all;
    }

    private static void assertOnlyUsedRingChanged(RawRing ring, byte[] before) {
        MemorySegment now = ring.memory.regions().getFirst().segment();
        long used = ring.config.deviceGpa();
        long usedEnd = used + SplitRingLayout.usedRingSize(SIZE, true);
        MemorySegment then = MemorySegment.ofArray(before);
        assertEquals(-1, MemorySegment.mismatch(now, 0, used, then, 0, used));
        assertEquals(-1, MemorySegment.mismatch(now, usedEnd, now.byteSize(), then, usedEnd, now.byteSize()));
    }
}
