package io.javisor.devices.virtio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Fd;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.backend.TokenLevels;
import io.javisor.devices.virtio.block.BlockCounters;
import io.javisor.devices.virtio.block.BlockDevice;
import io.javisor.devices.virtio.block.BlockDeviceConfig;
import io.javisor.devices.virtio.block.FakeFile;
import io.javisor.devices.virtio.mmio.VirtioMmioTransport;
import io.javisor.devices.virtio.net.NetBench;
import io.javisor.devices.virtio.net.NetCounters;
import io.javisor.devices.virtio.net.NetDevice;
import io.javisor.devices.virtio.net.NetDeviceConfig;
import io.javisor.devices.virtio.net.PolledEvents;
import io.javisor.devices.virtio.net.RecordingTapControl;
import io.javisor.devices.virtio.net.backend.TapBackend;
import io.javisor.devices.virtio.queue.SplitRingLayout;
import io.javisor.devices.virtio.rng.EntropySource;
import io.javisor.devices.virtio.rng.RngCounters;
import io.javisor.devices.virtio.rng.RngDevice;
import io.javisor.testkit.FakeTime;
import io.javisor.testkit.driver.DriverQueue;
import io.javisor.testkit.driver.VirtioDriver;
import io.javisor.testkit.host.SocketPair;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A driver that makes chains available again the moment that they are used, as one on a processor of its own may: the queue is never empty. Its
 * device takes a turn's worth and leaves the loop to others, and goes on in the next turn.
 */
class RefillingDriverTest {
    private static final int SIZE = 64;

    /** Then it gives up, for a device that does not. */
    private static final int MAX_REFILLS = 100_000;

    private static final int TURNS = 10;
    private static final long MERGEABLE = VirtioFeature.mask(15);
    private static final long MULTI_QUEUE = VirtioFeature.mask(22);

    private final Arena arena = Arena.ofShared();
    private final GuestMemory memory =
            new GuestMemory(List.of(new GuestMemory.Region(0, arena.allocate(4 << 20, 4096))));
    private final QueuedExecutor loop = new QueuedExecutor();
    private final FakeTime time = new FakeTime(0);
    private final SocketPair cable = SocketPair.datagram();
    private final List<AutoCloseable> opened = new ArrayList<>(List.of(cable, arena));
    private int refills;

    private VirtioDevice<?> device(String kind) {
        return switch (kind) {
            case "echo" -> new EchoDevice(1, SIZE);
            case "rng" ->
                new RngDevice("rng0", 0, EntropySource.GETRANDOM, time, time, new TokenLevels(), new RngCounters());
            case "disk" ->
                new BlockDevice(
                        "disk0",
                        BlockDeviceConfig.of(1 << 20),
                        (fd, depth, completion) -> new FakeFile(1 << 20, depth, completion),
                        Fd.own("a test", 1 << 30),
                        time,
                        time,
                        new TokenLevels(),
                        new BlockCounters());
            default -> {
                PolledEvents events = new PolledEvents();
                TapBackend tap = new TapBackend("tap", List.of(cable.left()), events, new RecordingTapControl());
                opened.addFirst(tap);
                yield new NetDevice("net0", new NetDeviceConfig(NetBench.MAC, 1500), tap, events, new NetCounters(1));
            }
        };
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    private void refill(DriverQueue queue, long writtenGpa) {
        if (writtenGpa == queue.config().deviceGpa() + SplitRingLayout.USED_IDX_OFFSET && refills < MAX_REFILLS) {
            refills++;
            queue.rawAvailableIndex(queue.usedIndex() + SIZE);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "echo, 0, 8, false, 128",
        "rng, 0, 8, false, 16", // no room for a byte
        "rng, 0, 8, true, 16",
        "disk, 0, 8, true, 128", // no header
        "net, 0, 8, true, 128", // no room for a frame
        "net, 0, 8, false, 128", // no room at all
        "net, 1, 4, false, 128", // no frame
        "net, 2, 1, true, 16" // no command
    })
    void aQueueThatIsNeverEmptyHasItsTurnAndNoMore(String kind, int index, int length, boolean writable, int chains) {
        VirtioDevice<?> device = device(kind);
        VirtioCounters counters = new VirtioCounters(device.queueCount());
        VirtioMmioTransport transport = new VirtioMmioTransport(device, memory, loop, new PulseLine(), counters, 0);
        VirtioDriver driver = new VirtioDriver(transport, memory, 0x1000);
        long _ = driver.initialize(driver.offeredFeatures() & ~(MERGEABLE | MULTI_QUEUE));
        DriverQueue queue = driver.setUpQueue(index, SIZE);
        long buffer = driver.allocate(64, 64);
        for (int i = 0; i < SIZE; i++) {
            queue.rawDescriptor(i, buffer, length, writable ? 2 : 0, 0);
            queue.rawAvailable(i);
        }
        memory.observeWrites((gpa, _) -> refill(queue, gpa));
        driver.driverOk();
        for (int i = 1; i <= TURNS; i++) {
            loop.turn();
            assertEquals((long) i * chains, counters.queue(index).completions());
            queue.ring(); // wins nothing
        }
        memory.observeWrites(null);
        loop.run();
        int available =
                Short.toUnsignedInt(memory.getShort(queue.config().driverGpa() + SplitRingLayout.AVAIL_IDX_OFFSET));
        assertEquals(available, queue.usedIndex(), "what is there is served");
        assertTrue(refills < MAX_REFILLS);
    }
}
