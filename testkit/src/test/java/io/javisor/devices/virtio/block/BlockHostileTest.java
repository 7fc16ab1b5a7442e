package io.javisor.devices.virtio.block;

import static io.javisor.devices.virtio.block.BlockProtocol.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.backend.TokenLevels;
import io.javisor.devices.virtio.PulseLine;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.mmio.VirtioMmioTransport;
import io.javisor.testkit.FakeTime;
import io.javisor.testkit.driver.DriverQueue;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests that want as much of the host as a request can: a disk does them in parts, and holds up nobody. */
class BlockHostileTest {
    private static final long CAPACITY = 8L << 30;
    private static final int MIB = 1 << 20;
    private static final long DATA = 16 << 20;
    private static final int DATA_SIZE = 8 << 20;

    private final GuestMemory memory =
            new GuestMemory(List.of(new GuestMemory.Region(0, Arena.ofAuto().allocate(32 << 20, 4096))));
    private final FakeTime time = new FakeTime(0);
    private final BlockCounters counted = new BlockCounters();
    private final TokenLevels levels = new TokenLevels();
    private FakeFile file = new FakeFile(0, 1, (token, result) -> {});

    private @Nullable BlockDevice made;

    private DiskDriver start(BlockDeviceConfig config, int queueSize) {
        BlockDevice device = new BlockDevice(
                "disk0",
                config,
                (fd, depth, completion) -> {
                    file = new FakeFile(0, depth, completion);
                    file.automatic = false;
                    return file;
                },
                Fd.own("a test", 1 << 30),
                time,
                time,
                levels,
                counted);
        made = device;
        VirtioMmioTransport transport = new VirtioMmioTransport(
                device, memory, Runnable::run, new PulseLine(), new VirtioCounters(config.queueCount()), 0);
        return new DiskDriver(transport, memory, 0x1000, DiskDriver.ALL_FEATURES, config.queueCount(), queueSize);
    }

    private static BlockDeviceConfig limited(int queues, long requestsPerSecond, long bytesPerSecond) {
        return new BlockDeviceConfig(
                CAPACITY, false, CacheMode.WRITEBACK, "", queues, 512, 1, requestsPerSecond, bytesPerSecond);
    }

    /** The host does all of the oldest request. */
    private FakeFile.Request complete() {
        FakeFile.Request request = Objects.requireNonNull(file.queued.peek());
        boolean transfer = request.kind().equals("read") || request.kind().equals("write");
        file.results.add(transfer ? request.length() : 0);
        file.completeNext();
        return request;
    }

    private long bytesInFlight() {
        return file.queued.stream().mapToLong(FakeFile.Request::length).sum();
    }

    private int indirect(DiskDriver disk, int queue, int request, int type, int pieces, int size) {
        disk.header(queue, request, type, 0);
        DriverQueue ring = disk.queues[queue];
        ring.beginIndirect();
        ring.readable(disk.headerGpa(queue, request), HEADER_SIZE);
        for (int i = 0; i < pieces; i++) {
            if (type == VIRTIO_BLK_T_IN) {
                ring.writable(DATA, size);
            } else {
                ring.readable(DATA, size);
            }
        }
        ring.writable(disk.headerGpa(queue, request) + HEADER_SIZE, 1);
        return ring.commit();
    }

    @Test
    void aRequestOfHalfAGibibyteIsInFlightAMebibyteAtATime() {
        DiskDriver disk = start(BlockDeviceConfig.of(CAPACITY), 64);
        int pieces = 60; // all the same memory, which is legal
        int head = indirect(disk, 0, 1, VIRTIO_BLK_T_IN, pieces, DATA_SIZE);
        boolean _ = disk.queues[0].kick();
        long done = 0;
        while (!file.queued.isEmpty()) {
            assertEquals(1, file.queued.size());
            FakeFile.Request request = complete();
            assertTrue(request.length() <= MIB);
            assertEquals(done, request.offset());
            done += request.length();
        }
        assertEquals((long) pieces * DATA_SIZE, done);
        assertEquals(head, disk.queues[0].poll());
        assertEquals(VIRTIO_BLK_S_OK, disk.status(0, 1));
    }

