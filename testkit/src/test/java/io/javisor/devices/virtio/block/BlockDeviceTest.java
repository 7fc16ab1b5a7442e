package io.javisor.devices.virtio.block;

import static io.javisor.devices.virtio.block.BlockProtocol.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.io.AsyncFileBackend;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.backend.TokenLevels;
import io.javisor.devices.virtio.PulseLine;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.VirtioFeature;
import io.javisor.devices.virtio.VirtioStatus;
import io.javisor.devices.virtio.mmio.VirtioMmioRegisters;
import io.javisor.devices.virtio.mmio.VirtioMmioTransport;
import io.javisor.devices.virtio.queue.QueueFault;
import io.javisor.testkit.FakeTime;
import io.javisor.testkit.driver.DriverQueue;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A disk through its registers and rings, over a file in memory (virtio 1.2 §5.2). */
class BlockDeviceTest {
    private static final int SECTORS = 256;
    private static final int SIZE = SECTORS * SECTOR_SIZE;
    private static final long DATA = 0x8_0000;

    private final GuestMemory memory =
            new GuestMemory(List.of(new GuestMemory.Region(0, Arena.ofAuto().allocate(1 << 20, 4096))));
    private final FakeTime time = new FakeTime(0);
    private final PulseLine line = new PulseLine();
    private final BlockCounters counted = new BlockCounters();
    private TokenLevels levels = new TokenLevels();
    private VirtioCounters registers = new VirtioCounters(1);
    private FakeFile file = new FakeFile(0, 1, (token, result) -> {});
    private BlockDevice device = make(BlockDeviceConfig.of(SIZE));
    private VirtioMmioTransport transport = transport();

    private BlockDevice make(BlockDeviceConfig config) {
        registers = new VirtioCounters(config.queueCount());
        device = new BlockDevice("disk0", config, this::open, Fd.own("a test", 1 << 30), time, time, levels, counted);
        transport = transport();
        return device;
    }

    private FakeFile open(Fd fd, int depth, AsyncFileBackend.Completion completion) {
        file = new FakeFile(SIZE, depth, completion);
        return file;
    }

    private VirtioMmioTransport transport() {
        return new VirtioMmioTransport(device, memory, Runnable::run, line, registers, 0);
    }

    private DiskDriver start() {
        return start(DiskDriver.ALL_FEATURES);
    }

    private DiskDriver start(long features) {
        return new DiskDriver(transport, memory, 0x1000, features, device.queueCount());
    }

    private static BlockDeviceConfig with(boolean readOnly, CacheMode cache) {
        return new BlockDeviceConfig(SIZE, readOnly, cache, "a-serial", 1, 512, 1, 0, 0);
    }

    private long count(String name) {
        return Objects.requireNonNull(counted.snapshot().get(name), name);
    }

    private static long except(int... features) {
        long mask = DiskDriver.ALL_FEATURES;
        for (int feature : features) {
            mask &= ~VirtioFeature.mask(feature);
        }
        return mask;
    }

    private byte[] random(int seed, int size) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    // ---- what it is ----

    @Test
    void itIsABlockDeviceOfItsSize() {
        DiskDriver disk = start();
        assertEquals(2, disk.driver.probe());
        assertEquals(SECTORS, disk.driver.readConfig(CAPACITY_OFFSET, 8));
        assertEquals(254, disk.driver.readConfig(SEG_MAX_OFFSET, 4));
        assertEquals(512, disk.driver.readConfig(BLK_SIZE_OFFSET, 4));
        assertEquals(3, disk.driver.readConfig(PHYSICAL_BLOCK_EXP_OFFSET, 1));
        assertEquals(8, disk.driver.readConfig(MIN_IO_SIZE_OFFSET, 2));
        assertEquals(1, disk.driver.readConfig(WRITEBACK_OFFSET, 1));
        assertEquals(16, disk.driver.readConfig(MAX_DISCARD_SEG_OFFSET, 4));
    }

