package io.javisor.devices.virtio.block;

import static io.javisor.devices.virtio.block.BlockProtocol.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.io.AsyncFileBackend;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.backend.TokenLevels;
import io.javisor.devices.virtio.PulseLine;
import io.javisor.devices.virtio.QueuedExecutor;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.VirtioFeature;
import io.javisor.devices.virtio.mmio.VirtioMmioTransport;
import io.javisor.testkit.FakeTime;
import io.javisor.testkit.LogCapture;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a disk promises of completed writes where its file fails, and that its queues share it. */
class BlockStabilityTest {
    private static final int SIZE = 256 * SECTOR_SIZE;
    private static final long DATA = 0x8_0000;

    private final GuestMemory memory =
            new GuestMemory(List.of(new GuestMemory.Region(0, Arena.ofAuto().allocate(1 << 20, 4096))));
    private final FakeTime time = new FakeTime(0);
    private final BlockCounters counted = new BlockCounters();
    private FakeFile file = new FakeFile(0, 1, (token, result) -> {});

    private DiskDriver start(CacheMode cache, int queues, int queueSize, long features) {
        return start(cache, queues, queueSize, features, Runnable::run);
    }

    private DiskDriver start(CacheMode cache, int queues, int queueSize, long features, Executor loop) {
        BlockDeviceConfig config = new BlockDeviceConfig(SIZE, false, cache, "", queues, 512, 1, 0, 0);
        BlockDevice device = new BlockDevice(
                "disk0", config, this::open, Fd.own("a test", 1 << 30), time, time, new TokenLevels(), counted);
        VirtioMmioTransport transport =
                new VirtioMmioTransport(device, memory, loop, new PulseLine(), new VirtioCounters(queues), 0);
        return new DiskDriver(transport, memory, 0x1000, features, queues, queueSize);
    }

    private DiskDriver start(CacheMode cache) {
        return start(cache, 1, 64, DiskDriver.ALL_FEATURES);
    }

    private FakeFile open(Fd fd, int depth, AsyncFileBackend.Completion completion) {
        file = new FakeFile(SIZE, depth, completion);
        return file;
    }

    /** Linux tells of lost pages once, and takes them for clean then. */
    @ParameterizedTest
    @EnumSource(
            value = CacheMode.class,
            names = {"WRITEBACK", "WRITETHROUGH"})
    void afterAFlushThatFailedAllDo(CacheMode cache) {
        DiskDriver disk = start(cache);
        try (LogCapture log = LogCapture.of(BlockStability.class.getName())) {
            file.results.add((long) -Errno.EIO);
            assertEquals(VIRTIO_BLK_S_IOERR, disk.flush());
            assertEquals(VIRTIO_BLK_S_IOERR, disk.flush());
            assertEquals(
                    List.of("ERROR disk0: what the guest wrote could not be brought to the disk and is lost: "
                            + Errno.describe(Errno.EIO) + "; its flushes fail from here on"),
                    log.lines());
        }
        int writes = cache == CacheMode.WRITEBACK ? VIRTIO_BLK_S_OK : VIRTIO_BLK_S_IOERR;
        assertEquals(writes, disk.write(0, DATA, 512));
        assertEquals(writes, disk.range(VIRTIO_BLK_T_WRITE_ZEROES, DATA, 0, 8, 0));
        assertEquals(VIRTIO_BLK_S_OK, disk.read(0, DATA, 512));
        assertTrue(disk.driver.reset());
        assertEquals(VIRTIO_BLK_S_IOERR, start(cache).flush(), "the data is not there after a reset either");
        assertEquals(1, counted.failedSyncs.get());
    }

    /** There are no pages that could be lost. */
    @Test
    void pastThePageCacheAFlushIsTriedAgain() {
        DiskDriver disk = start(CacheMode.NONE);
        file.results.add((long) -Errno.EIO);
        assertEquals(VIRTIO_BLK_S_IOERR, disk.flush());
        assertEquals(VIRTIO_BLK_S_OK, disk.flush());
    }

    @Test
    void aStableWriteThatFailedMayHaveLostMore() {
        DiskDriver disk = start(CacheMode.WRITETHROUGH);
        file.results.add((long) -Errno.ENOSPC);
        assertEquals(VIRTIO_BLK_S_IOERR, disk.write(0, DATA, 512));
        assertEquals(VIRTIO_BLK_S_OK, disk.write(0, DATA, 512), "the disk was full: nothing was taken");
        file.results.add((long) -Errno.EIO);
        assertEquals(VIRTIO_BLK_S_IOERR, disk.write(0, DATA, 512));
        assertEquals(VIRTIO_BLK_S_IOERR, disk.write(0, DATA, 512));
        assertEquals(VIRTIO_BLK_S_IOERR, disk.flush());
    }

    @Test
    void aFlushThatFailsDuringAResetCountsToo() {
        DiskDriver disk = start(CacheMode.WRITEBACK);
        file.automatic = false;
        int _ = disk.commit(0, 0, VIRTIO_BLK_T_FLUSH, 0, 0, 0, false);
        boolean _ = disk.queues[0].kick();
        boolean _ = disk.driver.reset();
        file.results.add((long) -Errno.EIO);
        file.completeNext();
        assertEquals(VIRTIO_BLK_S_IOERR, start(CacheMode.WRITEBACK).flush());
    }

