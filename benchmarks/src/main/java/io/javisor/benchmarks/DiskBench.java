package io.javisor.benchmarks;

import io.javisor.core.event.EventFd;
import io.javisor.core.event.EventLoop;
import io.javisor.core.event.Registration;
import io.javisor.core.event.WorkerPool;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.io.AsyncFiles;
import io.javisor.core.irq.InterruptLine;
import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.memory.MemoryBackingConfig;
import io.javisor.devices.backend.TokenLevels;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.block.BlockCounters;
import io.javisor.devices.virtio.block.BlockDevice;
import io.javisor.devices.virtio.block.BlockDeviceConfig;
import io.javisor.devices.virtio.block.CacheMode;
import io.javisor.devices.virtio.mmio.VirtioMmioTransport;
import io.javisor.testkit.driver.DriverQueue;
import io.javisor.testkit.driver.VirtioDriver;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A disk as a machine wires it, and a driver in place of a guest: doorbells come by an eventfd on the event loop, interrupts go by writes to one. The driver
 * runs on the loop's thread too, for fio has one thread: what is measured is the work, not how fast this host wakes another thread.
 */
final class DiskBench implements AutoCloseable {
    private static final int HEADER_SIZE = 16;
    private static final int SLOT_SIZE = 32;
    private static final long DATA_GPA = 1 << 20;
    private static final int SECTOR_SIZE = 512;
    private static final int IN = 0;
    private static final int OUT = 1;
    private static final long RESET_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final GuestMemory memory =
            GuestMemory.allocate(List.of(new GpaRange(0, 8 << 20)), MemoryBackingConfig.DEFAULT);
    private final EventLoop loop = EventLoop.start("disk/io-loop");
    private final WorkerPool workers = new WorkerPool("disk/worker", 2, 64);
    private final EventFd doorbell = EventFd.create("doorbell");
    private final EventFd interrupt = EventFd.create("interrupt");
    private final Fd file;
    private final BlockDevice device;
    private final VirtioMmioTransport transport;
    private final Registration registration;
    private final VirtioDriver driver;
    private final DriverQueue queue;
    private final long headersGpa;
    private final int[] requestOfHead = new int[4 * DiskRequests.DEPTH];
    private final SplittableRandom random = new SplittableRandom(1);
    private long nextOffset;

    // The loop's, as the driver is.
    private DiskRequests.Load load = DiskRequests.Load.READ;
    private CompletableFuture<Double> finished = new CompletableFuture<>();
    private long beginNanos;
    private long endNanos;
    private long done;

    DiskBench(Path path, boolean direct) {
        int flags = HostConstants.O_RDWR | (direct ? HostConstants.O_DIRECT : 0);
        file = Fd.own("disk", Libc.open(path.toString(), flags, 0));
        BlockDeviceConfig config = new BlockDeviceConfig(
                DiskRequests.FILE_SIZE,
                false,
                direct ? CacheMode.NONE : CacheMode.WRITEBACK,
                "",
                1,
                SECTOR_SIZE,
                direct ? SECTOR_SIZE : 1,
                0,
                0);
        device = new BlockDevice(
                "disk0",
                config,
                new AsyncFiles(loop, workers, AsyncFiles.Engine.IO_URING),
                file,
                System::nanoTime,
                loop,
                new TokenLevels(),
                new BlockCounters());
        transport = new VirtioMmioTransport(device, memory, loop, new Line(), new VirtioCounters(1));
        registration = loop.register(doorbell.fd(), HostConstants.EPOLLIN, _ -> {
            long _ = doorbell.drain();
            transport.function().queueNotified(0);
        });
        driver = new VirtioDriver(transport, memory, 0x1000);
        driver.doorbellsBy(_ -> doorbell.signal());
        long _ = driver.initialize(~0L);
        queue = driver.setUpQueue(0, requestOfHead.length, 4);
        headersGpa = driver.allocate((long) SLOT_SIZE * DiskRequests.DEPTH, SLOT_SIZE);
        driver.driverOk();
    }

    /** An interrupt is an eventfd as KVM has it; the driver's handler runs when the loop is through with its events. */
    private final class Line implements InterruptLine {
        private boolean pending;

        @Override
        public void raise() {
            interrupt.signal();
            if (!pending) {
                pending = true;
                loop.execute(this::handle);
            }
        }

        @Override
        public void lower() {}

        private void handle() {
            pending = false;
            int _ = driver.takeInterrupt();
            work();
        }
    }

    /** Keeps {@link DiskRequests#DEPTH} requests in flight for so long; nanoseconds for one. */
    double nanosOfOne(DiskRequests.Load newLoad, int millis) {
        CompletableFuture<Double> result = new CompletableFuture<>();
        loop.execute(() -> {
            load = newLoad;
            finished = result;
            done = 0;
            beginNanos = System.nanoTime();
            endNanos = beginNanos + TimeUnit.MILLISECONDS.toNanos(millis);
            for (int request = 0; request < DiskRequests.DEPTH; request++) {
                commit(load, request);
            }
            boolean _ = queue.kick();
        });
        return result.join();
    }

    /** What a driver's interrupt handler does: takes back what is done, and asks for as much again until the time is over. */
    private void work() {
        boolean more = System.nanoTime() < endNanos;
        do {
            for (int head = queue.poll(); head >= 0; head = queue.poll()) {
                int request = requestOfHead[head];
                if (memory.getByte(headersGpa + (long) SLOT_SIZE * request + HEADER_SIZE) != 0) {
                    finished.completeExceptionally(new IllegalStateException("the disk refused a request"));
                }
                done++;
                if (more) {
                    commit(load, request);
                }
            }
        } while (queue.enableInterrupts());
        boolean _ = queue.kick();
        if (queue.inFlight() == 0) {
            finished.complete((double) (System.nanoTime() - beginNanos) / done);
        }
    }

    private void commit(DiskRequests.Load kind, int request) {
        long header = headersGpa + (long) SLOT_SIZE * request;
        memory.putInt(header, kind.write ? OUT : IN);
        memory.putLong(header + 8, offset(kind) / SECTOR_SIZE);
        memory.putByte(header + HEADER_SIZE, (byte) 0xFF);
        long data = DATA_GPA + (long) kind.sizeBytes * request;
        queue.begin();
        queue.readable(header, HEADER_SIZE);
        if (kind.write) {
            queue.readable(data, kind.sizeBytes);
        } else {
            queue.writable(data, kind.sizeBytes);
        }
        queue.writable(header + HEADER_SIZE, 1);
        requestOfHead[queue.commit()] = request;
    }

    private long offset(DiskRequests.Load kind) {
        if (kind.fioName.startsWith("rand")) {
            return random.nextLong(DiskRequests.FILE_SIZE / kind.sizeBytes) * kind.sizeBytes;
        }
        long offset = nextOffset % DiskRequests.FILE_SIZE;
        nextOffset = offset + kind.sizeBytes;
        return offset;
    }

    @Override
    public void close() {
        boolean _ = transport.function().reset(RESET_NANOS);
        CompletableFuture<Void> closed = new CompletableFuture<>();
        loop.execute(() -> {
            device.close();
            registration.close();
            closed.complete(null);
        });
        closed.join();
        loop.close();
        workers.close();
        file.close();
        doorbell.close();
        interrupt.close();
        memory.close();
    }
}