    @Test
    void aReadOnlyDiskOffersNothingThatWrites() {
        make(with(true, CacheMode.WRITEBACK));
        DiskDriver disk = start();
        long offered = disk.driver.offeredFeatures();
        assertTrue(VirtioFeature.has(offered, VIRTIO_BLK_F_RO));
        assertFalse(VirtioFeature.has(offered, VIRTIO_BLK_F_DISCARD));
        assertFalse(VirtioFeature.has(offered, VIRTIO_BLK_F_WRITE_ZEROES));
        assertFalse(VirtioFeature.has(offered, VIRTIO_BLK_F_CONFIG_WCE));
        assertEquals(VIRTIO_BLK_S_IOERR, disk.write(0, DATA, 512));
        assertEquals(VIRTIO_BLK_S_OK, disk.read(0, DATA, 512));
        assertEquals(VIRTIO_BLK_S_IOERR, disk.range(VIRTIO_BLK_T_DISCARD, DATA, 0, 8, 0));
        assertEquals(2, count("read_only_writes"));
        assertTrue(file.all.stream().noneMatch(request -> request.kind().equals("write")));
    }

    @Test
    void theSerialNumberIsItsId() {
        make(with(false, CacheMode.WRITEBACK));
        DiskDriver disk = start();
        assertEquals(VIRTIO_BLK_S_OK, disk.ask(VIRTIO_BLK_T_GET_ID, 0, DATA, 20, true));
        byte[] id = new byte[20];
        memory.copyOut(DATA, id, 0, 20);
        assertEquals("a-serial", new String(id, StandardCharsets.US_ASCII).trim());
        assertEquals(VIRTIO_BLK_S_IOERR, disk.ask(VIRTIO_BLK_T_GET_ID, 0, DATA, 19, true));
    }

    // ---- data ----

