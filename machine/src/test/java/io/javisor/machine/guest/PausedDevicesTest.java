package io.javisor.machine.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.event.EventLoop;
import io.javisor.core.event.WorkerPool;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.io.AsyncFiles;
import io.javisor.core.irq.InterruptLine;
import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.backend.LoopHostEvents;
import io.javisor.devices.backend.TokenLevels;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.VirtioDevice;
import io.javisor.devices.virtio.block.BlockCounters;
import io.javisor.devices.virtio.block.BlockDevice;
import io.javisor.devices.virtio.block.BlockDeviceConfig;
import io.javisor.devices.virtio.mmio.VirtioMmioDevice;
import io.javisor.devices.virtio.mmio.VirtioMmioTransport;
import io.javisor.devices.virtio.net.MacAddress;
import io.javisor.devices.virtio.net.NetCounters;
import io.javisor.devices.virtio.net.NetDevice;
import io.javisor.devices.virtio.net.NetDeviceConfig;
import io.javisor.devices.virtio.net.backend.TapBackend;
import io.javisor.testkit.Await;
import io.javisor.testkit.driver.DriverQueue;
import io.javisor.testkit.driver.VirtioDriver;
import io.javisor.testkit.guest.TinyGuest;
import io.javisor.testkit.host.SocketPair;
import io.javisor.testkit.junit.MachineTest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A guest that counts, a disk and a network card on its memory, with an event loop and files and sockets of the host: in a pause nothing writes there,
 * and afterwards every request is completed and every frame is delivered. The test plays the drivers.
 */
@Timeout(60)
class PausedDevicesTest {
    private static final String COUNT = """
        1000: ff 04 25 00 a0 00 00   ; inc DWORD PTR ds:0xa000
        1007: eb f7                  ; jmp 0x1000
        """;

    private static final int MEMORY_SIZE = 2 << 20;
    private static final int DISK_SIZE = 1 << 20;
    private static final int REQUESTS = 16; // a round
    private static final int REQUEST_SIZE = 16 << 10;
    private static final int QUEUE_SIZE = 64;
    private static final int BUFFER_SIZE = 1526;
    private static final int FRAME_SIZE = 12 + 60;
    private static final MacAddress MAC = MacAddress.parse("52:54:00:12:34:56");
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final EventLoop loop = EventLoop.start("paused-test/io-loop");
    private final WorkerPool pool = new WorkerPool("paused-test", 2, 64);
    private final SocketPair cable = SocketPair.datagram();
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment frame = arena.allocate(FRAME_SIZE);
    private int sent;

    @TempDir
    private Path directory = Path.of("");

    @AfterEach
    void close() {
        loop.close();
        pool.close();
        cable.close();
        arena.close();
    }

    private <S> VirtioMmioDevice<S> whole(VirtioDevice<S> device, GuestMemory memory) {
        VirtioMmioTransport transport = new VirtioMmioTransport(
                device, memory, loop, InterruptLine.UNCONNECTED, new VirtioCounters(device.queueCount()));
        return new VirtioMmioDevice<>(device, transport, loop);
    }

