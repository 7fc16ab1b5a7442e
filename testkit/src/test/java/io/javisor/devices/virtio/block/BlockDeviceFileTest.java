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
import io.javisor.core.irq.InterruptLine;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.backend.TokenLevels;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.mmio.VirtioMmioTransport;
import io.javisor.testkit.driver.DriverQueue;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A disk over a real file, with a loop of its own and both engines: thousands of requests against a model. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class BlockDeviceFileTest {
    private static final int SECTORS = 4096;
    private static final int SIZE = SECTORS * SECTOR_SIZE;
    private static final int QUEUES = 2;
    private static final int IN_FLIGHT = 16;

    /** Each request has this much of memory for its data. */
    private static final int BUFFER_SIZE = 16 << 10;

    @TempDir
    private Path directory = Path.of("");

    /** Everything that a disk needs, and its end in the right order. */
    private final class Bench implements AutoCloseable {
        final GuestMemory memory =
                new GuestMemory(List.of(new GuestMemory.Region(0, Arena.ofAuto().allocate(4 << 20, 4096))));
        final EventLoop loop = EventLoop.start("disk-test/io-loop");
        final WorkerPool pool = new WorkerPool("disk-test/worker", 4, 64);
        final Path path = directory.resolve("disk.img");
        final Fd file;
        final BlockDevice device;
        final VirtioMmioTransport transport;
        final DiskDriver disk;
        final long buffersGpa = 1 << 20;

        Bench(AsyncFiles.Engine engine, CacheMode cache) throws Exception {
            byte[] empty = new byte[SIZE];
            Files.write(path, empty);
            file = Fd.own("disk.img", Libc.open(path.toString(), HostConstants.O_RDWR, 0));
            device = new BlockDevice(
                    "disk0",
                    new BlockDeviceConfig(SIZE, false, cache, "", QUEUES, 512, 1, 0, 0),
                    new AsyncFiles(loop, pool, engine),
                    file,
                    System::nanoTime,
                    loop,
                    new TokenLevels(),
                    new BlockCounters());
            transport = new VirtioMmioTransport(
                    device, memory, loop, InterruptLine.UNCONNECTED, new VirtioCounters(QUEUES));
            disk = new DiskDriver(transport, memory, 0x1000, DiskDriver.ALL_FEATURES, QUEUES, 64);
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
            file.close();
        }

        long bufferGpa(int queue, int request) {
            return buffersGpa + (long) BUFFER_SIZE * (queue * IN_FLIGHT + request);
        }

        /** Polls a queue until a request is through; its number. */
        int await(int queue) {
            while (true) {
                int head = disk.queues[queue].poll();
                if (head >= 0) {
                    return disk.requestOf(queue, head);
                }
                Thread.onSpinWait();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = AsyncFiles.Engine.class,
            names = {"IO_URING", "POOL"})
    void thousandsOfRequestsMatchAModel(AsyncFiles.Engine engine) throws Exception {
        byte[] model = new byte[SIZE];
        Random random = new Random(11);
        try (Bench bench = new Bench(engine, CacheMode.WRITEBACK)) {
            for (int round = 0; round < 400; round++) {
                round(bench, random, model);
            }
            assertEquals(VIRTIO_BLK_S_OK, bench.disk.status(0, 0));
        }
        assertArrayEquals(model, Files.readAllBytes(directory.resolve("disk.img")));
    }

    /** Requests side by side in ranges that do not meet, so that their order does not matter. */
    private static void round(Bench bench, Random random, byte[] model) {
        int share = SECTORS / (QUEUES * IN_FLIGHT);
        for (int queue = 0; queue < QUEUES; queue++) {
            for (int request = 0; request < IN_FLIGHT; request++) {
                int first = share * (queue * IN_FLIGHT + request);
                int sector = first + random.nextInt(share - 32);
                int count = 1 + random.nextInt(32);
                start(bench, random, model, queue, request, sector, count);
            }
            boolean _ = bench.disk.queues[queue].kick();
        }
        for (int queue = 0; queue < QUEUES; queue++) {
            for (int i = 0; i < IN_FLIGHT; i++) {
                int request = bench.await(queue);
                assertEquals(VIRTIO_BLK_S_OK, bench.disk.status(queue, request));
            }
        }
        for (int queue = 0; queue < QUEUES; queue++) {
            for (int request = 0; request < IN_FLIGHT; request++) {
                checkRead(bench, model, queue, request);
            }
        }
    }

    private static void start(Bench bench, Random random, byte[] model, int queue, int request, int sector, int count) {
        long gpa = bench.bufferGpa(queue, request);
        int size = count * SECTOR_SIZE;
        int from = sector * SECTOR_SIZE;
        switch (random.nextInt(4)) {
            case 0 -> {
                byte[] bytes = new byte[size];
                random.nextBytes(bytes);
                bench.memory.copyIn(bytes, 0, gpa, size);
                System.arraycopy(bytes, 0, model, from, size);
                int _ = bench.disk.commit(queue, request, VIRTIO_BLK_T_OUT, sector, gpa, size, false);
            }
            case 1 -> {
                bench.memory.putLong(gpa, sector);
                bench.memory.putInt(gpa + 8, count);
                bench.memory.putInt(gpa + 12, random.nextInt(2));
                Arrays.fill(model, from, from + size, (byte) 0);
                int _ = bench.disk.commit(queue, request, VIRTIO_BLK_T_WRITE_ZEROES, 0, gpa, 16, false);
            }
            case 2 -> {
                int _ = bench.disk.commit(queue, request, VIRTIO_BLK_T_FLUSH, 0, 0, 0, false);
            }
            default -> {
                int _ = bench.disk.commit(queue, request, VIRTIO_BLK_T_IN, sector, gpa, size, true);
            }
        }
    }

    private static void checkRead(Bench bench, byte[] model, int queue, int request) {
        long header = bench.disk.headerGpa(queue, request);
        if (bench.memory.getInt(header) != VIRTIO_BLK_T_IN) {
            return;
        }
        int from = (int) bench.memory.getLong(header + HEADER_SECTOR_OFFSET) * SECTOR_SIZE;
        byte[] bytes = new byte[SECTOR_SIZE];
        bench.memory.copyOut(bench.bufferGpa(queue, request), bytes, 0, bytes.length);
        assertArrayEquals(Arrays.copyOfRange(model, from, from + SECTOR_SIZE), bytes);
    }

    /** The device is reset with requests in flight, and none of them touches the memory that the next life uses. */
    @ParameterizedTest
    @CsvSource({"IO_URING", "POOL"})
    void resetsInMidRequest(AsyncFiles.Engine engine) throws Exception {
        try (Bench bench = new Bench(engine, CacheMode.WRITETHROUGH)) {
            DiskDriver disk = bench.disk;
            for (int i = 0; i < 200; i++) {
                for (int request = 0; request < IN_FLIGHT; request++) {
                    int type = request % 2 == 0 ? VIRTIO_BLK_T_IN : VIRTIO_BLK_T_OUT;
                    int _ = disk.commit(
                            0, request, type, request * 32L, bench.bufferGpa(0, request), 8192, request % 2 == 0);
                }
                boolean _ = disk.queues[0].kick();
                if (!disk.driver.reset()) {
                    while (disk.driver.status() != 0) {
                        Thread.onSpinWait();
                    }
                }
                bench.memory.fill(bench.buffersGpa, (long) IN_FLIGHT * BUFFER_SIZE, (byte) 0x77);
                for (int request = 0; request < IN_FLIGHT; request++) {
                    assertEquals(0x77, bench.memory.getByte(bench.bufferGpa(0, request)));
                }
                disk = new DiskDriver(bench.transport, bench.memory, 0x1000, DiskDriver.ALL_FEATURES, QUEUES, 64);
            }
            DriverQueue queue = disk.queues[0];
            int head = disk.commit(0, 0, VIRTIO_BLK_T_FLUSH, 0, 0, 0, false);
            boolean _ = queue.kick();
            while (queue.poll() != head) {
                Thread.onSpinWait();
            }
            assertEquals(VIRTIO_BLK_S_OK, disk.status(0, 0));
        }
    }
}