    @Test
    void whatIsWrittenIsReadAgain() {
        DiskDriver disk = start();
        byte[] bytes = random(1, 8192);
        memory.copyIn(bytes, 0, DATA, bytes.length);
        assertEquals(VIRTIO_BLK_S_OK, disk.write(7, DATA, bytes.length));
        assertEquals(VIRTIO_BLK_S_OK, disk.read(7, DATA + 0x10000, bytes.length));
        assertEquals(bytes.length + 1, disk.queues[0].usedLength());
        byte[] back = new byte[bytes.length];
        memory.copyOut(DATA + 0x10000, back, 0, back.length);
        assertArrayEquals(bytes, back);
        assertEquals(8192L, count("written_bytes"));
        assertEquals(8192L, count("read_bytes"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 100, 512, 1000})
    void headerDataAndStatusMayBeSpreadAnyhow(int piece) {
        DiskDriver disk = start();
        byte[] bytes = random(2, 1024);
        memory.copyIn(bytes, 0, DATA, bytes.length);
        assertEquals(VIRTIO_BLK_S_OK, disk.write(3, DATA, bytes.length));
        disk.header(0, 0, VIRTIO_BLK_T_IN, 3);
        DriverQueue ring = disk.queues[0];
        ring.beginIndirect();
        long header = disk.headerGpa(0, 0);
        ring.readable(header, 5);
        ring.readable(header + 5, 11);
        int pieces = 0;
        int target = 0;
        long gpa = DATA + 0x10000;
        while (target < 1024) { // data and status share the last piece
            int size = ++pieces == 60 ? 1024 - target : Math.min(piece, 1024 - target);
            ring.writable(gpa + target, target + size == 1024 ? size + 1 : size);
            target += size;
        }
        int head = ring.commit();
        boolean _ = ring.kick();
        assertEquals(head, ring.poll());
        assertEquals(VIRTIO_BLK_S_OK, memory.getByte(gpa + 1024));
        byte[] back = new byte[1024];
        memory.copyOut(gpa, back, 0, back.length);
        assertArrayEquals(bytes, back);
    }

    @Test
    void whatTheHostDoesInPartsIsContinued() {
        DiskDriver disk = start();
        byte[] bytes = random(3, 4096);
        memory.copyIn(bytes, 0, DATA, bytes.length);
        file.most = 700;
        assertEquals(VIRTIO_BLK_S_OK, disk.write(0, DATA, bytes.length));
        assertEquals(VIRTIO_BLK_S_OK, disk.read(0, DATA + 0x10000, bytes.length));
        byte[] back = new byte[bytes.length];
        memory.copyOut(DATA + 0x10000, back, 0, back.length);
        assertArrayEquals(bytes, back);
        assertTrue(count("continuations") >= 10);
    }

    @Test
    void aRequestOfNoDataIsDone() {
        DiskDriver disk = start();
        assertEquals(VIRTIO_BLK_S_OK, disk.read(0, DATA, 0));
        assertEquals(VIRTIO_BLK_S_OK, disk.write(SECTORS, DATA, 0));
    }

    @Test
    void misalignedMemoryIsCopiedForDirectIo() {
        make(new BlockDeviceConfig(SIZE, false, CacheMode.NONE, "", 1, 512, 512, 0, 0));
        DiskDriver disk = start();
        byte[] bytes = random(4, 4096);
        memory.copyIn(bytes, 0, DATA + 3, bytes.length);
        assertEquals(VIRTIO_BLK_S_OK, disk.write(0, DATA + 3, bytes.length));
        assertEquals(VIRTIO_BLK_S_OK, disk.read(0, DATA + 0x10001, bytes.length));
        byte[] back = new byte[bytes.length];
        memory.copyOut(DATA + 0x10001, back, 0, back.length);
        assertArrayEquals(bytes, back);
        assertEquals(2L, count("bounced"));
        assertEquals(VIRTIO_BLK_S_OK, disk.write(0, DATA, bytes.length));
        assertEquals(2L, count("bounced"), "aligned memory is not copied");
    }

    // ---- stability ----

    @Test
    void aFlushMakesStableWhatCompletedBefore() {
        DiskDriver disk = start();
        memory.fill(DATA, 512, (byte) 1);
        assertEquals(VIRTIO_BLK_S_OK, disk.write(0, DATA, 512));
        assertEquals(0, file.stable[0]);
        assertEquals(VIRTIO_BLK_S_OK, disk.flush());
        assertEquals(1, file.stable[0]);
    }

    @Test
    void aDriverThatCannotFlushGetsStableWrites() {
        DiskDriver disk = start(except(VIRTIO_BLK_F_FLUSH, VIRTIO_BLK_F_CONFIG_WCE));
        memory.fill(DATA, 512, (byte) 1);
        assertEquals(VIRTIO_BLK_S_OK, disk.write(0, DATA, 512));
        assertEquals(1, file.stable[0]);
    }

    @Test
    void theDriverMaySwitchTheWriteCacheOffAndOn() {
        DiskDriver disk = start();
        disk.driver.writeConfig(WRITEBACK_OFFSET, 1, 0);
        assertEquals(0, disk.driver.readConfig(WRITEBACK_OFFSET, 1));
        memory.fill(DATA, 512, (byte) 1);
        assertEquals(VIRTIO_BLK_S_OK, disk.write(0, DATA, 512));
        assertEquals(1, file.stable[0]);
        disk.driver.writeConfig(WRITEBACK_OFFSET, 1, 1);
        assertEquals(VIRTIO_BLK_S_OK, disk.write(1, DATA, 512));
        assertEquals(0, file.stable[512]);
        disk.driver.writeConfig(WRITEBACK_OFFSET, 1, 0);
        assertTrue(disk.driver.reset());
        assertEquals(1, disk.driver.readConfig(WRITEBACK_OFFSET, 1), "a reset switches it on again");
    }

    @Test
    void withoutTheFeatureTheSwitchDoesNothing() {
        DiskDriver disk = start(except(VIRTIO_BLK_F_CONFIG_WCE));
        disk.driver.writeConfig(WRITEBACK_OFFSET, 1, 0);
        assertEquals(1, disk.driver.readConfig(WRITEBACK_OFFSET, 1));
        disk.driver.writeConfig(CAPACITY_OFFSET, 8, 1);
        assertEquals(SECTORS, disk.driver.readConfig(CAPACITY_OFFSET, 8));
    }

    @ParameterizedTest
    @EnumSource(CacheMode.class)
    void eachCacheModeDoesWhatItSays(CacheMode cache) {
        make(with(false, cache));
        DiskDriver disk = start();
        memory.fill(DATA, 512, (byte) 1);
        assertEquals(VIRTIO_BLK_S_OK, disk.write(0, DATA, 512));
        assertEquals(cache == CacheMode.WRITETHROUGH ? 1 : 0, file.stable[0]);
        assertEquals(cache != CacheMode.WRITETHROUGH, disk.driver.readConfig(WRITEBACK_OFFSET, 1) == 1);
        assertEquals(VIRTIO_BLK_S_OK, disk.flush());
        assertEquals(cache == CacheMode.UNSAFE ? 0 : 1, file.stable[0]);
    }

    // ---- discard, write-zeroes ----

    @Test
    void zeroesAreWritten() {
        DiskDriver disk = start();
        memory.fill(DATA, 4096, (byte) 1);
        assertEquals(VIRTIO_BLK_S_OK, disk.write(0, DATA, 4096));
        assertEquals(VIRTIO_BLK_S_OK, disk.range(VIRTIO_BLK_T_WRITE_ZEROES, DATA, 2, 3, 0));
        assertEquals("zero", file.all.getLast().kind());
        assertEquals(VIRTIO_BLK_S_OK, disk.range(VIRTIO_BLK_T_WRITE_ZEROES, DATA, 2, 3, 1));
        assertEquals("discard", file.all.getLast().kind());
        for (int i = 0; i < 4096; i++) {
            assertEquals(i >= 1024 && i < 2560 ? 0 : 1, file.content[i]);
        }
    }

    @Test
    void aFileThatCannotMakeZeroesIsWrittenWithThem() {
        DiskDriver disk = start();
        Arrays.fill(file.content, (byte) 1);
        file.results.add((long) -Errno.EOPNOTSUPP);
        assertEquals(VIRTIO_BLK_S_OK, disk.range(VIRTIO_BLK_T_WRITE_ZEROES, DATA, 1, SECTORS - 2, 0));
        for (int i = 0; i < SIZE; i++) {
            assertEquals(i >= 512 && i < SIZE - 512 ? 0 : 1, file.content[i]);
        }
        assertEquals(VIRTIO_BLK_S_OK, disk.range(VIRTIO_BLK_T_WRITE_ZEROES, DATA, 0, 1, 0));
        assertEquals("write", file.all.getLast().kind(), "not asked a second time");
    }

    @Test
    void aDiscardThatTheFileCannotTakeIsDone() {
        DiskDriver disk = start();
        file.results.add((long) -Errno.EOPNOTSUPP);
        assertEquals(VIRTIO_BLK_S_OK, disk.range(VIRTIO_BLK_T_DISCARD, DATA, 0, 8, 0));
    }

    @Test
    void severalRangesAreDoneInTurn() {
        DiskDriver disk = start();
        Arrays.fill(file.content, (byte) 1);
        for (int i = 0; i < 16; i++) {
            memory.putLong(DATA + 16L * i, 2L * i);
            memory.putInt(DATA + 16L * i + 8, i == 5 ? 0 : 1);
            memory.putInt(DATA + 16L * i + 12, 0);
        }
        assertEquals(VIRTIO_BLK_S_OK, disk.ask(VIRTIO_BLK_T_DISCARD, 0, DATA, 256, false));
        for (int i = 0; i < 32; i++) {
            assertEquals(i % 2 == 0 && i != 10 ? 0 : 1, file.content[512 * i]);
        }
        assertEquals(VIRTIO_BLK_S_IOERR, disk.ask(VIRTIO_BLK_T_DISCARD, 0, DATA, 272, false), "17 ranges");
        assertEquals(VIRTIO_BLK_S_IOERR, disk.ask(VIRTIO_BLK_T_DISCARD, 0, DATA, 17, false), "not whole ones");
        assertEquals(VIRTIO_BLK_S_IOERR, disk.ask(VIRTIO_BLK_T_DISCARD, 0, DATA, 0, false), "none");
    }

    @ParameterizedTest
    @CsvSource({
        "11, 0, 8, 1, 2", // discard has no flags
        "13, 0, 8, 2, 2",
        "13, 0, 8, -1, 2",
        "13, 256, 1, 0, 1",
        "13, 255, 2, 0, 1",
        "13, -1, 1, 0, 1",
        "11, 0, -1, 0, 1",
        "11, 0x7FFFFFFFFFFFFFFF, 8, 0, 1",
    })
    void aRangeThatCannotBeIsRefusedBeforeAnythingIsDone(int type, String sector, int sectors, int flags, int status) {
        DiskDriver disk = start();
        int before = file.all.size();
        assertEquals(status, disk.range(type, DATA, Long.decode(sector), sectors, flags));
        assertEquals(before, file.all.size());
    }

    // ---- errors ----

    @ParameterizedTest
    @CsvSource({
        "256, 512",
        "255, 1024",
        "-1, 512",
        "0, 513",
        "0, 511",
        "0x7FFFFFFFFFFFFFFF, 512",
        "0x80000000000000, 512"
    })
    void aRequestOutsideTheDiskFails(String sector, int size) {
        DiskDriver disk = start();
        assertEquals(VIRTIO_BLK_S_IOERR, disk.read(Long.decode(sector), DATA, size));
        assertEquals(VIRTIO_BLK_S_IOERR, disk.write(Long.decode(sector), DATA, size));
        assertEquals(2L, count("out_of_range"));
        assertTrue(file.all.isEmpty());
    }

    @Test
    void largerBlocksAreHeld() {
        make(new BlockDeviceConfig(SIZE, false, CacheMode.NONE, "", 1, 4096, 1, 0, 0));
        DiskDriver disk = start();
        assertEquals(4096, disk.driver.readConfig(BLK_SIZE_OFFSET, 4));
        assertEquals(0, disk.driver.readConfig(PHYSICAL_BLOCK_EXP_OFFSET, 1));
        assertEquals(VIRTIO_BLK_S_OK, disk.read(8, DATA, 4096));
        assertEquals(VIRTIO_BLK_S_IOERR, disk.read(1, DATA, 4096));
        assertEquals(VIRTIO_BLK_S_IOERR, disk.read(8, DATA, 512));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5, 7, 9, 10, 12, 14, 16, 0x100, -1})
    void aTypeThatThereIsNoneOfIsNotSupported(int type) {
        DiskDriver disk = start();
        assertEquals(VIRTIO_BLK_S_UNSUPP, disk.ask(type, 0, DATA, 512, true));
        assertEquals(1L, count("unsupported"));
    }