    /** Made by fallocate they are in no stable place by themselves. */
    @Test
    void zeroesAreStableForWhoeverCannotFlush() {
        long features = DiskDriver.ALL_FEATURES
                & ~VirtioFeature.mask(VIRTIO_BLK_F_FLUSH)
                & ~VirtioFeature.mask(VIRTIO_BLK_F_CONFIG_WCE);
        DiskDriver disk = start(CacheMode.WRITEBACK, 1, 64, features);
        memory.fill(DATA + 4096, 4096, (byte) 1);
        assertEquals(VIRTIO_BLK_S_OK, disk.write(0, DATA + 4096, 4096));
        for (int flags = 0; flags <= 1; flags++) {
            int sector = 2 * flags;
            assertEquals(VIRTIO_BLK_S_OK, disk.range(VIRTIO_BLK_T_WRITE_ZEROES, DATA, sector, 1, flags));
            assertEquals(0, file.stable[sector * SECTOR_SIZE]);
            assertEquals(1, file.stable[(sector + 1) * SECTOR_SIZE]);
        }
        file.results.add(0L);
        file.results.add((long) -Errno.EIO);
        assertEquals(VIRTIO_BLK_S_IOERR, disk.range(VIRTIO_BLK_T_WRITE_ZEROES, DATA, 5, 1, 0));
        assertEquals(1, counted.failedSyncs.get());
    }

    @Test
    void aDriverThatFlushesGetsZeroesWithoutASync() {
        DiskDriver disk = start(CacheMode.WRITEBACK);
        assertEquals(VIRTIO_BLK_S_OK, disk.range(VIRTIO_BLK_T_WRITE_ZEROES, DATA, 0, 8, 0));
        assertTrue(file.all.stream().noneMatch(request -> request.kind().equals("flush")));
    }

    // ---- turns ----

    private static void commit(DiskDriver disk, int queue, int request, int type) {
        disk.header(queue, request, type, 0);
        disk.queues[queue].beginIndirect();
        disk.queues[queue].readable(disk.headerGpa(queue, request), HEADER_SIZE);
        disk.queues[queue].writable(disk.headerGpa(queue, request) + HEADER_SIZE, 1);
        assertTrue(disk.queues[queue].commit() >= 0);
    }

    private static int poll(DiskDriver disk, int queue) {
        int count = 0;
        while (disk.queues[queue].poll() >= 0) {
            count++;
        }
        return count;
    }

    /** A driver could add more for as long as it is served. */
    @Test
    void whatCompletesAtOnceLeavesOthersATurn() {
        QueuedExecutor loop = new QueuedExecutor();
        DiskDriver disk = start(CacheMode.WRITEBACK, 1, 256, DiskDriver.ALL_FEATURES, loop);
        loop.run();
        for (int i = 0; i < 200; i++) {
            commit(disk, 0, i, 99);
        }
        boolean _ = disk.queues[0].kick();
        loop.turn();
        assertEquals(128, poll(disk, 0));
        loop.turn();
        assertEquals(72, poll(disk, 0));
    }

    @Test
    void queuesGetWhatIsFreeInTurn() {
        DiskDriver disk = start(CacheMode.WRITEBACK, 2, 256, DiskDriver.ALL_FEATURES);
        file.automatic = false;
        for (int queue = 0; queue < 2; queue++) {
            for (int i = 0; i < 200; i++) {
                commit(disk, queue, i, VIRTIO_BLK_T_FLUSH);
            }
            boolean _ = disk.queues[queue].kick();
        }
        // The first has all that there are in flight, and more waiting.
        for (int i = 0; i < BlockRequests.DEPTH + 60; i++) {
            file.completeNext();
        }
        int other = poll(disk, 1);
        assertTrue(other >= 25, () -> "of 60 that came after the first queue's " + other);
    }

    // ---- size ----

    /** Linux reads the capacity before it says that it is ready. */
    @Test
    void aSizeThatADriverMayHaveMissedIsTold() {
        BlockDeviceConfig config = BlockDeviceConfig.of(SIZE);
        BlockDevice device = new BlockDevice(
                "disk0", config, this::open, Fd.own("a test", 1 << 30), time, time, new TokenLevels(), counted);
        VirtioMmioTransport transport =
                new VirtioMmioTransport(device, memory, Runnable::run, new PulseLine(), new VirtioCounters(1), 0);
        device.resize(SIZE / 2);
        DiskDriver disk = new DiskDriver(transport, memory, 0x1000, DiskDriver.ALL_FEATURES, 1);
        assertEquals(2, disk.driver.takeInterrupt() & 2);
        assertTrue(disk.driver.reset());
        DiskDriver next = new DiskDriver(transport, memory, 0x1000, DiskDriver.ALL_FEATURES, 1);
        assertEquals(0, next.driver.takeInterrupt() & 2, "once");
    }
}
