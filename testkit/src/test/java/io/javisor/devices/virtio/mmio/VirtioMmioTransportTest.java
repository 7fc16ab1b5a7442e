package io.javisor.devices.virtio.mmio;

import static io.javisor.devices.virtio.mmio.VirtioMmioRegisters.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.event.EventLoop;
import io.javisor.devices.virtio.EchoBench;
import io.javisor.devices.virtio.EchoDevice;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.VirtioFault;
import io.javisor.devices.virtio.VirtioFeature;
import io.javisor.devices.virtio.VirtioFunction;
import io.javisor.devices.virtio.VirtioStatus;
import io.javisor.testkit.driver.DriverQueue;
import io.javisor.testkit.driver.VirtioDriver;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Registers of virtio-mmio (virtio 1.2 §4.2.2): the value of each after reset, its direction, every illegal access. */
class VirtioMmioTransportTest {
    private static final long VERSION_1 = VirtioFeature.mask(VirtioFeature.VIRTIO_F_VERSION_1);

    private static final Set<Integer> WRITE_ONLY = Set.of(
            VIRTIO_MMIO_DEVICE_FEATURES_SEL,
            VIRTIO_MMIO_DRIVER_FEATURES,
            VIRTIO_MMIO_DRIVER_FEATURES_SEL,
            VIRTIO_MMIO_QUEUE_SEL,
            VIRTIO_MMIO_QUEUE_NUM,
            VIRTIO_MMIO_QUEUE_NOTIFY,
            VIRTIO_MMIO_INTERRUPT_ACK,
            VIRTIO_MMIO_QUEUE_DESC_LOW,
            VIRTIO_MMIO_QUEUE_DESC_HIGH,
            VIRTIO_MMIO_QUEUE_AVAIL_LOW,
            VIRTIO_MMIO_QUEUE_AVAIL_HIGH,
            VIRTIO_MMIO_QUEUE_USED_LOW,
            VIRTIO_MMIO_QUEUE_USED_HIGH,
            VIRTIO_MMIO_SHM_SEL);
    private static final Set<Integer> READ_ONLY = Set.of(
            VIRTIO_MMIO_MAGIC_VALUE,
            VIRTIO_MMIO_VERSION,
            VIRTIO_MMIO_DEVICE_ID,
            VIRTIO_MMIO_VENDOR_ID,
            VIRTIO_MMIO_DEVICE_FEATURES,
            VIRTIO_MMIO_QUEUE_NUM_MAX,
            VIRTIO_MMIO_INTERRUPT_STATUS,
            VIRTIO_MMIO_SHM_LEN_LOW,
            VIRTIO_MMIO_SHM_LEN_HIGH,
            VIRTIO_MMIO_SHM_BASE_LOW,
            VIRTIO_MMIO_SHM_BASE_HIGH,
            VIRTIO_MMIO_CONFIG_GENERATION);
    private static final Set<Integer> BOTH =
            Set.of(VIRTIO_MMIO_QUEUE_READY, VIRTIO_MMIO_STATUS, VIRTIO_MMIO_QUEUE_RESET);

    private final EchoBench bench = new EchoBench();
    private final VirtioMmioTransport transport = bench.transport;
    private final VirtioDriver driver = bench.driver;

    private long faults(VirtioFault fault) {
        return bench.counters.faults(fault);
    }

    static IntStream words() {
        return IntStream.iterate(0, offset -> offset < VIRTIO_MMIO_CONFIG, offset -> offset + 4);
    }

    @ParameterizedTest
    @CsvSource({
        "0x000, 0x74726976",
        "0x004, 2",
        "0x008, 42",
        "0x00c, 0x5253564a",
        "0x034, 256",
        "0x044, 0",
        "0x060, 0",
        "0x070, 0",
        "0x0b0, -1",
        "0x0b4, -1",
        "0x0b8, -1",
        "0x0bc, -1",
        "0x0c0, 0",
        "0x0fc, 0"
    })
    void readsAfterReset(String offset, String value) {
        assertEquals(Long.decode(value).intValue(), driver.read32(Integer.decode(offset)));
        assertEquals(0, bench.counters.faults());
    }