    @ParameterizedTest
    @ValueSource(ints = {Errno.EIO, Errno.ENOSPC, Errno.EINVAL, 0})
    void whatTheHostRefusesIsAnErrorToTheGuestWhichLivesOn(int errno) {
        DiskDriver disk = start();
        for (int i = 0; i < 5; i++) {
            file.results.add((long) -errno);
        }
        assertEquals(VIRTIO_BLK_S_IOERR, disk.read(0, DATA, 512));
        assertEquals(VIRTIO_BLK_S_IOERR, disk.write(0, DATA, 512));
        if (errno != 0) {
            assertEquals(VIRTIO_BLK_S_IOERR, disk.flush());
            assertEquals(VIRTIO_BLK_S_IOERR, disk.range(VIRTIO_BLK_T_DISCARD, DATA, 0, 8, 0));
            assertEquals(VIRTIO_BLK_S_IOERR, disk.range(VIRTIO_BLK_T_WRITE_ZEROES, DATA, 0, 8, 0));
        }
        file.results.clear();
        assertEquals(VIRTIO_BLK_S_OK, disk.read(0, DATA, 512));
        assertEquals(VIRTIO_BLK_S_OK, disk.write(0, DATA, 512));
    }

    @Test
    void aRequestWithoutAHeaderOrStatusComesBack() {
        DiskDriver disk = start();
        DriverQueue ring = disk.queues[0];
        ring.begin();
        ring.readable(DATA, 15);
        ring.writable(DATA + 100, 1);
        memory.putByte(DATA + 100, (byte) 0xAA);
        int head = ring.commit();
        boolean _ = ring.kick();
        assertEquals(head, ring.poll());
        assertEquals(VIRTIO_BLK_S_IOERR, memory.getByte(DATA + 100));
        ring.begin();
        ring.readable(DATA, 100);
        head = ring.commit();
        boolean _ = ring.kick();
        assertEquals(head, ring.poll());
        assertEquals(0, ring.usedLength());
        assertEquals(2L, count("malformed"));
    }

