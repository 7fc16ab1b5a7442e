package io.javisor.devices.virtio.block;

import static io.javisor.devices.virtio.block.BlockProtocol.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.io.AsyncFileBackend;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.backend.TokenLevels;
import io.javisor.devices.virtio.PulseLine;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.mmio.VirtioMmioTransport;
import io.javisor.testkit.FakeTime;
import io.javisor.testkit.FuzzBytes;
import io.javisor.testkit.driver.DriverQueue;
import java.lang.foreign.Arena;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Requests of any shape, on a host that does any part of them, late or never well. Whatever comes: the host is asked for nothing outside the disk, a
 * read-only disk for no change; every request comes back once, with a status that there is; no byte is written that was not offered; timers are returned.
 */
class BlockRequestFuzzTest {
    private static final int SECTORS = 64;
    private static final int SIZE = SECTORS * SECTOR_SIZE;
    private static final int MEMORY_SIZE = 1 << 18;
    private static final int DATA = 0x2_0000;
    private static final int DATA_SIZE = 0x8000;
    private static final int REQUESTS = 16;
    private static final int QUEUE_SIZE = 64;
    private static final int TYPES = 16;
    private static final List<CacheMode> CACHES = List.of(CacheMode.values());

    private static final int REQUEST = 0;
    private static final int COMPLETE = 1;
    private static final int HOST_ANSWER = 2;
    private static final int TIME = 3;
    private static final int RESET = 4;
    private static final int RESIZE = 5;

    static Stream<byte[]> seeds() {
        return Stream.of(
                FuzzBytes.of(0, REQUEST, 0, 0, 0, 16, 1, 0, 2, 1, REQUEST, 1, 0, 0, 16, 1, 0, 2, 0, COMPLETE, COMPLETE),
                FuzzBytes.of(1, REQUEST, 1, 0, 0, 16, 1, 0, 2, 0, HOST_ANSWER, 0, COMPLETE, RESET),
                FuzzBytes.of(6, REQUEST, 11, 0, 0, 16, 1, 0, 16, 0, TIME, 200, COMPLETE, RESIZE, 32, COMPLETE),
                FuzzBytes.of(2, REQUEST, 8, 0, 0, 16, 1, 0, 20, 1, HOST_ANSWER, 2, COMPLETE));
    }

    /** One disk, its driver and what it may touch. */
    private static final class Bench {
        final GuestMemory memory;
        final FakeTime time = new FakeTime(0);
        final BlockDevice device;
        final VirtioMmioTransport transport;
        final boolean readOnly;
        final BitSet offered = new BitSet(DATA_SIZE);
        final byte[] before = new byte[DATA_SIZE];
        final int[] statusGpa = new int[QUEUE_SIZE];
        FakeFile file = new FakeFile(0, 1, (token, result) -> {});
        DiskDriver disk;
        int capacity = SIZE;

        Bench(Arena arena, int choice) {
            memory = new GuestMemory(List.of(new GuestMemory.Region(0, arena.allocate(MEMORY_SIZE, 4096))));
            readOnly = (choice & 1) != 0;
            CacheMode cache = CACHES.get(choice >> 1 & 3);
            long rate = (choice & 8) == 0 ? 0 : 100_000;
            BlockDeviceConfig config = new BlockDeviceConfig(
                    SIZE, readOnly, cache, "s", 1, 512, cache == CacheMode.NONE ? 512 : 1, rate, rate);
            device = new BlockDevice(
                    "disk0",
                    config,
                    this::open,
                    Fd.own("a test", 1 << 30),
                    time,
                    time,
                    new TokenLevels(),
                    new BlockCounters());
            transport =
                    new VirtioMmioTransport(device, memory, Runnable::run, new PulseLine(), new VirtioCounters(1), 0);
            disk = newDriver();
        }

        private DiskDriver newDriver() {
            memory.fill(0, DATA, (byte) 0);
            return new DiskDriver(transport, memory, 0x1000, DiskDriver.ALL_FEATURES, 1, QUEUE_SIZE);
        }

        private FakeFile open(Fd fd, int depth, AsyncFileBackend.Completion completion) {
            file = new FakeFile(SIZE + SECTOR_SIZE, depth, completion);
            file.automatic = false;
            return file;
        }

