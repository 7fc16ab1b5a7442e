package io.javisor.devices.virtio.block;

import static io.javisor.devices.virtio.block.BlockBench.DATA;
import static io.javisor.devices.virtio.block.BlockBench.SECTORS;
import static io.javisor.devices.virtio.block.BlockBench.SIZE;
import static io.javisor.devices.virtio.block.BlockProtocol.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Errno;
import io.javisor.devices.virtio.mmio.VirtioMmioState;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A disk of a machine that is paused: the host finishes what it has begun, and begins nothing. */
class BlockPauseTest {
    private static final long SECOND = 1_000_000_000L;

    private final BlockBench bench = new BlockBench();
    private int quiet;

    private void pause() {
        bench.transport.function().pause(() -> quiet++);
    }

    private void resume() {
        bench.transport.function().resume();
    }

    private byte[] memory() {
        byte[] all = new byte[1 << 20];
        bench.memory.copyOut(0, all, 0, all.length);
        return all;
    }

    private static int submit(DiskDriver disk, int request, int type, long dataGpa, int size) {
        int head = disk.commit(0, request, type, 0, dataGpa, size, type == VIRTIO_BLK_T_IN);
        boolean _ = disk.queues[0].kick();
        return head;
    }

    @Test
    void anIdleDiskIsQuietAtOnce() {
        DiskDriver disk = bench.start();
        pause();
        assertEquals(1, quiet);
        resume();
        assertEquals(VIRTIO_BLK_S_OK, disk.read(0, DATA, 512));
    }

    @Test
    void whatIsInFlightIsWaitedForAndNothingIsTaken() {
        DiskDriver disk = bench.start();
        bench.file.automatic = false;
        int first = submit(disk, 0, VIRTIO_BLK_T_IN, DATA, 512);
        int second = submit(disk, 1, VIRTIO_BLK_T_FLUSH, 0, 0);
        pause();
        int third = submit(disk, 2, VIRTIO_BLK_T_IN, DATA, 512);
        bench.file.completeNext();
        assertEquals(0, quiet);
        assertEquals(first, disk.queues[0].poll());
        bench.file.completeNext();
        assertEquals(1, quiet);
        byte[] before = memory();
        int _ = submit(disk, 3, VIRTIO_BLK_T_FLUSH, 0, 0);
        assertEquals(2, bench.file.all.size());
        assertEquals(second, disk.queues[0].poll());
        assertEquals(-1, disk.queues[0].poll());
        bench.file.automatic = true;
        resume();
        assertEquals(third, disk.queues[0].poll());
        assertTrue(disk.queues[0].poll() >= 0);
        assertEquals(1, quiet);
        assertFalse(Arrays.equals(before, memory()));
    }

    /** Its driver has asked for more while the disk had no room. */
    @Test
    void aQueueThatWaitedGoesOn() {
        DiskDriver disk = bench.start();
        bench.file.automatic = false;
        for (int i = 0; i < 60; i++) {
            disk.header(0, i, VIRTIO_BLK_T_FLUSH, 0);
            disk.queues[0].beginIndirect();
            disk.queues[0].readable(disk.headerGpa(0, i), HEADER_SIZE);
            disk.queues[0].writable(disk.headerGpa(0, i) + HEADER_SIZE, 1);
            assertTrue(disk.queues[0].commit() >= 0);
            boolean _ = disk.queues[0].kick();
            if (i == 29) {
                pause();
            }
        }
        assertEquals(30, bench.file.queued.size());
        while (!bench.file.queued.isEmpty()) {
            bench.file.completeNext();
        }
        assertEquals(1, quiet);
        assertEquals(30, bench.file.all.size());
        bench.file.automatic = true;
        resume();
        assertEquals(60, bench.file.all.size());
    }

    /** One of gigabytes takes no longer than another. */
    @ParameterizedTest
    @ValueSource(ints = {VIRTIO_BLK_T_IN, VIRTIO_BLK_T_OUT})
    void aLongRequestIsCutShortAndGoesOn(int type) {
        DiskDriver disk = bench.start();
        for (int i = 0; i < SIZE; i++) {
            bench.file.content[i] = (byte) (i * 7);
        }
        bench.memory.fill(DATA, 4096, (byte) 3);
        bench.file.automatic = false;
        bench.file.most = 1000;
        int head = submit(disk, 0, type, DATA, 4096);
        pause();
        assertEquals(0, quiet);
        bench.file.completeNext();
        assertEquals(1, quiet);
        assertTrue(bench.file.queued.isEmpty());
        assertEquals(1, bench.device.save().inFlight().size());
        byte[] before = memory();
        assertArrayEquals(before, memory());
        assertEquals(-1, disk.queues[0].poll());
        resume();
        bench.file.automatic = true;
        bench.file.submit();
        assertEquals(head, disk.queues[0].poll());
        assertEquals(VIRTIO_BLK_S_OK, disk.status(0, 0));
        for (int i = 0; i < 4096; i++) {
            byte wanted = type == VIRTIO_BLK_T_IN ? (byte) (i * 7) : 3;
            assertEquals(wanted, bench.memory.getByte(DATA + i));
            assertEquals(wanted, bench.file.content[i]);
        }
    }

