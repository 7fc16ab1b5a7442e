package io.javisor.devices.virtio;

import static io.javisor.devices.virtio.VirtioStatus.VIRTIO_CONFIG_S_ACKNOWLEDGE;
import static io.javisor.devices.virtio.VirtioStatus.VIRTIO_CONFIG_S_DRIVER;
import static io.javisor.devices.virtio.VirtioStatus.VIRTIO_CONFIG_S_DRIVER_OK;
import static io.javisor.devices.virtio.VirtioStatus.VIRTIO_CONFIG_S_FAILED;
import static io.javisor.devices.virtio.VirtioStatus.VIRTIO_CONFIG_S_FEATURES_OK;
import static io.javisor.devices.virtio.VirtioStatus.VIRTIO_CONFIG_S_NEEDS_RESET;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.driver.DriverQueue;
import io.javisor.testkit.driver.VirtioDriver;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Status, negotiation and reset (virtio 1.2 §2.1, §2.2, §2.4, §3.1), without a transport. */
class VirtioStatusMachineTest {
    private static final int ACK = VIRTIO_CONFIG_S_ACKNOWLEDGE;
    private static final int DRIVER = VIRTIO_CONFIG_S_DRIVER;
    private static final int OK = VIRTIO_CONFIG_S_DRIVER_OK;
    private static final int FEATURES_OK = VIRTIO_CONFIG_S_FEATURES_OK;
    private static final int FAILED = VIRTIO_CONFIG_S_FAILED;
    private static final long VERSION_1 = VirtioFeature.mask(VirtioFeature.VIRTIO_F_VERSION_1);

    private final QueuedExecutor loop = new QueuedExecutor();
    private final EchoBench bench = new EchoBench(loop);
    private final VirtioFunction function = bench.transport.function();
    private final VirtioQueues queues = function.queues();
    private final EchoDevice device = bench.device;

    private long faults(VirtioFault fault) {
        return bench.counters.faults(fault);
    }

    private void wantFeatures(long features) {
        function.selectDriverFeatures(0);
        function.setDriverFeatures((int) features);
        function.selectDriverFeatures(1);
        function.setDriverFeatures((int) (features >>> 32));
    }

    private void setStatuses(int... values) {
        for (int value : values) {
            function.setStatus(value);
        }
    }

    @Test
    void aDriverByTheBookActivatesTheDeviceOnItsLoop() {
        setStatuses(ACK, ACK | DRIVER);
        wantFeatures(VERSION_1);
        function.setStatus(ACK | DRIVER | FEATURES_OK);
        assertEquals(ACK | DRIVER | FEATURES_OK, function.status());
        assertEquals(VERSION_1, function.negotiatedFeatures());
        function.setStatus(ACK | DRIVER | FEATURES_OK | OK);
        assertEquals(List.of(), device.calls, "not on the vCPU's thread");
        loop.run();
        assertEquals(List.of("activate"), device.calls);
        assertEquals(1, bench.counters.activations());
        assertEquals(0, bench.counters.faults());
    }

    @Test
    void writingTheSameStatusAgainChangesNothing() {
        DriverQueue _ = bench.start(VERSION_1);
        function.setStatus(function.status());
        loop.run();
        assertEquals(List.of("activate"), device.calls);
        assertEquals(0, bench.counters.faults());
    }

    /** What a driver has set, what it writes, what it has then. */
    @ParameterizedTest
    @CsvSource({
        "0x00, 0x02, 0x00", // DRIVER without ACKNOWLEDGE
        "0x00, 0x08, 0x00",
        "0x00, 0x04, 0x00",
        "0x01, 0x05, 0x01", // DRIVER_OK before DRIVER
        "0x01, 0x09, 0x01", // FEATURES_OK before DRIVER
        "0x03, 0x07, 0x03", // DRIVER_OK before FEATURES_OK
        "0x03, 0x01, 0x03", // DRIVER taken back
        "0x0b, 0x03, 0x0b",
        "0x0b, 0x04, 0x0f", // added, but others taken back
        "0x03, 0x13, 0x03", // bits that nobody has
        "0x03, 0x23, 0x03",
        "0x03, 0x103, 0x03",
        "0x03, 0x43, 0x03", // the device's own
        "0x83, 0x8b, 0x83", // after FAILED
        "0x80, 0x81, 0x80",
    })
    void anIllegalTransitionIsCountedAndLeavesTheRest(int before, int written, int after) {
        wantFeatures(VERSION_1);
        for (int bit : new int[] {ACK, DRIVER, FEATURES_OK, OK, FAILED}) {
            if ((before & bit) != 0) {
                function.setStatus(function.status() | bit);
            }
        }
        assertEquals(before, function.status());
        assertEquals(0, bench.counters.faults());
        function.setStatus(written);
        assertEquals(after, function.status());
        assertEquals(1, faults(VirtioFault.BAD_STATUS));
    }