        void request(FuzzBytes bytes) {
            DriverQueue queue = disk.queues[0];
            int request = bytes.u8() >> 4;
            disk.header(0, request % REQUESTS, type(bytes.u8() % TYPES), sector(bytes));
            long header = disk.headerGpa(0, request % REQUESTS);
            queue.begin();
            for (int i = 0; i < headerPieces(bytes.u8()); i++) {
                queue.readable(header + i * 8L, 8);
            }
            int pieces = bytes.u8() % 4;
            boolean writable = (bytes.u8() & 1) != 0;
            for (int i = 0; i < pieces; i++) {
                int at = bytes.u8() % 64 * 512;
                int length = Math.min(1 + bytes.u8() * 16, DATA_SIZE - at);
                if (writable) {
                    queue.writable(DATA + at, length);
                    offered.set(at, at + length);
                } else {
                    queue.readable(DATA + at, length);
                }
            }
            if ((bytes.u8() & 7) != 7) {
                queue.writable(header + HEADER_SIZE, 1);
            }
            int head = queue.commit();
            if (head >= 0) {
                statusGpa[head] = (int) header + HEADER_SIZE;
            }
            boolean _ = queue.kick();
        }

        private static int headerPieces(int choice) {
            return choice == 0 ? 0 : choice == 1 ? 1 : 2;
        }

        private static int type(int choice) {
            return switch (choice) {
                case 14 -> -1;
                case 15 -> 0x8000_0000;
                default -> choice;
            };
        }

        private static long sector(FuzzBytes bytes) {
            int choice = bytes.u8();
            return switch (choice) {
                case 255 -> -1;
                case 254 -> Long.MAX_VALUE / SECTOR_SIZE;
                case 253 -> 1L << 55;
                default -> choice;
            };
        }

        void answer(int choice) {
            file.results.add(
                    switch (choice % 5) {
                        case 0 -> (long) -Errno.EIO;
                        case 1 -> (long) -Errno.ENOSPC;
                        case 2 -> 0L;
                        case 3 -> (long) -Errno.EAGAIN;
                        default -> 512L;
                    });
            file.most = choice < 128 ? Long.MAX_VALUE : 512;
        }

        void poll() {
            DriverQueue queue = disk.queues[0];
            for (int head = queue.poll(); head >= 0; head = queue.poll()) {
                int status = memory.getByte(statusGpa[head]) & 0xFF;
                assertTrue(status <= VIRTIO_BLK_S_UNSUPP || status == DiskDriver.UNTOUCHED, () -> "status " + status);
            }
        }

        void drain() {
            for (int i = 0; i < 10_000 && (disk.queues[0].inFlight() > 0 || !file.queued.isEmpty()); i++) {
                if (file.queued.isEmpty()) {
                    time.advance(100_000_000);
                } else {
                    file.completeNext();
                }
                poll();
            }
        }

        void check() {
            for (FakeFile.Request asked : file.all) {
                assertTrue(asked.offset() >= 0 && asked.offset() + asked.length() <= capacity, asked::toString);
                assertEquals(0, (asked.offset() | asked.length()) % SECTOR_SIZE, asked::toString);
                assertTrue(
                        !readOnly || asked.kind().equals("read") || asked.kind().equals("flush"), asked::toString);
            }
            file.all.clear();
            byte[] now = new byte[DATA_SIZE];
            memory.copyOut(DATA, now, 0, DATA_SIZE);
            byte[] expected = before.clone();
            for (int i = offered.nextSetBit(0); i >= 0; i = offered.nextSetBit(i + 1)) {
                expected[i] = now[i];
            }
            assertArrayEquals(expected, now, "bytes that were not offered");
        }
    }

    @MethodSource("seeds")
    @FuzzTest
    void anyRequests(byte[] input) {
        FuzzBytes bytes = new FuzzBytes(input);
        try (Arena arena = Arena.ofConfined()) {
            Bench bench = new Bench(arena, bytes.u8());
            for (int step = 0; bytes.more() && step < 300; step++) {
                switch (bytes.u8() % 6) {
                    case REQUEST -> bench.request(bytes);
                    case COMPLETE -> {
                        if (!bench.file.queued.isEmpty()) {
                            bench.file.completeNext();
                        }
                    }
                    case HOST_ANSWER -> bench.answer(bytes.u8());
                    case TIME -> bench.time.advance(bytes.u8() * 1_000_000L);
                    case RESET -> {
                        boolean _ = bench.disk.driver.reset();
                        while (!bench.file.queued.isEmpty()) {
                            bench.file.completeNext();
                        }
                        assertEquals(0, bench.disk.driver.status());
                        bench.disk = bench.newDriver();
                    }
                    default -> {
                        bench.device.resize(SIZE + (long) bytes.u8() % 2 * SECTOR_SIZE);
                        bench.capacity = SIZE + SECTOR_SIZE;
                    }
                }
                bench.poll();
                bench.check();
            }
            bench.drain();
            bench.check();
            assertEquals(0, bench.disk.queues[0].inFlight(), "every request comes back");
            boolean _ = bench.disk.driver.reset();
            bench.device.close();
            assertEquals(0, bench.time.open(), "timers");
        }
    }
}