    @ParameterizedTest
    @MethodSource("words")
    void everyWordIsReadOrCounted(int offset) {
        long value = transport.read(offset, 4);
        assertEquals(value, value & 0xFFFF_FFFFL, "zero-extended");
        boolean readable = READ_ONLY.contains(offset) || BOTH.contains(offset);
        assertEquals(WRITE_ONLY.contains(offset) ? 1 : 0, faults(VirtioFault.WRONG_DIRECTION));
        assertEquals(!readable && !WRITE_ONLY.contains(offset) ? 1 : 0, faults(VirtioFault.BAD_ACCESS));
        if (!readable) {
            assertEquals(0, value);
        }
    }

    @ParameterizedTest
    @MethodSource("words")
    void everyWordIsWrittenOrCounted(int offset) {
        driver.write32(offset, 0);
        boolean writable = WRITE_ONLY.contains(offset) || BOTH.contains(offset);
        assertEquals(READ_ONLY.contains(offset) ? 1 : 0, faults(VirtioFault.WRONG_DIRECTION));
        assertEquals(!writable && !READ_ONLY.contains(offset) ? 1 : 0, faults(VirtioFault.BAD_ACCESS));
    }

    @ParameterizedTest
    @MethodSource("words")
    void otherWidthsAndOffsetsDoNothing(int offset) {
        driver.addStatus(VirtioStatus.VIRTIO_CONFIG_S_ACKNOWLEDGE);
        long before = bench.counters.faults();
        for (int size : new int[] {1, 2, 3, 5, 6, 7, 8}) {
            assertEquals(0, transport.read(offset, size));
            transport.write(offset, size, 0);
        }
        for (int shift = 1; shift < 4; shift++) {
            if (offset + shift + 4 <= VIRTIO_MMIO_CONFIG) {
                assertEquals(0, transport.read(offset + shift, 4));
                transport.write(offset + shift, 4, 0);
            }
        }
        assertEquals(bench.counters.faults() - before, faults(VirtioFault.BAD_ACCESS));
        assertEquals(VirtioStatus.VIRTIO_CONFIG_S_ACKNOWLEDGE, driver.status());
    }

    @Test
    void theConfigurationSpaceTakesTheWidthsOfFields() {
        long _ = driver.initialize(VERSION_1);
        for (int size : new int[] {1, 2, 4, 8}) {
            for (int offset = 0; offset <= 16 - size; offset++) {
                long value = 0x8877_6655_4433_2211L >>> (64 - 8 * size);
                driver.writeConfig(offset, size, value);
                assertEquals(value, driver.readConfig(offset, size));
            }
        }
        assertEquals(0, bench.counters.faults());
    }

    @ParameterizedTest
    @CsvSource({"16, 1", "15, 2", "13, 4", "9, 8", "0, 3", "0, 5", "0, 6", "0, 7", "3839, 1", "3832, 8"})
    void theConfigurationSpaceEnds(int offset, int size) {
        long _ = driver.initialize(VERSION_1);
        assertEquals(-1, driver.readConfig(offset, size));
        driver.writeConfig(offset, size, 1);
        assertEquals(2, faults(VirtioFault.BAD_CONFIG_ACCESS));
    }

    @Test
    void theConfigurationSpaceIsReadBeforeTheFeaturesAndNotWritten() {
        bench.device.config[0] = 5;
        assertEquals(5, driver.readConfig(0, 1));
        driver.writeConfig(0, 1, 6);
        assertEquals(5, driver.readConfig(0, 1));
        assertEquals(1, faults(VirtioFault.EARLY_CONFIG_WRITE));
    }

    @Test
    void theGenerationIsTheDevices() {
        bench.device.generation = 77;
        assertEquals(77, driver.read32(VIRTIO_MMIO_CONFIG_GENERATION));
    }