    @Test
    void aResetWaitsForAStretchNotForTheRequest() {
        DiskDriver disk = start(BlockDeviceConfig.of(CAPACITY), 64);
        int _ = indirect(disk, 0, 1, VIRTIO_BLK_T_OUT, 60, DATA_SIZE);
        boolean _ = disk.queues[0].kick();
        FakeFile.Request _ = complete();
        assertFalse(disk.driver.reset());
        assertEquals(MIB, complete().length());
        assertEquals(0, disk.driver.status());
        assertTrue(file.queued.isEmpty());
    }

    @Test
    void bytesInFlightAreBounded() {
        DiskDriver disk = start(limited(2, 0, 0), 64);
        int requests = 64;
        for (int queue = 0; queue < 2; queue++) {
            for (int i = 0; i < requests; i++) {
                assertTrue(indirect(disk, queue, i, i % 2, 3, MIB / 2) >= 0);
            }
            boolean _ = disk.queues[queue].kick();
        }
        long most = 0;
        int completed = 0;
        while (!file.queued.isEmpty()) {
            most = Math.max(most, bytesInFlight());
            FakeFile.Request _ = complete();
            for (DriverQueue queue : disk.queues) {
                while (queue.poll() >= 0) {
                    completed++;
                }
            }
        }
        assertEquals(32L * MIB, most);
        assertEquals(2 * requests, completed);
    }

    @Test
    void rangesAreDoneInSteps() {
        DiskDriver disk = start(BlockDeviceConfig.of(CAPACITY), 64);
        for (int type : new int[] {VIRTIO_BLK_T_DISCARD, VIRTIO_BLK_T_WRITE_ZEROES}) {
            int head = commitRange(disk, type, 8, BlockConfigSpace.MAX_RANGE_SECTORS, 0);
            long offset = 4096;
            while (!file.queued.isEmpty()) {
                FakeFile.Request request = complete();
                assertEquals(offset, request.offset());
                assertTrue(request.length() <= 64L * MIB);
                offset += request.length();
            }
            assertEquals(4096 + ((long) BlockConfigSpace.MAX_RANGE_SECTORS << SECTOR_SHIFT), offset);
            assertEquals(head, disk.queues[0].poll());
            assertEquals(VIRTIO_BLK_S_OK, disk.status(0, 1));
        }
    }

    private static final long BANDWIDTH = 10L * MIB;

    private long zeroed() {
        return file.all.stream()
                .filter(request -> !request.kind().equals("read"))
                .mapToLong(FakeFile.Request::length)
                .sum();
    }

    /** Lets time pass, a millisecond at a time, while the host does at once what it is asked for. */
    private void pass(long millis) {
        for (long i = 0; i < millis; i++) {
            time.advance(1_000_000);
            while (!file.queued.isEmpty()) {
                FakeFile.Request _ = complete();
            }
        }
    }

    @Test
    void zeroesAreChargedAsTheyAreWritten() {
        DiskDriver disk = start(limited(1, 0, BANDWIDTH), 64);
        int head = commitRange(disk, VIRTIO_BLK_T_WRITE_ZEROES, 0, 512 * MIB / SECTOR_SIZE, 0);
        pass(20_000);
        long most = BANDWIDTH * 20 + BANDWIDTH / 10 + 64L * MIB;
        assertTrue(zeroed() <= most, () -> zeroed() + " bytes in 20 s");
        assertEquals(-1, disk.queues[0].poll());
        pass(40_000);
        assertEquals(head, disk.queues[0].poll());
        assertEquals(512L * MIB, zeroed());
    }