    @Test
    void severalBitsAtOnceAreTakenInOrder() {
        wantFeatures(VERSION_1);
        function.setStatus(ACK | DRIVER | FEATURES_OK | OK);
        assertEquals(ACK | DRIVER | FEATURES_OK | OK, function.status());
        loop.run();
        assertEquals(List.of("activate"), device.calls);
    }

    @Test
    void aDriverCanGiveUpAtAnyTime() {
        function.setStatus(FAILED);
        assertEquals(FAILED, function.status());
        function.setStatus(0);
        assertEquals(0, function.status());
        assertEquals(0, bench.counters.faults());
    }

    @ParameterizedTest
    @ValueSource(
            longs = {0, 1L << 28, 1L << 32 | 1L << 33, 1L << 32 | 1L << 34, 1L << 32 | 1L << 5, 1L << 32 | 1L << 4, -1})
    void featuresThatTheDeviceCantWorkWithLeaveFeaturesOkClear(long features) {
        setStatuses(ACK, ACK | DRIVER);
        wantFeatures(features);
        function.setStatus(ACK | DRIVER | FEATURES_OK);
        assertEquals(ACK | DRIVER, function.status());
        assertEquals(1, faults(VirtioFault.BAD_FEATURES));
        assertEquals(0, function.negotiatedFeatures());
        wantFeatures(VERSION_1);
        function.setStatus(ACK | DRIVER | FEATURES_OK);
        assertEquals(ACK | DRIVER | FEATURES_OK, function.status(), "it may try again");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 100, -1})
    void aFeatureThatNobodyHasYetIsRefused(int window) {
        setStatuses(ACK, ACK | DRIVER);
        wantFeatures(VERSION_1);
        function.selectDriverFeatures(window);
        function.setDriverFeatures(1);
        assertEquals(0, function.driverFeatures());
        function.setStatus(ACK | DRIVER | FEATURES_OK);
        assertEquals(ACK | DRIVER, function.status());
    }

    @Test
    void windowsPastTheFeaturesAreEmptyAndMayBeWrittenWithZero() {
        function.selectDeviceFeatures(2);
        assertEquals(0, function.deviceFeatures());
        setStatuses(ACK, ACK | DRIVER);
        wantFeatures(VERSION_1);
        function.selectDriverFeatures(2);
        function.setDriverFeatures(0);
        function.setStatus(ACK | DRIVER | FEATURES_OK);
        assertEquals(ACK | DRIVER | FEATURES_OK, function.status());
    }

    @Test
    void aDeviceOffersItsFeaturesAndThoseOfItsRings() {
        assertEquals(device.features() | VirtioFunction.COMMON_FEATURES, bench.driver.offeredFeatures());
    }

    @Test
    void theFeaturesThatADriverWroteCanBeRead() {
        wantFeatures(VERSION_1 | 1L << 40 | 5);
        assertEquals((int) (VERSION_1 >>> 32 | 1 << 8), function.driverFeatures());
        function.selectDriverFeatures(0);
        assertEquals(5, function.driverFeatures());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void featuresAfterFeaturesOkAreIgnored(boolean afterDriverOk) {
        long _ = bench.driver.initialize(VERSION_1);
        if (afterDriverOk) {
            bench.driver.driverOk();
        }
        wantFeatures(VERSION_1 | 1L << VirtioFeature.VIRTIO_F_EVENT_IDX);
        assertEquals(2, faults(VirtioFault.LATE_FEATURES));
        assertEquals(VERSION_1, function.negotiatedFeatures());
    }

    @Test
    void aResetBeforeActivationIsOverAtOnce() {
        setStatuses(ACK, ACK | DRIVER);
        wantFeatures(-1);
        queues.select(1);
        queues.setSize(8);
        queues.setGpa(QueueArea.DRIVER, true, 5);
        function.setStatus(0);
        assertEquals(0, function.status());
        assertEquals(0, function.driverFeatures());
        assertEquals(0, queues.selection());
        queues.select(1);
        assertEquals(256, queues.size());
        assertEquals(0, queues.gpa(QueueArea.DRIVER));
        assertEquals(0, loop.waiting());
        assertEquals(0, bench.counters.resets());
    }

    @Test
    void aResetIsOverWhenNothingIsInFlight() {
        DriverQueue queue = bench.start(VERSION_1);
        loop.run();
        device.holding = true;
        device.holdingResets = true;
        int _ = bench.send(queue, "late", 0x8000);
        loop.run();
        assertEquals(1, device.inFlight());
        function.setStatus(0);
        assertEquals(ACK | DRIVER | FEATURES_OK | OK, function.status(), "until the loop has heard of it");
        loop.run();
        assertEquals(ACK | DRIVER | FEATURES_OK | OK, function.status(), "until nothing is in flight");
        assertFalse(function.awaitReset(0));
        assertEquals(1, bench.counters.slowResets());
        device.endReset();
        assertEquals(0, function.status());
        assertTrue(function.awaitReset(0));
        assertEquals(1, bench.counters.resets());
        assertEquals(0, bench.counters.faults());
    }

    @Test
    void writesDuringAResetDoNothing() {
        DriverQueue _ = bench.start(VERSION_1);
        loop.run();
        function.setStatus(0);
        function.setStatus(ACK);
        function.setDriverFeatures(1);
        queues.setSize(4);
        queues.setGpa(QueueArea.DRIVER, false, 4);
        queues.enable();
        queues.disable();
        queues.reset();
        queues.ring(0);
        assertEquals(8, faults(VirtioFault.BUSY));
        function.setStatus(0);
        assertEquals(8, bench.counters.faults(), "a reset once more is no fault");
        loop.run();
        assertEquals(0, function.status());
        assertEquals(List.of("activate", "reset"), device.calls);
    }

    @Test
    void anActivationThatAResetOvertakesDoesNotHappen() {
        DriverQueue _ = bench.start(VERSION_1);
        function.setStatus(0);
        loop.run();
        assertEquals(List.of("reset"), device.calls);
        assertEquals(0, function.status());
    }

    @Test
    void theEndOfAnEarlierResetIsNotTheEndOfALaterOne() {
        DriverQueue _ = bench.start(VERSION_1);
        loop.run();
        device.holdingResets = true;
        function.setStatus(0);
        loop.run();
        device.holdingResets = false;
        device.endReset();
        DriverQueue _ = bench.start(VERSION_1);
        loop.run();
        device.holdingResets = true;
        function.setStatus(0);
        loop.run();
        function.resetDone(1);
        assertEquals(ACK | DRIVER | FEATURES_OK | OK, function.status());
        device.endReset();
        assertEquals(0, function.status());
    }

    @Test
    void aHostResetsWhateverTheDriverHasDone() throws InterruptedException {
        Thread host = Thread.ofPlatform().start(() -> assertTrue(function.reset(10_000_000_000L)));
        while (host.isAlive()) {
            loop.run();
            Thread.onSpinWait();
        }
        host.join();
        assertEquals(List.of("reset"), device.calls);
    }

    @Test
    void aDeviceThatCantGoOnSaysSoOnceAndIsLeftAlone() {
        DriverQueue queue = bench.start(VERSION_1);
        loop.run();
        Objects.requireNonNull(device.link).needsReset("of a test");
        Objects.requireNonNull(device.link).needsReset("again");
        int needsReset = VIRTIO_CONFIG_S_NEEDS_RESET;
        assertEquals(ACK | DRIVER | FEATURES_OK | OK | needsReset, function.status());
        assertEquals(1, bench.line.pulses());
        assertEquals(InterruptStatus.VIRTIO_MMIO_INT_CONFIG, bench.driver.takeInterrupt());
        assertEquals(1, bench.counters.needsResets());
        queue.ring();
        loop.run();
        assertEquals(List.of("activate"), device.calls, "no doorbell");
        bench.driver.addStatus(FAILED);
        assertEquals(0, bench.counters.faults(), "the device's own bit may be written back");
        function.setStatus(0);
        loop.run();
        assertEquals(0, function.status());
        DriverQueue fresh = bench.start(VERSION_1);
        loop.run();
        int head = bench.send(fresh, "again", 0x8000);
        loop.run();
        assertEquals(head, fresh.poll());
    }

    @Test
    void aConfigurationChangeIsToldToAnActiveDriverOnly() {
        long _ = bench.driver.initialize(VERSION_1);
        function.configChanged();
        assertEquals(0, bench.driver.takeInterrupt());
        bench.driver.driverOk();
        loop.run();
        Objects.requireNonNull(device.link).notifyConfigChange();
        assertEquals(InterruptStatus.VIRTIO_MMIO_INT_CONFIG, bench.driver.takeInterrupt());
        assertEquals(1, bench.line.pulses());
        function.setStatus(0);
        function.configChanged();
        loop.run();
        assertEquals(0, bench.driver.takeInterrupt());
        assertEquals(1, bench.counters.configChanges());
    }

    @Test
    void aBrokenRingNeedsAReset() {
        DriverQueue queue = bench.start(VirtioDriver.RING_FEATURES);
        loop.run();
        queue.rawAvailable(999);
        queue.ring();
        loop.run();
        assertTrue((function.status() & VIRTIO_CONFIG_S_NEEDS_RESET) != 0);
        assertEquals(1, bench.counters.needsResets());
        assertEquals(0, bench.counters.interrupts() - bench.line.pulses());
    }
}