    @Test
    void theValuesUpperHalfMeansNothing() {
        transport.write(VIRTIO_MMIO_STATUS, 4, 0x1234_5678_0000_0001L);
        assertEquals(1, driver.status());
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 0x80000000, -1, 1, 2})
    void anAcknowledgementOfWhatIsNotPendingIsCounted(int bits) {
        driver.write32(VIRTIO_MMIO_INTERRUPT_ACK, bits);
        assertEquals(1, faults(VirtioFault.BAD_ACKNOWLEDGE));
        assertEquals(0, bench.line.pulses());
    }

    @Test
    void aResetKeepsTheVcpuUntilNothingIsInFlight() {
        try (EventLoop loop = EventLoop.start("test/io-loop")) {
            EchoBench threaded = new EchoBench(loop, 20_000_000_000L, bench.memory);
            DriverQueue _ = threaded.start(VERSION_1);
            threaded.device.holdingResets = true;
            Thread vcpu = Thread.ofPlatform().start(() -> assertTrue(threaded.driver.reset()));
            // The device learns of it on its loop, and takes its time.
            onLoop(loop, () -> {});
            while (vcpu.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
            onLoop(loop, threaded.device::endReset);
            assertTrue(join(vcpu));
            assertEquals(0, threaded.driver.status());
            assertEquals(0, threaded.counters.slowResets());
        }
    }

    @Test
    void aResetThatTakesTooLongIsSeenInTheStatus() {
        try (EventLoop loop = EventLoop.start("test/io-loop")) {
            EchoBench threaded = new EchoBench(loop, 1_000_000, bench.memory);
            DriverQueue _ = threaded.start(VERSION_1);
            threaded.device.holdingResets = true;
            assertFalse(threaded.driver.reset());
            assertEquals(1, threaded.counters.slowResets());
            onLoop(loop, threaded.device::endReset);
            assertEquals(0, threaded.driver.status());
        }
    }

    @Test
    void tenThousandRequestsPassAnEventLoop() {
        try (EventLoop loop = EventLoop.start("test/io-loop")) {
            EchoBench threaded = new EchoBench(loop, 20_000_000_000L, bench.memory);
            DriverQueue queue = threaded.start(VirtioDriver.RING_FEATURES);
            int sent = 0;
            int back = 0;
            while (back < 10_000) {
                while (sent < 10_000 && queue.freeDescriptors() >= 2) {
                    if (sent % 2 == 0) {
                        queue.begin();
                    } else {
                        queue.beginIndirect();
                    }
                    queue.readable(0x4000, 32);
                    queue.writable(0x5000, 32);
                    assertTrue(queue.commit() >= 0);
                    sent++;
                }
                boolean _ = queue.kick();
                while (queue.poll() >= 0) {
                    assertEquals(32, queue.usedLength());
                    back++;
                }
            }
            assertEquals(10_000, threaded.counters.queue(0).completions());
            assertEquals(0, threaded.counters.faults());
            assertTrue(threaded.driver.reset());
        }
    }

    private static void onLoop(EventLoop loop, Runnable task) {
        CountDownLatch done = new CountDownLatch(1);
        loop.execute(() -> {
            task.run();
            done.countDown();
        });
        try {
            done.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean join(Thread thread) {
        try {
            return thread.join(java.time.Duration.ofSeconds(20));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    // ---- state ----

    @Test
    void aDeviceGoesOnInMidRequestInAnotherTransport() {
        long _ = driver.initialize(VirtioDriver.RING_FEATURES);
        DriverQueue queue = driver.setUpQueue(0, 16, 4);
        driver.driverOk();
        bench.device.holding = true;
        int first = bench.send(queue, "one", 0x8000);
        int second = bench.send(queue, "two", 0x9000);
        bench.device.release(1);
        bench.line.takePulses();
        VirtioMmioState state = transport.save();
        assertEquals(1, state.interruptStatus());

        EchoDevice device = new EchoDevice(2, 256);
        device.restore(bench.device.save());
        VirtioMmioTransport restored =
                new VirtioMmioTransport(device, bench.memory, Runnable::run, bench.line, new VirtioCounters(2), 0);
        restored.restore(state);
        assertEquals(state, restored.save());
        assertEquals(1, bench.line.takePulses(), "it may have been on its way");
        assertEquals(1, device.inFlight());
        device.release(1);
        assertEquals(first, queue.poll());
        assertEquals(second, queue.poll());
        restored.write(VIRTIO_MMIO_INTERRUPT_ACK, 4, 1);
        assertFalse(queue.enableInterrupts());
        queue.begin();
        queue.readable(0x8000, 4);
        queue.writable(0x9000, 4);
        int third = queue.commit();
        boolean _ = queue.publish();
        restored.write(VIRTIO_MMIO_QUEUE_NOTIFY, 4, 0);
        assertEquals(third, queue.poll());
        assertEquals(1, bench.line.takePulses());
    }

    @Test
    void aHalfConfiguredDeviceIsSavedToo() {
        long _ = driver.initialize(VERSION_1);
        driver.writeQueue(1, new io.javisor.devices.virtio.queue.QueueConfig(3, 1, 2, -1L));
        driver.write32(VIRTIO_MMIO_DEVICE_FEATURES_SEL, 1);
        VirtioMmioState state = transport.save();
        VirtioMmioTransport restored = new VirtioMmioTransport(
                new EchoDevice(2, 256), bench.memory, Runnable::run, bench.line, new VirtioCounters(2), 0);
        restored.restore(state);
        assertEquals(state, restored.save());
        VirtioDriver other = new VirtioDriver(restored, bench.memory, 0x1_0000);
        assertEquals(driver.status(), other.status());
        assertEquals(driver.read32(VIRTIO_MMIO_DEVICE_FEATURES), other.read32(VIRTIO_MMIO_DEVICE_FEATURES));
        other.writeConfig(0, 1, 1);
        assertEquals(1, other.readConfig(0, 1));
    }

    @Test
    void aResetThatIsUnderWayIsOverInTheState() {
        DriverQueue _ = bench.start(VERSION_1);
        bench.device.holdingResets = true;
        assertFalse(driver.reset());
        VirtioMmioTransport restored = new VirtioMmioTransport(
                new EchoDevice(2, 256), bench.memory, Runnable::run, bench.line, new VirtioCounters(2), 0);
        restored.restore(transport.save());
        assertEquals(0, restored.read(VIRTIO_MMIO_STATUS, 4));
    }

    @Test
    void aDeviceThatNeedsAResetIsNotActivated() {
        DriverQueue queue = bench.start(VERSION_1);
        queue.rawAvailable(77);
        queue.ring();
        EchoDevice device = new EchoDevice(2, 256);
        VirtioMmioTransport restored =
                new VirtioMmioTransport(device, bench.memory, Runnable::run, bench.line, new VirtioCounters(2), 0);
        restored.restore(transport.save());
        assertEquals(driver.status(), restored.read(VIRTIO_MMIO_STATUS, 4));
        restored.write(VIRTIO_MMIO_QUEUE_NOTIFY, 4, 0);
        assertEquals(java.util.List.of(), device.calls);
        restored.write(VIRTIO_MMIO_STATUS, 4, 0);
        assertEquals(java.util.List.of("reset"), device.calls);
    }

    @Test
    void aStateThatDoesNotFitIsRefused() {
        VirtioMmioState state = transport.save();
        VirtioMmioTransport other = new VirtioMmioTransport(
                new EchoDevice(1, 256), bench.memory, Runnable::run, bench.line, new VirtioCounters(1), 0);
        assertThrows(IllegalArgumentException.class, () -> other.restore(state));
        assertThrows(IllegalArgumentException.class, () -> new VirtioMmioState(2, 0, state.function()));
        assertThrows(IllegalArgumentException.class, () -> new VirtioMmioState(1, 4, state.function()));
        assertNotNull(state.function());
        assertThrows(
                IllegalArgumentException.class,
                () -> new VirtioFunction(
                        new EchoDevice(2, 16),
                        bench.memory,
                        (Executor) Runnable::run,
                        new io.javisor.devices.virtio.InterruptStatus(bench.line, bench.counters),
                        new VirtioCounters(1)));
    }
}