    @Test
    void rangesAreCutShortAndGoOn() {
        DiskDriver disk = bench.start();
        bench.memory.putLong(DATA, 0);
        bench.memory.putInt(DATA + RANGE_NUM_SECTORS_OFFSET, SECTORS);
        bench.memory.putInt(DATA + RANGE_FLAGS_OFFSET, 0);
        Arrays.fill(bench.file.content, (byte) 1);
        bench.file.automatic = false;
        int head = submit(disk, 0, VIRTIO_BLK_T_WRITE_ZEROES, DATA, RANGE_SIZE);
        pause();
        assertEquals(0, quiet);
        bench.file.results.add((long) -Errno.EOPNOTSUPP); // they would have to be written
        bench.file.completeNext();
        assertEquals(1, quiet);
        assertTrue(bench.file.queued.isEmpty());
        bench.file.automatic = true;
        resume();
        assertEquals(head, disk.queues[0].poll());
        assertEquals(VIRTIO_BLK_S_OK, disk.status(0, 0));
        assertArrayEquals(new byte[SIZE], bench.file.content);
    }

    @Test
    void whatWaitsForALimitIsNotWaitedFor() {
        bench.make(new BlockDeviceConfig(SIZE, false, CacheMode.WRITEBACK, "", 1, 512, 1, 10, 0));
        DiskDriver disk = bench.start();
        int done = 0;
        for (int i = 0; i < 3; i++) {
            int _ = submit(disk, i, VIRTIO_BLK_T_IN, DATA, 512);
        }
        while (disk.queues[0].poll() >= 0) {
            done++;
        }
        assertEquals(1, done);
        pause();
        assertEquals(1, quiet);
        bench.time.advance(SECOND); // a machine's clock would stand
        assertEquals(-1, disk.queues[0].poll());
        resume();
        bench.time.advance(SECOND);
        while (disk.queues[0].poll() >= 0) {
            done++;
        }
        assertEquals(3, done);
    }

    @Test
    void aPauseThatIsTakenBackIsToldOfNoMore() {
        DiskDriver disk = bench.start();
        bench.file.automatic = false;
        int head = submit(disk, 0, VIRTIO_BLK_T_IN, DATA, 512);
        pause();
        resume();
        bench.file.completeNext();
        assertEquals(0, quiet);
        assertEquals(head, disk.queues[0].poll());
        pause();
        assertEquals(1, quiet);
    }

    @Test
    void aRestoredDiskBeginsAfterThePause() {
        DiskDriver disk = bench.start();
        bench.memory.fill(DATA, 4096, (byte) 7);
        bench.file.automatic = false;
        bench.file.most = 1024;
        int head = submit(disk, 0, VIRTIO_BLK_T_OUT, DATA, 4096);
        pause();
        int next = submit(disk, 1, VIRTIO_BLK_T_FLUSH, 0, 0);
        bench.file.completeNext();
        assertEquals(1, quiet);
        BlockState state = bench.device.save();
        VirtioMmioState registers = bench.transport.save();
        assertEquals(1, state.inFlight().size());
        byte[] before = memory();

        bench.make(BlockDeviceConfig.of(SIZE));
        pause();
        assertEquals(2, quiet);
        bench.device.restore(state);
        bench.transport.restore(registers);
        assertEquals(state, bench.device.save());
        assertEquals(registers, bench.transport.save());
        assertEquals(0, bench.file.all.size());
        assertArrayEquals(before, memory());
        resume();
        assertEquals(head, disk.queues[0].poll());
        assertEquals(next, disk.queues[0].poll());
        for (int i = 0; i < 4096; i++) {
            assertEquals(7, bench.file.content[i]);
        }
    }

    @Test
    void aPausedDiskCanBeReset() {
        DiskDriver disk = bench.start();
        bench.file.automatic = false;
        bench.file.most = 512;
        int _ = submit(disk, 0, VIRTIO_BLK_T_IN, DATA, 4096); // cut short
        int _ = submit(disk, 1, VIRTIO_BLK_T_IN, DATA, 512); // in flight still
        pause();
        bench.file.completeNext();
        assertEquals(0, quiet);
        byte[] before = memory();
        assertFalse(bench.transport.function().reset(0));
        bench.file.completeNext();
        assertEquals(1, quiet);
        assertTrue(bench.transport.function().reset(0));
        assertArrayEquals(before, memory());
        resume();
        bench.file.automatic = true;
        assertEquals(VIRTIO_BLK_S_OK, bench.start().read(0, DATA, 512));
        bench.device.close();
    }
}
