package io.javisor.devices.virtio;

import static io.javisor.devices.virtio.VirtioStatus.VIRTIO_CONFIG_S_ACKNOWLEDGE;
import static io.javisor.devices.virtio.VirtioStatus.VIRTIO_CONFIG_S_DRIVER;
import static io.javisor.devices.virtio.mmio.VirtioMmioRegisters.VIRTIO_MMIO_QUEUE_NOTIFY;
import static io.javisor.devices.virtio.mmio.VirtioMmioRegisters.VIRTIO_MMIO_QUEUE_READY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.devices.virtio.queue.QueueConfig;
import io.javisor.testkit.driver.DriverQueue;
import io.javisor.testkit.driver.VirtioDriver;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Queues as a driver sets them up, rings, stops and resets them, properly and not. */
class VirtioQueuesTest {
    private static final long VERSION_1 = VirtioFeature.mask(VirtioFeature.VIRTIO_F_VERSION_1);
    private static final QueueConfig GOOD = new QueueConfig(16, 0x1000, 0x2000, 0x3000);

    private final QueuedExecutor loop = new QueuedExecutor();
    private final EchoBench bench = new EchoBench(loop);
    private final VirtioFunction function = bench.transport.function();
    private final VirtioQueues queues = function.queues();
    private final EchoDevice device = bench.device;
    private final VirtioDriver driver = bench.driver;

    private long faults(VirtioFault fault) {
        return bench.counters.faults(fault);
    }

