package io.javisor.core.event;

import static io.javisor.devices.virtio.net.NetProtocol.HEADER_SIZE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.io.AsyncFileBackend;
import io.javisor.core.io.AsyncFiles;
import io.javisor.core.irq.InterruptLine;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.backend.LoopHostEvents;
import io.javisor.devices.backend.TokenLevels;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.VirtioDevice;
import io.javisor.devices.virtio.block.BlockCounters;
import io.javisor.devices.virtio.block.BlockDevice;
import io.javisor.devices.virtio.block.BlockDeviceConfig;
import io.javisor.devices.virtio.mmio.VirtioMmioTransport;
import io.javisor.devices.virtio.net.NetBench;
import io.javisor.devices.virtio.net.NetCounters;
import io.javisor.devices.virtio.net.NetDevice;
import io.javisor.devices.virtio.net.NetDeviceConfig;
import io.javisor.devices.virtio.net.RecordingTapControl;
import io.javisor.devices.virtio.net.backend.TapBackend;
import io.javisor.testkit.driver.DriverQueue;
import io.javisor.testkit.driver.VirtioDriver;
import io.javisor.testkit.host.SocketPair;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A disk and a network card on one event loop, as a machine has them. A flush takes as long as the test wants, and no frame waits for it. */
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class SlowDiskTest {
    private static final int FRAME_SIZE = 200;
    private static final int ROUND_TRIPS = 200;
    private static final long FLUSH_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final int FLUSH = 4;

    private final Arena arena = Arena.ofShared();
    private final GuestMemory memory =
            new GuestMemory(List.of(new GuestMemory.Region(0, arena.allocate(4 << 20, 4096))));
    private final MemorySegment io = arena.allocate(4096);
    private final EventLoop loop = EventLoop.start("slow-disk-test/io-loop");
    private final WorkerPool workers = new WorkerPool("slow-disk-test/worker", 2, 16);
    private final LoopHostEvents events = new LoopHostEvents(loop, workers);
    private final SocketPair cable = SocketPair.datagram();
    private final TapBackend tap = new TapBackend("tap", List.of(cable.left()), events, new RecordingTapControl());
    private final NetDevice card =
            new NetDevice("net0", new NetDeviceConfig(NetBench.MAC, 1500), tap, events, new NetCounters(1));
    private final CountDownLatch stable = new CountDownLatch(1);
    private final Fd file = Fd.own("/dev/null", Libc.open("/dev/null", HostConstants.O_RDWR, 0));
    private final BlockDevice disk = new BlockDevice(
            "disk0",
            BlockDeviceConfig.of(1 << 20),
            this::open,
            file,
            System::nanoTime,
            loop,
            new TokenLevels(),
            new BlockCounters());
    private final VirtioMmioTransport cardTransport = transport(card);
    private final VirtioMmioTransport diskTransport = transport(disk);

    private VirtioMmioTransport transport(VirtioDevice<?> device) {
        return new VirtioMmioTransport(
                device, memory, loop, InterruptLine.UNCONNECTED, new VirtioCounters(device.queueCount()));
    }

    private AsyncFileBackend open(Fd fd, int depth, AsyncFileBackend.Completion completion) {
        return new SlowFile(
                new AsyncFiles(loop, workers, AsyncFiles.Engine.POOL).open(fd, depth, completion), completion);
    }

    /** A file whose fdatasync takes until {@link #stable}, on a worker as the real one. */
    private final class SlowFile implements AsyncFileBackend {
        private final AsyncFileBackend file;
        private final Completion completion;

        SlowFile(AsyncFileBackend file, Completion completion) {
            this.file = file;
            this.completion = completion;
        }

        @Override
        public boolean fdatasync(long token) {
            return workers.submit(
                    new BlockingWork() {
                        @Override
                        public void run() throws Exception {
                            stable.await();
                        }

                        @Override
                        public void completed(@Nullable Throwable failure) {
                            completion.completed(token, 0);
                        }
                    },
                    loop);
        }

        @Override
        public int depth() {
            return file.depth();
        }

        @Override
        public boolean readv(long offset, long iovecHva, int iovecCount, long sizeBytes, long token) {
            return file.readv(offset, iovecHva, iovecCount, sizeBytes, token);
        }

        @Override
        public boolean writev(long offset, long iovecHva, int iovecCount, long sizeBytes, boolean dsync, long token) {
            return file.writev(offset, iovecHva, iovecCount, sizeBytes, dsync, token);
        }

        @Override
        public boolean discard(long offset, long length, long token) {
            return file.discard(offset, length, token);
        }

        @Override
        public boolean zero(long offset, long length, long token) {
            return file.zero(offset, length, token);
        }

        @Override
        public void submit() {
            file.submit();
        }

        @Override
        public void close() {
            file.close();
        }

        @Override
        public String engine() {
            return file.engine();
        }
    }

    @AfterEach
    void close() {
        stable.countDown();
        assertTrue(cardTransport.function().reset(FLUSH_NANOS));
        assertTrue(diskTransport.function().reset(FLUSH_NANOS));
        onLoop(() -> {
            card.close();
            tap.close();
            disk.close();
        });
        loop.close();
        workers.close();
        file.close();
        cable.close();
        arena.close();
    }

    private void onLoop(Runnable task) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> {
            task.run();
            done.complete(null);
        });
        done.join();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            Thread.sleep(0, 50_000); // interrupted by the test's limit
        }
    }

    @Test
    void noFrameWaitsForAFlush() throws InterruptedException {
        VirtioDriver diskDriver = new VirtioDriver(diskTransport, memory, 0x1000);
        long _ = diskDriver.initialize(~0L);
        DriverQueue requests = diskDriver.setUpQueue(0, 16);
        diskDriver.driverOk();
        VirtioDriver cardDriver = new VirtioDriver(cardTransport, memory, 0x10_0000);
        long _ = cardDriver.initialize(~0L);
        DriverQueue rx = cardDriver.setUpQueue(0, 16);
        DriverQueue tx = cardDriver.setUpQueue(1, 16);
        long buffer = cardDriver.allocate(4096, 8);
        cardDriver.driverOk();
        onLoop(() -> {}); // a frame of before the card was active would be dropped

        long header = diskDriver.allocate(32, 32);
        memory.putInt(header, FLUSH);
        memory.putByte(header + 16, (byte) 0xFF);
        requests.begin();
        requests.readable(header, 16);
        requests.writable(header + 16, 1);
        int flush = requests.commit();
        boolean _ = requests.kick();

        long end = System.nanoTime() + FLUSH_NANOS;
        for (int i = 0; i < ROUND_TRIPS || System.nanoTime() < end; i++) {
            roundTrip(rx, tx, buffer, i);
        }
        assertEquals(-1, requests.poll(), "the flush was not through while frames passed");
        stable.countDown();
        await(() -> requests.poll() == flush);
        assertEquals(0, memory.getByte(header + 16));
    }

    /** A frame to the guest, which sends it back. */
    private void roundTrip(DriverQueue rx, DriverQueue tx, long buffer, int number) throws InterruptedException {
        rx.begin();
        rx.writable(buffer, 4096);
        int posted = rx.commit();
        boolean _ = rx.kick();
        byte[] frame = NetBench.frame(number, FRAME_SIZE);
        MemorySegment.copy(frame, 0, io, ValueLayout.JAVA_BYTE, 0, frame.length);
        assertEquals(frame.length, Libc.write(cable.right().value(), io.address(), frame.length));
        await(() -> rx.poll() == posted);

        memory.fill(buffer, HEADER_SIZE, (byte) 0);
        tx.begin();
        tx.readable(buffer, frame.length);
        int sent = tx.commit();
        boolean _ = tx.kick();
        await(() -> tx.poll() == sent);
        long size = Libc.read(cable.right().value(), io.address(), io.byteSize());
        assertTrue(size != -Errno.EAGAIN, "what is through is on the cable");
        byte[] back = io.asSlice(0, size).toArray(ValueLayout.JAVA_BYTE);
        assertArrayEquals(NetBench.body(frame), NetBench.body(back));
    }
}
