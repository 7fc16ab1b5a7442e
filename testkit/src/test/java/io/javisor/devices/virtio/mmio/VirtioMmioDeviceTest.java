package io.javisor.devices.virtio.mmio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.event.EventLoop;
import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.memory.MemoryBackingConfig;
import io.javisor.devices.virtio.EchoDevice;
import io.javisor.devices.virtio.PulseLine;
import io.javisor.devices.virtio.QueueDoorbell;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.testkit.driver.DriverQueue;
import io.javisor.testkit.driver.VirtioDriver;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A virtio device as a machine has it: whole, on an event loop of its own. */
@Timeout(60)
class VirtioMmioDeviceTest {
    private final EventLoop loop = EventLoop.start("test/io-loop");
    private final GuestMemory memory =
            GuestMemory.allocate(List.of(new GpaRange(0, 1 << 20)), MemoryBackingConfig.DEFAULT);
    private final EchoDevice echo = new EchoDevice(2, 16);
    private final VirtioMmioDevice<EchoDevice.State> device = whole(echo);

    private VirtioMmioDevice<EchoDevice.State> whole(EchoDevice behind) {
        return new VirtioMmioDevice<>(
                behind, new VirtioMmioTransport(behind, memory, loop, new PulseLine(), new VirtioCounters(2)), loop);
    }

    @AfterEach
    void close() {
        loop.close();
        memory.close();
    }

    private DriverQueue start() throws Exception {
        VirtioDriver driver = new VirtioDriver(device.transport(), memory, 0x1000);
        long _ = driver.initialize(VirtioDriver.RING_FEATURES);
        DriverQueue queue = driver.setUpQueue(0, 16, 0);
        driver.driverOk();
        return queue;
    }

    @Test
    void statisticsAreOfRegistersDeviceAndQueues() throws Exception {
        DriverQueue _ = start();
        boolean _ = device.onLoop("nothing", () -> true); // what came before it is done
        Map<String, Long> counters = device.statistics().counters();
        assertEquals("echo0", device.statistics().id());
        assertEquals("echo", device.statistics().kind());
        assertEquals(1, counters.get("activations"));
        assertEquals(echo.calls.size(), counters.get("calls"));
        assertEquals(2, device.statistics().queues().size());
    }

    /** What an engine hands to the loop is what the registers would have taken. */
    @Test
    void aDoorbellsWriteRingsForItsQueue() throws Exception {
        DriverQueue _ = start();
        assertEquals(List.of(new QueueDoorbell(0, 0x50, 4, 0), new QueueDoorbell(1, 0x50, 4, 1)), device.doorbells());
        boolean _ = device.onLoop("nothing", () -> true); // what came before it is done
        echo.calls.clear();
        QueueDoorbell bell = device.doorbells().getFirst();
        device.transport().write(bell.offset(), bell.sizeBytes(), bell.value());
        boolean _ = device.onLoop("nothing", () -> true);
        assertEquals(List.of("notified " + bell.queue()), echo.calls);
    }

    @Test
    void aSavedDeviceGoesOnInAnother() throws Exception {
        DriverQueue _ = start();
        VirtioMmioDevice.State<EchoDevice.State> state = device.save();
        EchoDevice behind = new EchoDevice(2, 16);
        VirtioMmioDevice<EchoDevice.State> other = whole(behind);
        other.restore(state);
        assertEquals(state, other.save());
        assertEquals(List.of("activate"), behind.calls);
    }

    @Test
    void aResetIsWaitedFor() throws Exception {
        DriverQueue _ = start();
        device.reset();
        assertEquals("reset", echo.calls.getLast());
        assertEquals(0, device.transport().function().status());
        device.close();
        assertEquals("close", echo.calls.getLast());
    }

    @Test
    void whatFailsOnTheLoopFailsForTheCaller() {
        IllegalStateException e = assertThrows(
                IllegalStateException.class,
                () -> device.onLoop("test", () -> {
                    throw new IllegalArgumentException("why");
                }));
        assertTrue(e.getCause() instanceof IllegalArgumentException, e::toString);
    }
}
