package io.javisor.devices.virtio.block;

import static io.javisor.devices.virtio.block.BlockProtocol.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.event.EventLoop;
import io.javisor.core.event.WorkerPool;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.io.AsyncFiles;
import io.javisor.core.io.StitchedFile;
import io.javisor.core.irq.InterruptLine;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.backend.TokenLevels;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.mmio.VirtioMmioTransport;
import io.javisor.testkit.driver.DriverQueue;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A read-only disk over many files: what a driver, good or bad, gets of it. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class StitchedDiskTest {
    private static final int BLOCK_SIZE = 4096;
    private static final int PARTS = 140;
    private static final long DATA = 1 << 20;

    /** Of five descriptors each, on a queue of 64. */
    private static final int SIDE_BY_SIDE = 12;

    @TempDir
    private Path directory = Path.of("");

    private final Random random = new Random(7);

    /** 140 files of one to four blocks, as one disk. */
    private final class Bench implements AutoCloseable {
        final GuestMemory memory =
                new GuestMemory(List.of(new GuestMemory.Region(0, Arena.ofAuto().allocate(8 << 20, 4096))));
        final EventLoop loop = EventLoop.start("stitched-test/io-loop");
        final WorkerPool pool = new WorkerPool("stitched-test/worker", 4, 64);
        final List<Fd> files = new ArrayList<>();
        final byte[] content;
        final BlockCounters counters = new BlockCounters();
        final BlockDevice device;
        final VirtioMmioTransport transport;
        final DiskDriver disk;

        Bench(AsyncFiles.Engine engine) throws IOException {
            List<StitchedFile.Part> parts = new ArrayList<>();
            byte[] whole = new byte[4 * BLOCK_SIZE * PARTS];
            int end = 0;
            for (int i = 0; i < PARTS; i++) {
                byte[] bytes = new byte[BLOCK_SIZE * (1 + random.nextInt(4))];
                random.nextBytes(bytes);
                Path path = Files.write(directory.resolve("part" + i), bytes);
                files.add(Fd.own("part" + i, Libc.open(path.toString(), HostConstants.O_RDONLY, 0)));
                parts.add(new StitchedFile.Part(files.getLast(), bytes.length));
                System.arraycopy(bytes, 0, whole, end, bytes.length);
                end += bytes.length;
            }
            content = Arrays.copyOf(whole, end);
            StitchedFile file = new StitchedFile(parts);
            device = new BlockDevice(
                    "image0",
                    new BlockDeviceConfig(end, true, CacheMode.WRITEBACK, "image", 1, 512, 1, 0, 0),
                    new AsyncFiles(loop, pool, engine).stitched(file),
                    file.first(),
                    System::nanoTime,
                    loop,
                    new TokenLevels(),
                    counters);
            transport = new VirtioMmioTransport(device, memory, loop, InterruptLine.UNCONNECTED, new VirtioCounters(1));
            disk = new DiskDriver(transport, memory, 0x1000, DiskDriver.ALL_FEATURES, 1, 64);
        }

        int sectors() {
            return content.length / SECTOR_SIZE;
        }

        /** The status of a request, once it has completed. */
        int ask(int type, long sector, int size, boolean writable) {
            DriverQueue queue = disk.queues[0];
            int head = disk.commit(0, 0, type, sector, DATA, size, writable);
            boolean _ = queue.kick();
            await(queue, head);
            return disk.status(0, 0);
        }

        void await(DriverQueue queue, int head) {
            while (queue.poll() != head) {
                Thread.onSpinWait();
            }
        }

        byte[] data(long gpa, int size) {
            byte[] bytes = new byte[size];
            memory.copyOut(gpa, bytes, 0, size);
            return bytes;
        }

        long counter(String name) {
            return Objects.requireNonNull(device.counters().get(name), name);
        }

        @Override
        public void close() {
            assertTrue(transport.function().reset(TimeUnit.SECONDS.toNanos(20)), "the reset ends");
            CompletableFuture<Void> closed = new CompletableFuture<>();
            loop.execute(() -> {
                device.close();
                closed.complete(null);
            });
            closed.join();
            loop.close();
            pool.close();
            files.forEach(Fd::close);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = AsyncFiles.Engine.class,
            names = {"IO_URING", "POOL"})
    void manyRequestsSideBySideReadWhatTheFilesHold(AsyncFiles.Engine engine) throws IOException {
        try (Bench bench = new Bench(engine)) {
            DriverQueue queue = bench.disk.queues[0];
            int most = 256;
            for (int round = 0; round < 80; round++) {
                int[] sectors = new int[SIDE_BY_SIDE];
                int[] counts = new int[SIDE_BY_SIDE];
                for (int i = 0; i < SIDE_BY_SIDE; i++) {
                    counts[i] = 1 + random.nextInt(most);
                    sectors[i] = random.nextInt(bench.sectors() - counts[i] + 1);
                    int head = commitInPieces(bench, i, sectors[i], counts[i], DATA + i * (long) most * SECTOR_SIZE);
                    assertTrue(head >= 0);
                }
                boolean _ = queue.kick();
                for (int done = 0; done < SIDE_BY_SIDE; ) {
                    done += queue.poll() >= 0 ? 1 : 0;
                }
                for (int i = 0; i < SIDE_BY_SIDE; i++) {
                    assertEquals(VIRTIO_BLK_S_OK, bench.disk.status(0, i));
                    int from = sectors[i] * SECTOR_SIZE;
                    int size = counts[i] * SECTOR_SIZE;
                    assertArrayEquals(
                            Arrays.copyOfRange(bench.content, from, from + size),
                            bench.data(DATA + i * (long) most * SECTOR_SIZE, size));
                }
            }
            assertTrue(bench.counter("continuations") > 100, "requests crossed the files' ends");
            assertEquals(0, bench.counter("host_errors"));
        }
    }

    /** In three pieces, of no particular size. */
    private int commitInPieces(Bench bench, int request, int sector, int count, long gpa) {
        bench.disk.header(0, request, VIRTIO_BLK_T_IN, sector);
        DriverQueue ring = bench.disk.queues[0];
        ring.begin();
        ring.readable(bench.disk.headerGpa(0, request), HEADER_SIZE);
        int size = count * SECTOR_SIZE;
        int first = 1 + random.nextInt(size / 3);
        int second = 1 + random.nextInt(size / 3);
        ring.writable(gpa, first);
        ring.writable(gpa + first, second);
        ring.writable(gpa + first + second, size - first - second);
        ring.writable(bench.disk.headerGpa(0, request) + HEADER_SIZE, 1);
        return ring.commit();
    }

    @ParameterizedTest
    @EnumSource(
            value = AsyncFiles.Engine.class,
            names = {"IO_URING", "POOL"})
    void whatIsNoReadInsideItIsRefused(AsyncFiles.Engine engine) throws IOException {
        try (Bench bench = new Bench(engine)) {
            int end = bench.sectors();
            assertEquals(VIRTIO_BLK_S_OK, bench.ask(VIRTIO_BLK_T_FLUSH, 0, 0, false));
            assertEquals(VIRTIO_BLK_S_OK, bench.ask(VIRTIO_BLK_T_IN, end - 1L, 512, true));
            assertEquals(VIRTIO_BLK_S_IOERR, bench.ask(VIRTIO_BLK_T_IN, end - 1L, 1024, true));
            assertEquals(VIRTIO_BLK_S_IOERR, bench.ask(VIRTIO_BLK_T_IN, end, 512, true));
            assertEquals(VIRTIO_BLK_S_IOERR, bench.ask(VIRTIO_BLK_T_IN, -1, 512, true));
            assertEquals(VIRTIO_BLK_S_IOERR, bench.ask(VIRTIO_BLK_T_IN, Long.MAX_VALUE >>> 8, 512, true));
            assertEquals(VIRTIO_BLK_S_IOERR, bench.ask(VIRTIO_BLK_T_IN, 0, 100, true));
            assertEquals(VIRTIO_BLK_S_IOERR, bench.ask(VIRTIO_BLK_T_OUT, 0, 512, false));
            for (int type : new int[] {VIRTIO_BLK_T_DISCARD, VIRTIO_BLK_T_WRITE_ZEROES}) {
                bench.memory.putLong(DATA, 0);
                bench.memory.putInt(DATA + RANGE_NUM_SECTORS_OFFSET, 8);
                bench.memory.putInt(DATA + RANGE_FLAGS_OFFSET, 0);
                assertTrue(bench.ask(type, 0, RANGE_SIZE, false) != VIRTIO_BLK_S_OK);
            }
            assertEquals(VIRTIO_BLK_S_OK, bench.ask(VIRTIO_BLK_T_IN, 0, 4 * BLOCK_SIZE, true));
            assertArrayEquals(Arrays.copyOf(bench.content, 4 * BLOCK_SIZE), bench.data(DATA, 4 * BLOCK_SIZE));
            assertEquals(0, bench.counter("host_errors"));
            assertEquals(0, bench.loop.failureCount());
        }
        for (int i = 0; i < PARTS; i++) {
            assertTrue(Files.size(directory.resolve("part" + i)) > 0);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = AsyncFiles.Engine.class,
            names = {"IO_URING", "POOL"})
    void whatAFileLacksByNowIsAnErrorOfTheDisk(AsyncFiles.Engine engine) throws IOException {
        try (Bench bench = new Bench(engine)) {
            int third = (int) (Files.size(directory.resolve("part0")) + Files.size(directory.resolve("part1")));
            try (RandomAccessFile cut =
                    new RandomAccessFile(directory.resolve("part1").toFile(), "rw")) {
                cut.setLength(0);
            }
            assertEquals(VIRTIO_BLK_S_IOERR, bench.ask(VIRTIO_BLK_T_IN, third / SECTOR_SIZE - 1L, 512, true));
            assertEquals(VIRTIO_BLK_S_IOERR, bench.ask(VIRTIO_BLK_T_IN, 0, third + BLOCK_SIZE, true));
            assertEquals(VIRTIO_BLK_S_OK, bench.ask(VIRTIO_BLK_T_IN, third / SECTOR_SIZE, BLOCK_SIZE, true));
            assertArrayEquals(
                    Arrays.copyOfRange(bench.content, third, third + BLOCK_SIZE), bench.data(DATA, BLOCK_SIZE));
            assertEquals(2, bench.counter("host_errors"));
        }
    }
}
