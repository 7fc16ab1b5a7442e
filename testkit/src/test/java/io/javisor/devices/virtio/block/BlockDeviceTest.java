package io.javisor.devices.virtio.block;

import static io.javisor.devices.virtio.block.BlockBench.DATA;
import static io.javisor.devices.virtio.block.BlockBench.SECTORS;
import static io.javisor.devices.virtio.block.BlockBench.SIZE;
import static io.javisor.devices.virtio.block.BlockProtocol.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Errno;
import io.javisor.devices.virtio.VirtioFeature;
import io.javisor.devices.virtio.VirtioStatus;
import io.javisor.devices.virtio.mmio.VirtioMmioRegisters;
import io.javisor.devices.virtio.queue.QueueFault;
import io.javisor.testkit.driver.DriverQueue;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A disk through its registers and rings, over a file in memory (virtio 1.2 §5.2). */
class BlockDeviceTest {
    private final BlockBench bench = new BlockBench();

    private static BlockDeviceConfig with(boolean readOnly, CacheMode cache) {
        return new BlockDeviceConfig(SIZE, readOnly, cache, "a-serial", 1, 512, 1, 0, 0);
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
        DiskDriver disk = bench.start();
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
        bench.make(with(true, CacheMode.WRITEBACK));
        DiskDriver disk = bench.start();
        long offered = disk.driver.offeredFeatures();
        assertTrue(VirtioFeature.has(offered, VIRTIO_BLK_F_RO));
        assertFalse(VirtioFeature.has(offered, VIRTIO_BLK_F_DISCARD));
        assertFalse(VirtioFeature.has(offered, VIRTIO_BLK_F_WRITE_ZEROES));
        assertFalse(VirtioFeature.has(offered, VIRTIO_BLK_F_CONFIG_WCE));
        assertEquals(VIRTIO_BLK_S_IOERR, disk.write(0, DATA, 512));
        assertEquals(VIRTIO_BLK_S_OK, disk.read(0, DATA, 512));
        assertEquals(VIRTIO_BLK_S_IOERR, disk.range(VIRTIO_BLK_T_DISCARD, DATA, 0, 8, 0));
        assertEquals(2, bench.count("read_only_writes"));
        assertTrue(bench.file.all.stream().noneMatch(request -> request.kind().equals("write")));
    }

    @Test
    void theSerialNumberIsItsId() {
        bench.make(with(false, CacheMode.WRITEBACK));
        DiskDriver disk = bench.start();
        assertEquals(VIRTIO_BLK_S_OK, disk.ask(VIRTIO_BLK_T_GET_ID, 0, DATA, 20, true));
        byte[] id = new byte[20];
        bench.memory.copyOut(DATA, id, 0, 20);
        assertEquals("a-serial", new String(id, StandardCharsets.US_ASCII).trim());
        assertEquals(VIRTIO_BLK_S_IOERR, disk.ask(VIRTIO_BLK_T_GET_ID, 0, DATA, 19, true));
    }

    // ---- data ----