    @Test
    void aBrokenRingNeedsAReset() {
        DiskDriver disk = start();
        disk.queues[0].rawAvailableIndex(1000);
        disk.queues[0].ring();
        assertNotEquals(0, disk.driver.status() & VirtioStatus.VIRTIO_CONFIG_S_NEEDS_RESET);
        assertEquals(1, registers.queue(0).faults(QueueFault.INDEX_JUMP));
        assertTrue(disk.driver.reset());
        assertEquals(VIRTIO_BLK_S_OK, start().read(0, DATA, 512));
    }

    // ---- in flight ----

    @Test
    void manyRequestsAreInFlightAndMoreWait() {
        make(new BlockDeviceConfig(SIZE, false, CacheMode.WRITEBACK, "", 4, 512, 1, 0, 0));
        DiskDriver disk = start();
        file.automatic = false;
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
        assertEquals(BlockRequests.DEPTH, file.queued.size());
        int completed = 0;
        while (!file.queued.isEmpty()) {
            file.completeNext();
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
        DiskDriver disk = start();
        file.automatic = false;
        int _ = disk.commit(0, 1, VIRTIO_BLK_T_IN, 0, DATA, 512, true);
        boolean _ = disk.queues[0].kick();
        assertFalse(disk.driver.reset());
        assertNotEquals(0, disk.driver.status());
        int used = disk.queues[0].usedIndex();
        file.completeNext();
        assertEquals(0, disk.driver.status());
        assertEquals(used, disk.queues[0].usedIndex(), "the guest's memory is no longer ours to write");
        file.automatic = true;
        assertEquals(VIRTIO_BLK_S_OK, start().read(0, DATA, 512));
    }

    @Test
    void aQueuesResetWaitsForItsOwnRequests() {
        make(new BlockDeviceConfig(SIZE, false, CacheMode.WRITEBACK, "", 2, 512, 1, 0, 0));
        DiskDriver disk = start();
        file.automatic = false;
        int _ = disk.commit(0, 1, VIRTIO_BLK_T_IN, 0, DATA, 512, true);
        boolean _ = disk.queues[0].kick();
        int other = disk.commit(1, 1, VIRTIO_BLK_T_IN, 0, DATA, 512, true);
        boolean _ = disk.queues[1].kick();
        assertFalse(disk.driver.resetQueue(0));
        file.completeNext();
        assertTrue(disk.driver.isQueueReset(0));
        assertEquals(0, disk.queues[0].usedIndex());
        file.completeNext();
        assertEquals(other, disk.queues[1].poll());
    }

    @Test
    void aDeviceCanBeResetTenThousandTimesInMidRequest() {
        DiskDriver disk = start();
        for (int i = 0; i < 10_000; i++) {
            file.automatic = false;
            int _ = disk.commit(0, 1, i % 2, i % SECTORS, DATA, 512, i % 2 == 0);
            boolean _ = disk.queues[0].kick();
            boolean _ = disk.driver.reset();
            file.completeNext();
            assertEquals(0, disk.driver.status());
            disk = start();
        }
        file.automatic = true;
        assertEquals(VIRTIO_BLK_S_OK, disk.read(0, DATA, 512));
        assertEquals(10_001, file.all.size());
    }

    @Test
    void aRestoredDiskDoesWhatWasInFlight() {
        DiskDriver disk = start();
        memory.fill(DATA, 512, (byte) 7);
        file.automatic = false;
        int head = disk.commit(0, 1, VIRTIO_BLK_T_OUT, 9, DATA, 512, false);
        boolean _ = disk.queues[0].kick();
        BlockState state = device.save();
        assertEquals(1, state.inFlight().size());
        var registersState = transport.save();
        // Another machine, with the same memory.
        make(BlockDeviceConfig.of(SIZE));
        device.restore(state);
        transport.restore(registersState);
        if (disk.queues[0].usedIndex() == 0) {
            file.submit();
        }
        assertEquals(head, disk.queues[0].poll());
        assertEquals(VIRTIO_BLK_S_OK, disk.status(0, 1));
        assertEquals(7, file.content[9 * 512]);
    }

    // ---- limits ----

    @Test
    void requestsASecondAreLimited() {
        make(new BlockDeviceConfig(SIZE, false, CacheMode.WRITEBACK, "", 1, 512, 1, 100, 0));
        DiskDriver disk = start();
        int done = 0;
        for (int i = 0; i < 20; i++) {
            int _ = disk.commit(0, i, VIRTIO_BLK_T_IN, 0, DATA, 512, true);
        }
        boolean _ = disk.queues[0].kick();
        while (disk.queues[0].poll() >= 0) {
            done++;
        }
        assertEquals(10, done, "a burst of a tenth of a second");
        time.advance(51_000_000); // five, and what the timer rounds
        while (disk.queues[0].poll() >= 0) {
            done++;
        }
        assertEquals(15, done);
        time.advance(1_000_000_000);
        while (disk.queues[0].poll() >= 0) {
            done++;
        }
        assertEquals(20, done);
        assertTrue(count("throttled") > 0);
    }

    @Test
    void bytesASecondAreLimited() {
        make(new BlockDeviceConfig(SIZE, false, CacheMode.WRITEBACK, "", 1, 512, 1, 0, 40_960));
        DiskDriver disk = start();
        for (int i = 0; i < 4; i++) {
            int _ = disk.commit(0, i, VIRTIO_BLK_T_IN, 0, DATA, 4096, true);
        }
        boolean _ = disk.queues[0].kick();
        assertTrue(disk.queues[0].poll() >= 0);
        assertEquals(-1, disk.queues[0].poll());
        time.advance(101_000_000);
        assertTrue(disk.queues[0].poll() >= 0);
        assertEquals(-1, disk.queues[0].poll());
        assertTrue(disk.driver.reset(), "a reset does not wait for the limit");
    }

    // ---- size ----

    @Test
    void aDiskMayGrowWhileItRuns() {
        DiskDriver disk = start();
        int generation = disk.driver.read32(VirtioMmioRegisters.VIRTIO_MMIO_CONFIG_GENERATION);
        device.resize(SIZE / 2);
        assertEquals(2, disk.driver.takeInterrupt() & 2, "a configuration change");
        assertNotEquals(generation, disk.driver.read32(VirtioMmioRegisters.VIRTIO_MMIO_CONFIG_GENERATION));
        assertEquals(SECTORS / 2, disk.driver.readConfig(CAPACITY_OFFSET, 8));
        assertEquals(VIRTIO_BLK_S_IOERR, disk.read(SECTORS / 2, DATA, 512));
        device.resize(SIZE);
        assertEquals(VIRTIO_BLK_S_OK, disk.read(SECTORS / 2, DATA, 512));
    }

    @Test
    void closingGivesTimersBack() {
        DiskDriver _ = start();
        device.reset(() -> {});
        device.close();
        assertTrue(file.closed);
    }
}