    @MachineTest
    void nothingIsWrittenAndNothingIsLost(EngineProvider engine) throws Exception {
        Path image = Files.write(directory.resolve("disk.img"), new byte[DISK_SIZE]);
        LoopHostEvents events = new LoopHostEvents(loop, pool);
        TapBackend tap = new TapBackend("tap", List.of(cable.left()), events);
        try (Fd file = Fd.own("disk", Libc.open(image.toString(), HostConstants.O_RDWR, 0));
                TinyGuest guest = TinyGuest.longMode(engine)
                        .memory(new GpaRange(0, MEMORY_SIZE))
                        .code(COUNT)
                        .build()) {
            GuestMemory memory = guest.memory();
            VirtioMmioDevice<?> disk = whole(
                    new BlockDevice(
                            "disk0",
                            BlockDeviceConfig.of(DISK_SIZE),
                            new AsyncFiles(loop, pool, AsyncFiles.Engine.AUTO),
                            file,
                            System::nanoTime,
                            loop,
                            new TokenLevels(),
                            new BlockCounters()),
                    memory);
            VirtioMmioDevice<?> card =
                    whole(new NetDevice("net0", new NetDeviceConfig(MAC, 1500), tap, loop, new NetCounters(1)), memory);
            DriverQueue requests = start(new VirtioDriver(disk.transport(), memory, 0x2_0000));
            DriverQueue frames = start(new VirtioDriver(card.transport(), memory, 0x4_0000));
            for (int i = 0; i < QUEUE_SIZE; i++) {
                post(frames, i);
            }
            boolean _ = frames.kick();
            assertTrue(loop.awaitTurn(PATIENCE_NANOS)); // what came before the driver would be thrown away
            guest.run();
            int completed = 0;
            int received = 0;
            for (int round = 1; round <= 5; round++) {
                submit(memory, requests, 0, REQUESTS / 2);
                boolean _ = requests.kick(); // they are in flight when the pause comes
                send();
                guest.pause();
                disk.pause();
                card.pause();
                submit(memory, requests, REQUESTS / 2, REQUESTS);
                boolean _ = requests.kick(); // rings the doorbell
                long sum = sum(memory);
                int counted = memory.getInt(0xA000);
                long end = System.nanoTime() + PAUSE_NANOS;
                for (int i = 0; i < 8 || System.nanoTime() < end; i++) {
                    if (i < 8) {
                        send();
                    }
                    assertEquals(sum, sum(memory));
                }
                card.resume();
                disk.resume();
                guest.run();
                int wanted = round * REQUESTS;
                while (completed < wanted) {
                    completed += await(requests);
                }
                while (received < sent) {
                    received += await(frames);
                    post(frames, (received - 1) % QUEUE_SIZE);
                    boolean _ = frames.kick();
                }
                Await.until(() -> memory.getInt(0xA000) != counted);
            }
            assertEquals(-1, requests.poll());
            assertEquals(-1, frames.poll());
            guest.pause();
            disk.reset();
            card.reset();
            disk.close();
            card.close();
            tap.close();
        }
    }

    private static DriverQueue start(VirtioDriver driver) {
        long _ = driver.initialize(VirtioDriver.RING_FEATURES);
        DriverQueue queue = driver.setUpQueue(0, QUEUE_SIZE, 0);
        driver.driverOk();
        return queue;
    }

    private static void post(DriverQueue frames, int buffer) {
        frames.begin();
        frames.writable(0x6_0000 + (long) buffer * 2048, BUFFER_SIZE);
        assertTrue(frames.commit() >= 0);
    }

    /** Reads of the disk, each into memory of its own. */
    private static void submit(GuestMemory memory, DriverQueue requests, int from, int to) {
        for (int i = from; i < to; i++) {
            long header = 0x1_0000 + 32L * i;
            memory.fill(header, 32, (byte) 0);
            memory.fill(0x10_0000 + (long) i * REQUEST_SIZE, REQUEST_SIZE, (byte) 0x5A);
            requests.begin();
            requests.readable(header, 16);
            requests.writable(0x10_0000 + (long) i * REQUEST_SIZE, REQUEST_SIZE);
            requests.writable(header + 16, 1);
            assertTrue(requests.commit() >= 0);
        }
    }

    private void send() {
        for (int i = 0; i < 6; i++) {
            frame.set(ValueLayout.JAVA_BYTE, 12 + i, (byte) (MAC.value() >>> (8 * (5 - i))));
        }
        assertEquals(FRAME_SIZE, Libc.write(cable.right().value(), frame.address(), FRAME_SIZE));
        sent++;
    }

    private static int await(DriverQueue queue) {
        Await.until(() -> queue.poll() >= 0);
        return 1;
    }

    private static long sum(GuestMemory memory) {
        byte[] all = new byte[MEMORY_SIZE];
        memory.copyOut(0, all, 0, all.length);
        CRC32C sum = new CRC32C();
        sum.update(all);
        return sum.getValue();
    }
}