    @Test
    void stepsAreRequestsToo() {
        DiskDriver disk = start(limited(1, 10, 0), 64);
        int _ = commitRange(disk, VIRTIO_BLK_T_DISCARD, 0, BlockConfigSpace.MAX_RANGE_SECTORS, 0);
        pass(1_000);
        assertTrue(file.all.size() <= 12, () -> file.all.size() + " in a second");
        pass(5_000);
        assertTrue(disk.queues[0].poll() >= 0);
    }

    @Test
    void holesMoveNoBytes() {
        DiskDriver disk = start(limited(1, 0, MIB), 64);
        for (int type : new int[] {VIRTIO_BLK_T_DISCARD, VIRTIO_BLK_T_WRITE_ZEROES}) {
            int flags = type == VIRTIO_BLK_T_DISCARD ? 0 : 1;
            int head = commitRange(disk, type, 0, BlockConfigSpace.MAX_RANGE_SECTORS, flags);
            while (!file.queued.isEmpty()) {
                assertEquals("discard", complete().kind());
            }
            assertEquals(head, disk.queues[0].poll());
            assertEquals(VIRTIO_BLK_S_OK, disk.status(0, 1));
        }
        assertEquals(0, counted.throttled.get());
    }

    @Test
    void zeroesThatTheHostCannotMakeAreChargedOnce() {
        DiskDriver disk = start(limited(1, 0, BANDWIDTH), 64);
        int head = commitRange(disk, VIRTIO_BLK_T_WRITE_ZEROES, 0, 10 * MIB / SECTOR_SIZE, 1);
        for (int refused = 0; refused < 2; refused++) {
            file.results.add((long) -Errno.EOPNOTSUPP);
            file.completeNext();
            time.advance(1_000_000); // the request's own bytes
        }
        assertEquals("write", Objects.requireNonNull(file.queued.peek()).kind());
        pass(950);
        assertEquals(head, disk.queues[0].poll());
        assertEquals(VIRTIO_BLK_S_OK, disk.status(0, 1));
    }

    @ParameterizedTest
    @CsvSource({"0, 10485760, 13, 150", "0, 1048576, 13, 1200", "10, 0, 11, 250", "10, 10485760, 13, 350"})
    void whatComesBehindARangeWaitsForAStep(long iops, long bandwidth, int type, long millis) {
        DiskDriver disk = start(limited(2, iops, bandwidth), 64);
        int range = commitRange(disk, type, 0, BlockConfigSpace.MAX_RANGE_SECTORS, 0);
        pass(2_000);
        int flush = disk.commit(1, 1, VIRTIO_BLK_T_FLUSH, 0, 0, 0, false);
        boolean _ = disk.queues[1].kick();
        pass(millis);
        assertEquals(flush, disk.queues[1].poll());
        int read = disk.commit(0, 2, VIRTIO_BLK_T_IN, 0, DATA + 4096, 512, true);
        boolean _ = disk.queues[0].kick();
        pass(millis);
        assertEquals(read, disk.queues[0].poll());
        assertEquals(-1, disk.queues[0].poll());
        pass(type == VIRTIO_BLK_T_DISCARD ? 5_000 : 0);
        assertEquals(type == VIRTIO_BLK_T_DISCARD ? range : -1, disk.queues[0].poll());
    }

    @Test
    void rangesAndRequestsShareTheLimits() {
        DiskDriver disk = start(limited(2, 0, BANDWIDTH), 64);
        int range = commitRange(disk, VIRTIO_BLK_T_WRITE_ZEROES, 0, 16 * MIB / SECTOR_SIZE, 0);
        for (int i = 0; i < 16; i++) {
            int _ = disk.commit(1, i, VIRTIO_BLK_T_IN, 0, DATA + 4096, 64 << 10, true);
        }
        boolean _ = disk.queues[1].kick();
        int millis = 0;
        while (disk.queues[0].usedIndex() == 0 && millis < 10_000) {
            pass(1);
            millis++;
            int head = disk.queues[1].poll();
            while (head >= 0) {
                int _ = disk.commit(1, disk.requestOf(1, head), VIRTIO_BLK_T_IN, 0, DATA + 4096, 64 << 10, true);
                head = disk.queues[1].poll();
            }
            boolean _ = disk.queues[1].kick();
        }
        assertEquals(range, disk.queues[0].poll());
        long read = file.all.stream()
                .filter(request -> request.kind().equals("read"))
                .mapToLong(FakeFile.Request::length)
                .sum();
        assertTrue(read > 14L * MIB && read < 18L * MIB, () -> read + " bytes read beside 16 MiB of zeroes");
    }