    @Test
    void whatIsWrittenIsReadAgain() {
        DiskDriver disk = bench.start();
        byte[] bytes = random(1, 8192);
        bench.memory.copyIn(bytes, 0, DATA, bytes.length);
        assertEquals(VIRTIO_BLK_S_OK, disk.write(7, DATA, bytes.length));
        assertEquals(VIRTIO_BLK_S_OK, disk.read(7, DATA + 0x10000, bytes.length));
        assertEquals(bytes.length + 1, disk.queues[0].usedLength());
        byte[] back = new byte[bytes.length];
        bench.memory.copyOut(DATA + 0x10000, back, 0, back.length);
        assertArrayEquals(bytes, back);
        assertEquals(8192L, bench.count("written_bytes"));
        assertEquals(8192L, bench.count("read_bytes"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 100, 512, 1000})
    void headerDataAndStatusMayBeSpreadAnyhow(int piece) {
        DiskDriver disk = bench.start();
        byte[] bytes = random(2, 1024);
        bench.memory.copyIn(bytes, 0, DATA, bytes.length);
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
        assertEquals(VIRTIO_BLK_S_OK, bench.memory.getByte(gpa + 1024));
        byte[] back = new byte[1024];
        bench.memory.copyOut(gpa, back, 0, back.length);
        assertArrayEquals(bytes, back);
    }

    @Test
    void whatTheHostDoesInPartsIsContinued() {
        DiskDriver disk = bench.start();
        byte[] bytes = random(3, 4096);
        bench.memory.copyIn(bytes, 0, DATA, bytes.length);
        bench.file.most = 700;
        assertEquals(VIRTIO_BLK_S_OK, disk.write(0, DATA, bytes.length));
        assertEquals(VIRTIO_BLK_S_OK, disk.read(0, DATA + 0x10000, bytes.length));
        byte[] back = new byte[bytes.length];
        bench.memory.copyOut(DATA + 0x10000, back, 0, back.length);
        assertArrayEquals(bytes, back);
        assertTrue(bench.count("continuations") >= 10);
    }

    @Test
    void aRequestOfNoDataIsDone() {
        DiskDriver disk = bench.start();
        assertEquals(VIRTIO_BLK_S_OK, disk.read(0, DATA, 0));
        assertEquals(VIRTIO_BLK_S_OK, disk.write(SECTORS, DATA, 0));
    }

    @Test
    void misalignedMemoryIsCopiedForDirectIo() {
        bench.make(new BlockDeviceConfig(SIZE, false, CacheMode.NONE, "", 1, 512, 512, 0, 0));
        DiskDriver disk = bench.start();
        byte[] bytes = random(4, 4096);
        bench.memory.copyIn(bytes, 0, DATA + 3, bytes.length);
        assertEquals(VIRTIO_BLK_S_OK, disk.write(0, DATA + 3, bytes.length));
        assertEquals(VIRTIO_BLK_S_OK, disk.read(0, DATA + 0x10001, bytes.length));
        byte[] back = new byte[bytes.length];
        bench.memory.copyOut(DATA + 0x10001, back, 0, back.length);
        assertArrayEquals(bytes, back);
        assertEquals(2L, bench.count("bounced"));
        assertEquals(VIRTIO_BLK_S_OK, disk.write(0, DATA, bytes.length));
        assertEquals(2L, bench.count("bounced"), "aligned memory is not copied");
    }

    // ---- stability ----

    @Test
    void aFlushMakesStableWhatCompletedBefore() {
        DiskDriver disk = bench.start();
        bench.memory.fill(DATA, 512, (byte) 1);
        assertEquals(VIRTIO_BLK_S_OK, disk.write(0, DATA, 512));
        assertEquals(0, bench.file.stable[0]);
        assertEquals(VIRTIO_BLK_S_OK, disk.flush());
        assertEquals(1, bench.file.stable[0]);
    }

    @Test
    void aDriverThatCannotFlushGetsStableWrites() {
        DiskDriver disk = bench.start(except(VIRTIO_BLK_F_FLUSH, VIRTIO_BLK_F_CONFIG_WCE));
        bench.memory.fill(DATA, 512, (byte) 1);
        assertEquals(VIRTIO_BLK_S_OK, disk.write(0, DATA, 512));
        assertEquals(1, bench.file.stable[0]);
    }

    @Test
    void theDriverMaySwitchTheWriteCacheOffAndOn() {
        DiskDriver disk = bench.start();
        disk.driver.writeConfig(WRITEBACK_OFFSET, 1, 0);
        assertEquals(0, disk.driver.readConfig(WRITEBACK_OFFSET, 1));
        bench.memory.fill(DATA, 512, (byte) 1);
        assertEquals(VIRTIO_BLK_S_OK, disk.write(0, DATA, 512));
        assertEquals(1, bench.file.stable[0]);
        disk.driver.writeConfig(WRITEBACK_OFFSET, 1, 1);
        assertEquals(VIRTIO_BLK_S_OK, disk.write(1, DATA, 512));
        assertEquals(0, bench.file.stable[512]);
        disk.driver.writeConfig(WRITEBACK_OFFSET, 1, 0);
        assertTrue(disk.driver.reset());
        assertEquals(1, disk.driver.readConfig(WRITEBACK_OFFSET, 1), "a reset switches it on again");
    }

    @Test
    void withoutTheFeatureTheSwitchDoesNothing() {
        DiskDriver disk = bench.start(except(VIRTIO_BLK_F_CONFIG_WCE));
        disk.driver.writeConfig(WRITEBACK_OFFSET, 1, 0);
        assertEquals(1, disk.driver.readConfig(WRITEBACK_OFFSET, 1));
        disk.driver.writeConfig(CAPACITY_OFFSET, 8, 1);
        assertEquals(SECTORS, disk.driver.readConfig(CAPACITY_OFFSET, 8));
    }

    @ParameterizedTest
    @EnumSource(CacheMode.class)
    void eachCacheModeDoesWhatItSays(CacheMode cache) {
        bench.make(with(false, cache));
        DiskDriver disk = bench.start();
        bench.memory.fill(DATA, 512, (byte) 1);
        assertEquals(VIRTIO_BLK_S_OK, disk.write(0, DATA, 512));
        assertEquals(cache == CacheMode.WRITETHROUGH ? 1 : 0, bench.file.stable[0]);
        assertEquals(cache != CacheMode.WRITETHROUGH, disk.driver.readConfig(WRITEBACK_OFFSET, 1) == 1);
        assertEquals(VIRTIO_BLK_S_OK, disk.flush());
        assertEquals(cache == CacheMode.UNSAFE ? 0 : 1, bench.file.stable[0]);
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
        DiskDriver disk = bench.start();
        assertEquals(VIRTIO_BLK_S_IOERR, disk.read(Long.decode(sector), DATA, size));
        assertEquals(VIRTIO_BLK_S_IOERR, disk.write(Long.decode(sector), DATA, size));
        assertEquals(2L, bench.count("out_of_range"));
        assertTrue(bench.file.all.isEmpty());
    }

    @Test
    void largerBlocksAreHeld() {
        bench.make(new BlockDeviceConfig(SIZE, false, CacheMode.NONE, "", 1, 4096, 1, 0, 0));
        DiskDriver disk = bench.start();
        assertEquals(4096, disk.driver.readConfig(BLK_SIZE_OFFSET, 4));
        assertEquals(0, disk.driver.readConfig(PHYSICAL_BLOCK_EXP_OFFSET, 1));
        assertEquals(VIRTIO_BLK_S_OK, disk.read(8, DATA, 4096));
        assertEquals(VIRTIO_BLK_S_IOERR, disk.read(1, DATA, 4096));
        assertEquals(VIRTIO_BLK_S_IOERR, disk.read(8, DATA, 512));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5, 7, 9, 10, 12, 14, 16, 0x100, -1})
    void aTypeThatThereIsNoneOfIsNotSupported(int type) {
        DiskDriver disk = bench.start();
        assertEquals(VIRTIO_BLK_S_UNSUPP, disk.ask(type, 0, DATA, 512, true));
        assertEquals(1L, bench.count("unsupported"));
    }

