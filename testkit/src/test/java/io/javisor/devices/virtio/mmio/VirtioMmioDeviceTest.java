package io.javisor.devices.virtio.mmio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.event.EventLoop;
import io.javisor.core.host.HostException;
import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.memory.MemoryBackingConfig;
import io.javisor.devices.virtio.EchoDevice;
import io.javisor.devices.virtio.PulseLine;
import io.javisor.devices.virtio.QueueDoorbell;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.testkit.Await;
import io.javisor.testkit.driver.DriverQueue;
import io.javisor.testkit.driver.VirtioDriver;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A virtio device as a machine has it: whole, on an event loop of its own. */
@Timeout(60)
class VirtioMmioDeviceTest {
    private static final long TURN_NANOS = TimeUnit.SECONDS.toNanos(10);

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
        return start(new VirtioDriver(device.transport(), memory, 0x1000));
    }

    private static DriverQueue start(VirtioDriver driver) throws Exception {
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
        assertEquals(List.of("resume", "activate", "resume"), behind.calls); // of looks at its kind, and state
    }

    @Test
    void aPausedDeviceTakesNothingAndLosesNothing() throws Exception {
        DriverQueue queue = start();
        device.pause();
        device.pause(); // does nothing
        request(queue);
        byte[] before = memory();
        assertTrue(loop.awaitTurn(TURN_NANOS));
        assertArrayEquals(before, memory());
        assertEquals(-1, queue.poll());
        device.resume();
        device.resume(); // does nothing
        Await.until(() -> queue.poll() >= 0);
        request(queue);
        Await.until(() -> queue.poll() >= 0);
    }

    /** As an ioeventfd's handler does, which may come whenever it likes. */
    @Test
    void aDoorbellOfTheLoopsIsHeardAfterThePause() throws Exception {
        VirtioDriver driver = new VirtioDriver(device.transport(), memory, 0x1000);
        driver.doorbellsBy(
                index -> loop.execute(() -> device.transport().function().queueNotified(index)));
        DriverQueue queue = start(driver);
        device.pause();
        request(queue);
        assertTrue(loop.awaitTurn(TURN_NANOS));
        assertEquals(-1, queue.poll());
        device.resume();
        Await.until(() -> queue.poll() >= 0);
    }

    @Test
    void whatIsInFlightIsWaitedFor() throws Exception {
        DriverQueue queue = start();
        echo.holding = true;
        request(queue);
        Await.until(() -> echo.inFlight() == 1);
        CompletableFuture<Void> pause = CompletableFuture.runAsync(() -> {
            try {
                device.pause();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        Await.until(() -> echo.calls.contains("pause"));
        request(queue);
        assertTrue(loop.awaitTurn(TURN_NANOS));
        assertFalse(pause.isDone());
        loop.execute(() -> echo.release(1));
        assertEquals(null, pause.get());
        assertTrue(queue.poll() >= 0);
        assertEquals(-1, queue.poll());
        echo.holding = false;
        device.resume();
        Await.until(() -> queue.poll() >= 0);
    }

    @Test
    void aPauseThatTakesTooLongIsTakenBack() throws Exception {
        VirtioMmioDevice<EchoDevice.State> impatient =
                new VirtioMmioDevice<>(echo, device.transport(), loop, TimeUnit.MILLISECONDS.toNanos(20));
        DriverQueue queue = start();
        echo.holding = true;
        request(queue);
        Await.until(() -> echo.inFlight() == 1);
        HostException e = assertThrows(HostException.class, impatient::pause);
        assertTrue(String.valueOf(e.getMessage()).startsWith("pause of echo0"), e::toString);
        impatient.resume();
        request(queue);
        Await.until(() -> echo.inFlight() == 2);
        loop.execute(() -> echo.release(2));
        Await.until(() -> queue.poll() >= 0);
        Await.until(() -> queue.poll() >= 0);
        impatient.pause();
        impatient.resume();
    }

    @Test
    void aPausedDeviceGoesOnInAnother() throws Exception {
        DriverQueue queue = start();
        device.pause();
        request(queue);
        VirtioMmioDevice.State<EchoDevice.State> state = device.save();
        assertEquals(state, device.save());
        EchoDevice behind = new EchoDevice(2, 16);
        VirtioMmioDevice<EchoDevice.State> other = whole(behind);
        other.pause();
        other.restore(state);
        assertEquals(state, other.save());
        assertEquals(List.of("pause", "activate"), behind.calls);
        assertEquals(-1, queue.poll());
        other.resume();
        Await.until(() -> queue.poll() >= 0);
        assertTrue(behind.calls.contains("notified 0"));
    }

    @Test
    void aPausedDeviceIsResetAndClosed() throws Exception {
        DriverQueue _ = start();
        device.pause();
        device.reset();
        assertEquals(0, device.transport().function().status());
        device.close();
        assertEquals("close", echo.calls.getLast());
    }

    private static void request(DriverQueue queue) {
        queue.begin();
        queue.readable(0x8_0000, 4);
        queue.writable(0x8_1000, 4);
        assertTrue(queue.commit() >= 0);
        boolean _ = queue.kick();
    }

    private byte[] memory() {
        byte[] all = new byte[1 << 20];
        memory.copyOut(0, all, 0, all.length);
        return all;
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
                    throw new UnsupportedOperationException("why");
                }));
        assertTrue(e.getCause() instanceof UnsupportedOperationException, e::toString);
    }

    @Test
    void whatIsRefusedOnTheLoopIsRefusedToTheCaller() {
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class,
                () -> device.onLoop("test", () -> {
                    throw new IllegalArgumentException("why");
                }));
        assertEquals("why", e.getMessage());
    }
}