    @Test
    void rangesThatWaitTakeNoRoom() {
        DiskDriver disk = start(limited(2, 0, BANDWIDTH), 64);
        memory.putLong(DATA, 0);
        memory.putInt(DATA + RANGE_NUM_SECTORS_OFFSET, 64 * MIB / SECTOR_SIZE);
        memory.putInt(DATA + RANGE_FLAGS_OFFSET, 0);
        for (int i = 0; i < 40; i++) {
            disk.header(0, i, VIRTIO_BLK_T_WRITE_ZEROES, 0);
            disk.queues[0].beginIndirect();
            disk.queues[0].readable(disk.headerGpa(0, i), HEADER_SIZE);
            disk.queues[0].readable(DATA, RANGE_SIZE);
            disk.queues[0].writable(disk.headerGpa(0, i) + HEADER_SIZE, 1);
            assertTrue(disk.queues[0].commit() >= 0);
        }
        boolean _ = disk.queues[0].kick();
        pass(1_000);
        int read = disk.commit(1, 2, VIRTIO_BLK_T_IN, 0, DATA + 4096, 512, true);
        boolean _ = disk.queues[1].kick();
        pass(150);
        assertEquals(read, disk.queues[1].poll());
    }

    @Test
    void rangesThatLearnTheSameAtOnceLearnNoMore() {
        DiskDriver disk = start(BlockDeviceConfig.of(CAPACITY), 64);
        for (int i = 0; i < 2; i++) {
            int _ = commitRange(disk, VIRTIO_BLK_T_WRITE_ZEROES, 0, 8, 1);
        }
        for (int i = 0; i < 2; i++) {
            file.results.add((long) -Errno.EOPNOTSUPP);
            file.completeNext();
        }
        for (int i = 0; i < 2; i++) {
            assertEquals("zero", complete().kind());
        }
        assertEquals(2, disk.queues[0].usedIndex());
    }

    @Test
    void aWriteOfZeroesThatIsRefusedIsAnError() {
        DiskDriver disk = start(BlockDeviceConfig.of(CAPACITY), 64);
        int head = commitRange(disk, VIRTIO_BLK_T_WRITE_ZEROES, 0, 8, 0);
        for (String kind : List.of("zero", "write")) {
            assertEquals(kind, Objects.requireNonNull(file.queued.peek()).kind());
            file.results.add((long) -Errno.EOPNOTSUPP);
            file.completeNext();
        }
        assertTrue(file.queued.isEmpty());
        assertEquals(head, disk.queues[0].poll());
        assertEquals(VIRTIO_BLK_S_IOERR, disk.status(0, 1));
    }

    @Test
    void aResetDoesNotWaitForTheLimit() {
        DiskDriver disk = start(limited(2, 0, BANDWIDTH), 64);
        int _ = commitRange(disk, VIRTIO_BLK_T_WRITE_ZEROES, 0, 256 * MIB / SECTOR_SIZE, 0);
        while (!file.queued.isEmpty()) {
            FakeFile.Request _ = complete();
        }
        int read = disk.commit(1, 2, VIRTIO_BLK_T_IN, 0, DATA + 4096, 512, true);
        boolean _ = disk.queues[1].kick();
        assertTrue(disk.driver.resetQueue(0));
        pass(10_000);
        assertEquals(read, disk.queues[1].poll());
        int _ = disk.commit(1, 2, VIRTIO_BLK_T_IN, 0, DATA + 4096, 512, true);
        boolean _ = disk.queues[1].kick();
        boolean _ = disk.driver.reset();
        if (!file.queued.isEmpty()) {
            FakeFile.Request _ = complete();
        }
        assertEquals(0, disk.driver.status());
    }