    @ParameterizedTest
    @ValueSource(ints = {Errno.EIO, Errno.ENOSPC, Errno.EINVAL, 0})
    void whatTheHostRefusesIsAnErrorToTheGuestWhichLivesOn(int errno) {
        DiskDriver disk = bench.start();
        for (int i = 0; i < 5; i++) {
            bench.file.results.add((long) -errno);
        }
        assertEquals(VIRTIO_BLK_S_IOERR, disk.read(0, DATA, 512));
        assertEquals(VIRTIO_BLK_S_IOERR, disk.write(0, DATA, 512));
        if (errno != 0) {
            assertEquals(VIRTIO_BLK_S_IOERR, disk.flush());
            assertEquals(VIRTIO_BLK_S_IOERR, disk.range(VIRTIO_BLK_T_DISCARD, DATA, 0, 8, 0));
            assertEquals(VIRTIO_BLK_S_IOERR, disk.range(VIRTIO_BLK_T_WRITE_ZEROES, DATA, 0, 8, 0));
        }
        bench.file.results.clear();
        assertEquals(VIRTIO_BLK_S_OK, disk.read(0, DATA, 512));
        assertEquals(VIRTIO_BLK_S_OK, disk.write(0, DATA, 512));
    }

    @Test
    void aRequestWithoutAHeaderOrStatusComesBack() {
        DiskDriver disk = bench.start();
        DriverQueue ring = disk.queues[0];
        ring.begin();
        ring.readable(DATA, 15);
        ring.writable(DATA + 100, 1);
        bench.memory.putByte(DATA + 100, (byte) 0xAA);
        int head = ring.commit();
        boolean _ = ring.kick();
        assertEquals(head, ring.poll());
        assertEquals(VIRTIO_BLK_S_IOERR, bench.memory.getByte(DATA + 100));
        ring.begin();
        ring.readable(DATA, 100);
        head = ring.commit();
        boolean _ = ring.kick();
        assertEquals(head, ring.poll());
        assertEquals(0, ring.usedLength());
        assertEquals(2L, bench.count("malformed"));
    }

    @Test
    void aBrokenRingNeedsAReset() {
        DiskDriver disk = bench.start();
        disk.queues[0].rawAvailableIndex(1000);
        disk.queues[0].ring();
        assertNotEquals(0, disk.driver.status() & VirtioStatus.VIRTIO_CONFIG_S_NEEDS_RESET);
        assertEquals(1, bench.registers.queue(0).faults(QueueFault.INDEX_JUMP));
        assertTrue(disk.driver.reset());
        assertEquals(VIRTIO_BLK_S_OK, bench.start().read(0, DATA, 512));
    }

    // ---- size ----

    @Test
    void aDiskMayGrowWhileItRuns() {
        DiskDriver disk = bench.start();
        int generation = disk.driver.read32(VirtioMmioRegisters.VIRTIO_MMIO_CONFIG_GENERATION);
        bench.device.resize(SIZE / 2);
        assertEquals(2, disk.driver.takeInterrupt() & 2, "a configuration change");
        assertNotEquals(generation, disk.driver.read32(VirtioMmioRegisters.VIRTIO_MMIO_CONFIG_GENERATION));
        assertEquals(SECTORS / 2, disk.driver.readConfig(CAPACITY_OFFSET, 8));
        assertEquals(VIRTIO_BLK_S_IOERR, disk.read(SECTORS / 2, DATA, 512));
        bench.device.resize(SIZE);
        assertEquals(VIRTIO_BLK_S_OK, disk.read(SECTORS / 2, DATA, 512));
    }

    @Test
    void closingGivesTimersBack() {
        DiskDriver _ = bench.start();
        bench.device.reset(() -> {});
        bench.device.close();
        assertTrue(bench.file.closed);
    }
}