    private boolean makeReady(QueueConfig config) {
        driver.writeQueue(0, config);
        driver.write32(VIRTIO_MMIO_QUEUE_READY, 1);
        return driver.read32(VIRTIO_MMIO_QUEUE_READY) == 1;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 128, 256})
    void aPowerOfTwoUpToTheMaximumIsASize(int size) {
        long _ = driver.initialize(VERSION_1);
        assertTrue(makeReady(new QueueConfig(size, 0x1000, 0x3000, 0x4000)));
        assertEquals(0, bench.counters.faults());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 5, 255, 257, 512, 32768, 65536, 0x10010, -1, Integer.MIN_VALUE})
    void anythingElseIsNot(int size) {
        long _ = driver.initialize(VERSION_1);
        assertFalse(makeReady(new QueueConfig(size, 0x1000, 0x3000, 0x4000)));
        assertEquals(1, faults(VirtioFault.BAD_QUEUE_SIZE));
        assertTrue(makeReady(GOOD), "it may try again");
    }

    @ParameterizedTest
    @CsvSource({"0x1008, 0x2000, 0x3000", "0x1001, 0x2000, 0x3000", "0x1000, 0x2001, 0x3000", "0x1000, 0x2000, 0x3002"})
    void partsAreAligned(long descriptorGpa, long driverGpa, long deviceGpa) {
        long _ = driver.initialize(VERSION_1);
        assertFalse(makeReady(new QueueConfig(16, descriptorGpa, driverGpa, deviceGpa)));
        assertEquals(1, faults(VirtioFault.MISALIGNED_QUEUE));
    }

    @ParameterizedTest
    @CsvSource({
        "0x1010, 0x2002, 0x3004",
        "0x0, 0x100, 0x200",
        "0xfff00, 0x2000, 0x3000",
        "0x1000, 0xfffda, 0x3000",
        "0x1000, 0x2000, 0xfff78"
    })
    void partsMayLieAnywhereInRam(long descriptorGpa, long driverGpa, long deviceGpa) {
        long _ = driver.initialize(VirtioDriver.RING_FEATURES);
        assertTrue(makeReady(new QueueConfig(16, descriptorGpa, driverGpa, deviceGpa)));
    }

    @ParameterizedTest
    @CsvSource({
        "0xfff10, 0x2000, 0x3000", // across the end
        "0x1000, 0xfffdc, 0x3000", // only used_event is past it
        "0x1000, 0x2000, 0xfff7c", // only avail_event
        "0x100000, 0x2000, 0x3000",
        "0x1000, 0xffffffff00000000, 0x3000",
        "0x1000, 0x2000, 0xfffffffffffffffc",
        "0xfffffffffffffff0, 0x2000, 0x3000",
        "0x7ffffffffffffff0, 0x2000, 0x3000",
    })
    void butNowhereElse(String descriptorGpa, String driverGpa, String deviceGpa) {
        long _ = driver.initialize(VirtioDriver.RING_FEATURES);
        assertFalse(makeReady(new QueueConfig(16, hex(descriptorGpa), hex(driverGpa), hex(deviceGpa))));
        assertEquals(1, faults(VirtioFault.QUEUE_NOT_RAM));
    }

    private static long hex(String text) {
        return Long.parseUnsignedLong(text.substring(2), 16);
    }

    @Test
    void aQueueIsNotReadyBeforeTheFeatures() {
        driver.addStatus(VIRTIO_CONFIG_S_ACKNOWLEDGE);
        driver.addStatus(VIRTIO_CONFIG_S_DRIVER);
        assertFalse(makeReady(GOOD));
        assertEquals(1, faults(VirtioFault.EARLY_QUEUE));
    }

    @Test
    void aQueueIsNotMadeAfterDriverOk() {
        long _ = driver.initialize(VERSION_1);
        driver.driverOk();
        assertFalse(makeReady(GOOD));
        assertEquals(1, faults(VirtioFault.LATE_QUEUE));
        loop.run();
        assertEquals(List.of("activate"), device.calls);
    }

    @Test
    void aReadyQueueDoesNotChange() {
        long _ = driver.initialize(VERSION_1);
        assertTrue(makeReady(GOOD));
        driver.writeQueue(0, new QueueConfig(8, 0x5000, 0x6000, 0x7000));
        driver.write32(VIRTIO_MMIO_QUEUE_READY, 1);
        assertEquals(8, faults(VirtioFault.LATE_QUEUE));
        assertEquals(16, queues.size());
        assertEquals(0x1000, queues.gpa(QueueArea.DESCRIPTOR));
        assertEquals(0x2000, queues.gpa(QueueArea.DRIVER));
        assertEquals(0x3000, queues.gpa(QueueArea.DEVICE));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 65536, -1, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void aQueueThatDoesNotExistHasNoSizeAndTakesNothing(int index) {
        long _ = driver.initialize(VERSION_1);
        driver.writeQueue(index, GOOD);
        driver.write32(VIRTIO_MMIO_QUEUE_READY, 1);
        driver.write32(VIRTIO_MMIO_QUEUE_READY, 0);
        boolean _ = driver.resetQueue(index);
        assertEquals(0, queues.maxSize());
        assertEquals(0, queues.size());
        assertEquals(0, queues.gpa(QueueArea.DEVICE));
        assertFalse(queues.isReady());
        assertEquals(10, faults(VirtioFault.NO_SUCH_QUEUE));
        driver.driverOk();
        loop.run();
        assertEquals(0, bench.counters.queue(0).faults(io.javisor.devices.virtio.queue.QueueFault.NOT_RAM));
    }

    @Test
    void aDoorbellReachesTheDeviceOnItsLoop() {
        DriverQueue queue = bench.start(VERSION_1);
        loop.run();
        int head = bench.send(queue, "hello", 0x8000);
        assertEquals(-1, queue.poll());
        loop.run();
        assertEquals(List.of("activate", "notified 0"), device.calls);
        assertEquals(head, queue.poll());
        assertEquals(5, queue.usedLength());
        assertEquals("hello", bench.text(0x8000, 5));
        assertEquals(1, bench.line.pulses());
        assertEquals(InterruptStatus.VIRTIO_MMIO_INT_VRING, driver.takeInterrupt());
        assertEquals(0, driver.takeInterrupt());
        assertEquals(1, bench.counters.doorbells(0));
        assertEquals(1, bench.counters.slowDoorbells());
    }

    @Test
    void whatWasAvailableBeforeDriverOkIsServedWithoutADoorbell() {
        long _ = driver.initialize(VERSION_1);
        DriverQueue queue = driver.setUpQueue(0, 16);
        int head = bench.send(queue, "early", 0x8000);
        assertEquals(1, faults(VirtioFault.EARLY_DOORBELL));
        driver.driverOk();
        loop.run();
        assertEquals(head, queue.poll());
    }

    @Test
    void aStormOfDoorbellsIsOneTask() {
        DriverQueue queue = bench.start(VERSION_1);
        loop.run();
        for (int i = 0; i < 100_000; i++) {
            queue.ring();
        }
        assertEquals(1, loop.waiting());
        loop.run();
        assertEquals(List.of("activate", "notified 0"), device.calls);
        queue.ring();
        loop.run();
        assertEquals(3, device.calls.size());
        assertEquals(100_001, bench.counters.slowDoorbells());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 65536, 0x10000, -1, Integer.MIN_VALUE})
    void aDoorbellOfAQueueThatIsNotReadyIsCounted(int index) {
        DriverQueue _ = bench.start(VERSION_1);
        loop.run();
        driver.write32(VIRTIO_MMIO_QUEUE_NOTIFY, index);
        loop.run();
        assertEquals(1, faults(VirtioFault.BAD_DOORBELL));
        assertEquals(List.of("activate"), device.calls);
    }

    @Test
    void anEventfdsDoorbellMayComeAtAnyTime() {
        function.queueNotified(1);
        long _ = driver.initialize(VERSION_1);
        function.queueNotified(0);
        DriverQueue _ = driver.setUpQueue(0, 16);
        function.queueNotified(0);
        driver.driverOk();
        function.queueNotified(0);
        loop.run();
        assertEquals(List.of("activate"), device.calls);
        function.queueNotified(1);
        function.queueNotified(0);
        assertEquals(List.of("activate", "notified 0"), device.calls);
        assertEquals(4, bench.counters.doorbells(0));
        assertEquals(2, bench.counters.doorbells(1));
    }

    @Test
    void aQueueIsResetAloneAndUsedAgain() {
        long _ = driver.initialize(VirtioDriver.RING_FEATURES);
        DriverQueue first = driver.setUpQueue(0, 16);
        DriverQueue second = driver.setUpQueue(1, 16);
        driver.driverOk();
        loop.run();
        device.holding = true;
        device.holdingResets = true;
        int _ = bench.send(first, "gone", 0x8000);
        int kept = bench.send(second, "kept", 0x9000);
        loop.run();
        assertFalse(driver.resetQueue(0));
        loop.run();
        assertFalse(driver.isQueueReset(0), "while something is in flight");
        assertTrue(queues.isReady());
        first.ring();
        loop.run();
        assertEquals(0, faults(VirtioFault.BAD_DOORBELL), "it may cross the reset");
        device.endReset();
        assertTrue(driver.isQueueReset(0));
        device.release(9);
        assertEquals(kept, second.poll(), "the other queue goes on");
        assertEquals(-1, first.poll());
        device.holding = false;
        DriverQueue again = driver.setUpQueue(0, 8);
        loop.run();
        int head = bench.send(again, "back", 0x8000);
        loop.run();
        assertEquals(head, again.poll());
        assertEquals(0, bench.counters.faults());
        assertEquals(1, bench.counters.queueResets());
        assertTrue(device.calls.containsAll(List.of("reset queue 0", "enabled 0")));
    }

    @Test
    void aQueueResetNeedsItsFeatureAndAQueueThatIsReady() {
        DriverQueue _ = bench.start(VERSION_1);
        loop.run();
        assertFalse(driver.resetQueue(0), "ready still");
        assertEquals(1, faults(VirtioFault.BAD_QUEUE_RESET));
        boolean _ = driver.resetQueue(1);
        assertEquals(2, faults(VirtioFault.BAD_QUEUE_RESET));
        driver.write32(io.javisor.devices.virtio.mmio.VirtioMmioRegisters.VIRTIO_MMIO_QUEUE_RESET, 0);
        assertEquals(2, bench.counters.faults());
    }

    @Test
    void queueReadyZeroStopsAQueueWithoutTheFeature() {
        DriverQueue queue = bench.start(VERSION_1);
        loop.run();
        driver.write32(VIRTIO_MMIO_QUEUE_READY, 0);
        assertEquals(1, driver.read32(VIRTIO_MMIO_QUEUE_READY), "until the loop has heard of it");
        loop.run();
        assertEquals(0, driver.read32(VIRTIO_MMIO_QUEUE_READY));
        queue.ring();
        assertEquals(1, faults(VirtioFault.BAD_DOORBELL));
        DriverQueue again = driver.setUpQueue(0, 16);
        loop.run();
        int head = bench.send(again, "back", 0x8000);
        loop.run();
        assertEquals(head, again.poll());
    }

    @Test
    void aDeviceResetOvertakesAQueueReset() {
        DriverQueue _ = bench.start(VirtioDriver.RING_FEATURES);
        loop.run();
        device.holdingResets = true;
        assertFalse(driver.resetQueue(0));
        loop.run();
        assertFalse(driver.reset());
        loop.run();
        device.endReset(); // the queue's
        assertFalse(driver.status() == 0);
        device.endReset();
        assertEquals(0, driver.status());
        DriverQueue fresh = bench.start(VirtioDriver.RING_FEATURES);
        loop.run();
        int head = bench.send(fresh, "fresh", 0x8000);
        loop.run();
        assertEquals(head, fresh.poll());
    }

    @Test
    void aLateEndOfAQueueResetDoesNotTouchTheNextLife() {
        DriverQueue _ = bench.start(VirtioDriver.RING_FEATURES);
        loop.run();
        device.holdingResets = true;
        boolean _ = driver.resetQueue(0);
        loop.run();
        device.holdingResets = false;
        boolean _ = driver.reset();
        loop.run();
        DriverQueue fresh = bench.start(VirtioDriver.RING_FEATURES);
        loop.run();
        device.endReset();
        assertTrue(queues.isReady());
        int head = bench.send(fresh, "fresh", 0x8000);
        loop.run();
        assertEquals(head, fresh.poll());
    }

    @Test
    void tenThousandResetsInMidRequestLeaveNothingBehind() {
        device.holding = true;
        for (int i = 0; i < 10_000; i++) {
            VirtioDriver next = new VirtioDriver(bench.transport, bench.memory, EchoBench.DRIVER_GPA);
            long _ = next.initialize(VirtioDriver.RING_FEATURES);
            DriverQueue queue = next.setUpQueue(0, 16, 8);
            next.driverOk();
            queue.beginIndirect();
            queue.readable(0x4000, 10);
            queue.writable(0x5000, 10);
            int _ = queue.commit();
            queue.ring();
            if (i % 3 != 0) {
                loop.run();
            }
            boolean _ = next.reset();
            loop.run();
            assertEquals(0, next.status());
        }
        assertEquals(0, device.inFlight());
        assertEquals(0, loop.waiting());
        assertEquals(10_000, bench.counters.resets());
        assertEquals(10_000, bench.counters.activations());
        assertEquals(0, bench.counters.faults());
        device.calls.clear();
        device.holding = false;
        DriverQueue queue = bench.start(VirtioDriver.RING_FEATURES);
        loop.run();
        int head = bench.send(queue, "alive", 0x8000);
        loop.run();
        assertEquals(head, queue.poll());
    }

    @Test
    void aLoopThatIsClosedTakesNothingAndHarmsNobody() {
        EchoBench closed = new EchoBench(task -> {
            throw new java.util.concurrent.RejectedExecutionException("closed");
        });
        DriverQueue queue = closed.start(VERSION_1);
        queue.ring();
        queue.ring();
        assertFalse(closed.driver.reset());
        assertEquals(List.of(), closed.device.calls);
    }
}