    @Test
    void aDiskThatIsMadeAnewHasWhatWasLeftOfItsLimits() {
        for (int life = 0; life < 10; life++) {
            DiskDriver disk = start(limited(1, 100, 0), 64);
            for (int i = 0; i < 20; i++) {
                int _ = disk.commit(0, i, VIRTIO_BLK_T_FLUSH, 0, 0, 0, false);
            }
            boolean _ = disk.queues[0].kick();
            assertEquals(life == 0 ? 10 : 0, file.all.size());
        }
    }

    @Test
    void aQueueThatWaitsIsServedWhenAnotherIsReset() {
        DiskDriver disk = start(limited(3, 0, 0), 64);
        for (int queue = 0; queue < 3; queue++) {
            for (int i = 0; i < 64; i++) {
                disk.header(queue, i, VIRTIO_BLK_T_FLUSH, 0);
                disk.queues[queue].beginIndirect();
                disk.queues[queue].readable(disk.headerGpa(queue, i), HEADER_SIZE);
                disk.queues[queue].writable(disk.headerGpa(queue, i) + HEADER_SIZE, 1);
                assertTrue(disk.queues[queue].commit() >= 0);
            }
            boolean _ = disk.queues[queue].kick();
        }
        // The first two have all slots, and are reset.
        assertFalse(disk.driver.resetQueue(0));
        assertFalse(disk.driver.resetQueue(1));
        while (!file.queued.isEmpty()) {
            FakeFile.Request _ = complete();
        }
        assertEquals(64, disk.queues[2].usedIndex());
    }

    @Test
    void aResetTakesNoMoreOfTheHost() {
        DiskDriver disk = start(BlockDeviceConfig.of(CAPACITY), 64);
        Set<Long> vectors = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            int head = disk.commit(0, 1, VIRTIO_BLK_T_IN, 0, DATA, 512, true);
            boolean _ = disk.queues[0].kick();
            vectors.add(complete().iovecHva());
            assertEquals(head, disk.queues[0].poll());
            assertTrue(disk.driver.reset());
            disk = new DiskDriver(disk.transport, memory, 0x1000, DiskDriver.ALL_FEATURES, 1, 64);
        }
        assertEquals(1, vectors.size());
    }

    @Test
    void whatTheHostStillUsesIsNotFreedAtTheEnd() {
        BlockDeviceConfig copying = new BlockDeviceConfig(CAPACITY, false, CacheMode.NONE, "", 1, 512, 512, 0, 0);
        DiskDriver disk = start(copying, 64);
        BlockDevice device = Objects.requireNonNull(made);
        MemorySegment.Scope buffers = device.requests.buffers.scope();
        int _ = disk.commit(0, 1, VIRTIO_BLK_T_IN, 0, DATA + 1, 512, true);
        boolean _ = disk.queues[0].kick();
        device.reset(() -> {});
        file.stuck = true;
        assertThrows(IllegalStateException.class, device::close);
        assertTrue(buffers.isAlive());
        FakeFile.Request _ = complete();
        device.close();
        assertFalse(buffers.isAlive());
    }

    private int commitRange(DiskDriver disk, int type, long sector, int sectors, int flags) {
        memory.putLong(DATA, sector);
        memory.putInt(DATA + RANGE_NUM_SECTORS_OFFSET, sectors);
        memory.putInt(DATA + RANGE_FLAGS_OFFSET, flags);
        int head = disk.commit(0, 1, type, 0, DATA, RANGE_SIZE, false);
        boolean _ = disk.queues[0].kick();
        return head;
    }
}
