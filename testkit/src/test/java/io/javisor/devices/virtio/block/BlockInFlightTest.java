package io.javisor.devices.virtio.block;

import static io.javisor.devices.virtio.block.BlockBench.DATA;
import static io.javisor.devices.virtio.block.BlockBench.SECTORS;
import static io.javisor.devices.virtio.block.BlockBench.SIZE;
import static io.javisor.devices.virtio.block.BlockProtocol.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.driver.DriverQueue;
import org.junit.jupiter.api.Test;

/** Requests that take their time: many, across resets and a restore, and held up by a limit. */
class BlockInFlightTest {
    private final BlockBench bench = new BlockBench();

    // ---- in flight ----

    @Test
    void manyRequestsAreInFlightAndMoreWait() {
        bench.make(new BlockDeviceConfig(SIZE, false, CacheMode.WRITEBACK, "", 4, 512, 1, 0, 0));
        DiskDriver disk = bench.start();
        bench.file.automatic = false;
        int committed = 0;
        for (int queue = 0; queue < 4; queue++) {
            for (int request = 0; request < 60; request++) {
                disk.header(queue, request, VIRTIO_BLK_T_FLUSH, 0);
                disk.queues[queue].beginIndirect();
                disk.queues[queue].readable(disk.headerGpa(queue, request), 16);
                disk.queues[queue].writable(disk.headerGpa(queue, request) + 16, 1);
                assertTrue(disk.queues[queue].commit() >= 0);
                committed++;
            }
            boolean _ = disk.queues[queue].kick();
        }
        assertEquals(BlockRequests.DEPTH, bench.file.queued.size());
        int completed = 0;
        while (!bench.file.queued.isEmpty()) {
            bench.file.completeNext();
            for (DriverQueue queue : disk.queues) {
                while (queue.poll() >= 0) {
                    completed++;
                }
            }
        }
        assertEquals(committed, completed);
    }

    @Test
    void aResetWaitsForWhatIsInFlight() {
        DiskDriver disk = bench.start();
        bench.file.automatic = false;
        int _ = disk.commit(0, 1, VIRTIO_BLK_T_IN, 0, DATA, 512, true);
        boolean _ = disk.queues[0].kick();
        assertFalse(disk.driver.reset());
        assertNotEquals(0, disk.driver.status());
        int used = disk.queues[0].usedIndex();
        bench.file.completeNext();
        assertEquals(0, disk.driver.status());
        assertEquals(used, disk.queues[0].usedIndex(), "the guest's memory is no longer ours to write");
        bench.file.automatic = true;
        assertEquals(VIRTIO_BLK_S_OK, bench.start().read(0, DATA, 512));
    }

    @Test
    void aQueuesResetWaitsForItsOwnRequests() {
        bench.make(new BlockDeviceConfig(SIZE, false, CacheMode.WRITEBACK, "", 2, 512, 1, 0, 0));
        DiskDriver disk = bench.start();
        bench.file.automatic = false;
        int _ = disk.commit(0, 1, VIRTIO_BLK_T_IN, 0, DATA, 512, true);
        boolean _ = disk.queues[0].kick();
        int other = disk.commit(1, 1, VIRTIO_BLK_T_IN, 0, DATA, 512, true);
        boolean _ = disk.queues[1].kick();
        assertFalse(disk.driver.resetQueue(0));
        bench.file.completeNext();
        assertTrue(disk.driver.isQueueReset(0));
        assertEquals(0, disk.queues[0].usedIndex());
        bench.file.completeNext();
        assertEquals(other, disk.queues[1].poll());
    }

    @Test
    void aDeviceCanBeResetTenThousandTimesInMidRequest() {
        DiskDriver disk = bench.start();
        for (int i = 0; i < 10_000; i++) {
            bench.file.automatic = false;
            int _ = disk.commit(0, 1, i % 2, i % SECTORS, DATA, 512, i % 2 == 0);
            boolean _ = disk.queues[0].kick();
            boolean _ = disk.driver.reset();
            bench.file.completeNext();
            assertEquals(0, disk.driver.status());
            disk = bench.start();
        }
        bench.file.automatic = true;
        assertEquals(VIRTIO_BLK_S_OK, disk.read(0, DATA, 512));
        assertEquals(10_001, bench.file.all.size());
    }

    @Test
    void aRestoredDiskDoesWhatWasInFlight() {
        DiskDriver disk = bench.start();
        bench.memory.fill(DATA, 512, (byte) 7);
        bench.file.automatic = false;
        int head = disk.commit(0, 1, VIRTIO_BLK_T_OUT, 9, DATA, 512, false);
        boolean _ = disk.queues[0].kick();
        BlockState state = bench.device.save();
        assertEquals(1, state.inFlight().size());
        var registersState = bench.transport.save();
        // Another machine, with the same bench.memory.
        bench.make(BlockDeviceConfig.of(SIZE));
        bench.device.restore(state);
        bench.transport.restore(registersState);
        if (disk.queues[0].usedIndex() == 0) {
            bench.file.submit();
        }
        assertEquals(head, disk.queues[0].poll());
        assertEquals(VIRTIO_BLK_S_OK, disk.status(0, 1));
        assertEquals(7, bench.file.content[9 * 512]);
    }

    // ---- limits ----

    @Test
    void requestsASecondAreLimited() {
        bench.make(new BlockDeviceConfig(SIZE, false, CacheMode.WRITEBACK, "", 1, 512, 1, 100, 0));
        DiskDriver disk = bench.start();
        int done = 0;
        for (int i = 0; i < 20; i++) {
            int _ = disk.commit(0, i, VIRTIO_BLK_T_IN, 0, DATA, 512, true);
        }
        boolean _ = disk.queues[0].kick();
        while (disk.queues[0].poll() >= 0) {
            done++;
        }
        assertEquals(10, done, "a burst of a tenth of a second");
        bench.time.advance(51_000_000); // five, and what the timer rounds
        while (disk.queues[0].poll() >= 0) {
            done++;
        }
        assertEquals(15, done);
        bench.time.advance(1_000_000_000);
        while (disk.queues[0].poll() >= 0) {
            done++;
        }
        assertEquals(20, done);
        assertTrue(bench.count("throttled") > 0);
    }

    @Test
    void bytesASecondAreLimited() {
        bench.make(new BlockDeviceConfig(SIZE, false, CacheMode.WRITEBACK, "", 1, 512, 1, 0, 40_960));
        DiskDriver disk = bench.start();
        for (int i = 0; i < 4; i++) {
            int _ = disk.commit(0, i, VIRTIO_BLK_T_IN, 0, DATA, 4096, true);
        }
        boolean _ = disk.queues[0].kick();
        assertTrue(disk.queues[0].poll() >= 0);
        assertEquals(-1, disk.queues[0].poll());
        bench.time.advance(101_000_000);
        assertTrue(disk.queues[0].poll() >= 0);
        assertEquals(-1, disk.queues[0].poll());
        assertTrue(disk.driver.reset(), "a reset does not wait for the limit");
    }
}
