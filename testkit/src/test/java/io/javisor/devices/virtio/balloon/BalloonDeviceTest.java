package io.javisor.devices.virtio.balloon;

import static io.javisor.devices.virtio.balloon.BalloonProtocol.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.virtio.PulseLine;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.VirtioFeature;
import io.javisor.devices.virtio.VirtioStatus;
import io.javisor.devices.virtio.mmio.VirtioMmioState;
import io.javisor.devices.virtio.mmio.VirtioMmioTransport;
import io.javisor.testkit.FakeTime;
import io.javisor.testkit.driver.DriverQueue;
import io.javisor.testkit.driver.VirtioDriver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The balloon through its registers and rings (virtio 1.2 §5.5). */
class BalloonDeviceTest {
    private static final long SIZE = 2 << 20;
    private static final int QUEUE = 16;
    private static final long LIST_GPA = 0x1_8000;
    private static final long PAGES_GPA = 0x10_0000;
    private static final byte USED = 7;
    private static final long SECOND = 1_000_000_000L;
    private static final BalloonSettings ALL = new BalloonSettings(256, true, true, true);

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment ram = arena.allocate(SIZE, PAGE_SIZE);
    private final GuestMemory memory = new GuestMemory(List.of(new GuestMemory.Region(0, ram)));
    private final FakeTime time = new FakeTime(0);
    private final PulseLine line = new PulseLine();
    private VirtioCounters counters = new VirtioCounters(4);
    private BalloonCounters own = new BalloonCounters();
    private BalloonDevice device = new BalloonDevice("balloon0", ALL, 5, time, own);
    private VirtioMmioTransport transport = transport();
    private VirtioDriver driver = new VirtioDriver(transport, memory, 0x1000);
    private final List<DriverQueue> queues = new ArrayList<>();

    @AfterEach
    void close() {
        device.close();
        assertEquals(0, time.open(), "timers");
        arena.close();
    }

    private VirtioMmioTransport transport() {
        return new VirtioMmioTransport(device, memory, Runnable::run, line, counters, 0);
    }

    private void use(BalloonSettings settings, int pollSeconds) {
        device.close();
        own = new BalloonCounters();
        device = new BalloonDevice("balloon0", settings, pollSeconds, time, own);
        counters = new VirtioCounters(device.queueCount());
        transport = transport();
        driver = new VirtioDriver(transport, memory, 0x1000);
    }

    private void start() {
        start(VirtioDriver.RING_FEATURES | device.features());
    }

    private void start(long features) {
        assertEquals(features, driver.initialize(features));
        for (int i = 0; i < device.queueCount(); i++) {
            queues.add(driver.setUpQueue(i, QUEUE, 4));
        }
        driver.driverOk();
        ram.asSlice(PAGES_GPA).fill(USED);
    }

    /** Sends page numbers; the request has come back with nothing written. */
    private void send(int index, long... gpas) {
        for (int i = 0; i < gpas.length; i++) {
            memory.putInt(LIST_GPA + (long) i * PFN_SIZE, (int) (gpas[i] >>> PAGE_SHIFT));
        }
        sendList(index, gpas.length * PFN_SIZE);
    }

    private void sendList(int index, int bytes) {
        DriverQueue queue = queues.get(index);
        queue.begin();
        queue.readable(LIST_GPA, bytes);
        done(queue);
    }

    private static void done(DriverQueue queue) {
        int head = queue.commit();
        boolean _ = queue.kick();
        assertEquals(head, queue.poll());
        assertEquals(0, queue.usedLength());
    }

    private void assertPages(String expected) {
        StringBuilder found = new StringBuilder();
        for (int i = 0; i < expected.length(); i++) {
            byte value = memory.getByte(PAGES_GPA + ((long) i << PAGE_SHIFT));
            found.append(value == 0 ? '.' : value == USED ? 'x' : '?');
        }
        assertEquals(expected, found.toString());
    }

    private long counted(String name) {
        return Objects.requireNonNull(device.counters().get(name), name);
    }

    private static long page(int index) {
        return PAGES_GPA + ((long) index << PAGE_SHIFT);
    }

    @Test
    void itIsABalloonThatAsksForPages() {
        assertEquals(DEVICE_ID, driver.probe());
        assertEquals(
                VirtioDriver.RING_FEATURES
                        | VirtioFeature.mask(VIRTIO_BALLOON_F_STATS_VQ)
                        | VirtioFeature.mask(VIRTIO_BALLOON_F_DEFLATE_ON_OOM)
                        | VirtioFeature.mask(VIRTIO_BALLOON_F_REPORTING),
                driver.offeredFeatures());
        assertEquals(256, driver.readConfig(NUM_PAGES_OFFSET, 4));
        assertEquals(0, driver.readConfig(ACTUAL_OFFSET, 4));
        assertEquals(1, driver.readConfig(1, 1));
        assertEquals(256, driver.readConfig(0, 8));
    }

    @ParameterizedTest
    @CsvSource({"false, false, false, 2", "false, true, false, 3", "false, false, true, 3", "true, true, true, 4"})
    void whatIsNotWantedIsNotOffered(boolean oom, boolean reporting, boolean statistics, int queueCount) {
        use(new BalloonSettings(0, oom, reporting, statistics), 0);
        assertEquals(queueCount, device.queueCount());
        assertEquals(oom, VirtioFeature.has(driver.offeredFeatures(), VIRTIO_BALLOON_F_DEFLATE_ON_OOM));
        assertEquals(reporting, VirtioFeature.has(driver.offeredFeatures(), VIRTIO_BALLOON_F_REPORTING));
        assertEquals(statistics, VirtioFeature.has(driver.offeredFeatures(), VIRTIO_BALLOON_F_STATS_VQ));
    }

    @Test
    void pagesOfTheBalloonAreTheHosts() {
        start();
        send(0, page(5), page(1), page(0), page(4));
        assertPages("..xx..x");
        assertEquals(4 * PAGE_SIZE, counted("inflated_bytes"));
        assertEquals(4 * PAGE_SIZE, counted("released_bytes"));
        driver.writeConfig(ACTUAL_OFFSET, 4, 4);
        assertEquals(4, device.actualPages());
        assertEquals(4, driver.readConfig(ACTUAL_OFFSET, 4));
        assertTrue(line.pulses() > 0);

        ram.asSlice(page(0), PAGE_SIZE).fill(USED);
        send(1, page(0), page(1));
        assertPages("x.xx..x");
        assertEquals(2 * PAGE_SIZE, counted("deflated_bytes"));
        assertEquals(0, counted("malformed"));
    }

    @Test
    void aLongListIsServedToo() {
        start();
        for (int i = 0; i < 1000; i++) {
            memory.putInt(LIST_GPA + (long) i * PFN_SIZE, (int) (page(i % 16) >>> PAGE_SHIFT));
        }
        DriverQueue queue = queues.getFirst();
        queue.beginIndirect();
        queue.readable(LIST_GPA, 7); // numbers are not cut where pieces are
        queue.readable(LIST_GPA + 7, 4000 - 7);
        done(queue);
        assertPages("................x");
        assertEquals(1000 * PAGE_SIZE, counted("inflated_bytes"));
    }

    @Test
    void pagesThatAreNoRamArePassedOver() {
        start();
        send(0, page(0), SIZE - PAGE_SIZE, SIZE, 0xFFFF_FFFFL << PAGE_SHIFT, page(1), page(1));
        assertPages("..x");
        assertEquals(2, counted("bad_pages"));
        assertEquals(4 * PAGE_SIZE, counted("inflated_bytes"));
        assertEquals(0, memory.getByte(SIZE - 1));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0, 3", "0, 7", "1, 0", "1, 5"})
    void aPartOfANumberIsNone(int index, int bytes) {
        start();
        memory.putInt(LIST_GPA, (int) (page(0) >>> PAGE_SHIFT));
        sendList(index, bytes);
        assertEquals(1, counted("malformed"));
        assertPages(index == 0 && bytes >= PFN_SIZE ? ".x" : "xx");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aWritableListIsNoList(int index) {
        start();
        DriverQueue queue = queues.get(index);
        queue.begin();
        queue.writable(LIST_GPA, 64);
        done(queue);
        assertEquals(1, counted("malformed"));
        assertEquals(0, counted("inflated_bytes") + counted("deflated_bytes"));
    }

    @Test
    void noRequestKeepsTheLoopForLong() {
        start();
        DriverQueue queue = queues.getFirst();
        queue.begin();
        queue.readable(0, (int) SIZE); // half a million numbers
        done(queue);
        assertEquals(1, counted("malformed"));
        assertEquals(4096, counted("inflated_bytes") / PAGE_SIZE + counted("bad_pages"));
    }

    @Test
    void reportedPagesAreTheHosts() {
        start();
        DriverQueue reports = queues.get(3);
        reports.begin();
        reports.writable(page(1), 2 * PAGE_SIZE);
        reports.writable(page(4), PAGE_SIZE);
        done(reports);
        assertPages("x..x.x");
        assertEquals(3 * PAGE_SIZE, counted("reported_bytes"));
        assertEquals(3 * PAGE_SIZE, counted("released_bytes"));
    }

    @Test
    void aPausedGuestKeepsItsPages() {
        start();
        DriverQueue statistics = queues.get(2);
        statistics.begin();
        statistics.readable(LIST_GPA, STAT_SIZE);
        int told = statistics.commit();
        boolean _ = statistics.kick();
        int[] quiet = {0};
        transport.function().pause(() -> quiet[0]++);
        assertEquals(1, quiet[0]);
        DriverQueue reports = queues.get(3);
        reports.begin();
        reports.writable(page(1), 2 * PAGE_SIZE);
        int reported = reports.commit();
        boolean _ = reports.kick();
        memory.putInt(LIST_GPA, (int) (page(4) >>> PAGE_SHIFT));
        DriverQueue inflating = queues.getFirst();
        inflating.begin();
        inflating.readable(LIST_GPA, PFN_SIZE);
        int given = inflating.commit();
        boolean _ = inflating.kick();
        byte[] before = ram.toArray(ValueLayout.JAVA_BYTE);
        time.advance(60 * SECOND); // a machine's clock would stand
        assertArrayEquals(before, ram.toArray(ValueLayout.JAVA_BYTE));
        assertPages("xxxxxx");
        transport.function().resume();
        assertPages("x..x.x");
        assertEquals(reported, reports.poll());
        assertEquals(given, inflating.poll());
        assertEquals(-1, statistics.poll());
        time.advance(5 * SECOND);
        assertEquals(told, statistics.poll());
    }

    @Test
    void ofAReportThatIsNotOfWholePagesTheRestStays() {
        start();
        DriverQueue reports = queues.get(3);
        reports.begin();
        reports.readable(page(0), PAGE_SIZE);
        reports.writable(page(1) + 1, 2 * PAGE_SIZE);
        done(reports);
        assertPages("xx.x");
        assertEquals(1, counted("malformed"));
        assertEquals(PAGE_SIZE, counted("released_bytes"));
    }

    /** The loop, on which pages are given back, is everybody's. */
    @Test
    void noReportIsEndless() {
        use(ALL, 0);
        assertEquals(
                VirtioDriver.RING_FEATURES | device.features(),
                driver.initialize(VirtioDriver.RING_FEATURES | device.features()));
        for (int i = 0; i < device.queueCount(); i++) {
            queues.add(driver.setUpQueue(i, BalloonDevice.QUEUE_MAX_SIZE, 0));
        }
        driver.driverOk();
        DriverQueue reports = queues.get(3);
        reports.begin();
        for (int i = 0; i < 127; i++) {
            reports.writable(SIZE / 2, (int) SIZE / 2);
        }
        done(reports);
        assertEquals(127L << 20, counted("reported_bytes"));
        assertEquals(0, counted("malformed"));

        reports.begin();
        for (int i = 0; i < 127; i++) {
            reports.writable(SIZE / 2 - PAGE_SIZE, (int) SIZE / 2 + PAGE_SIZE);
        }
        reports.writable(SIZE / 2, (int) SIZE / 2);
        done(reports);
        assertEquals(255L << 20, counted("reported_bytes"));
        assertEquals(255L << 20, counted("released_bytes"));
        assertEquals(1, counted("malformed"));
    }

    @Test
    void withoutStatisticsReportsAreTheThirdQueue() {
        use(new BalloonSettings(0, false, true, false), 0);
        start();
        DriverQueue reports = queues.get(2);
        reports.begin();
        reports.writable(page(0), PAGE_SIZE);
        done(reports);
        assertPages(".x");
    }

    @Test
    void aDriverThatTakesNoStatisticsHasReportsThereToo() {
        start(VirtioDriver.RING_FEATURES | VirtioFeature.mask(VIRTIO_BALLOON_F_REPORTING));
        DriverQueue reports = queues.get(2);
        reports.begin();
        reports.writable(page(0), PAGE_SIZE);
        done(reports);
        assertPages(".x");
        time.advance(100 * SECOND);
        assertEquals(0, time.armed());
    }

    private int offerStatistics(long... tagsAndValues) {
        for (int i = 0; i < tagsAndValues.length / 2; i++) {
            memory.putShort(LIST_GPA + (long) i * STAT_SIZE, (short) tagsAndValues[2 * i]);
            memory.putLong(LIST_GPA + (long) i * STAT_SIZE + STAT_VALUE_OFFSET, tagsAndValues[2 * i + 1]);
        }
        DriverQueue queue = queues.get(2);
        queue.begin();
        queue.readable(LIST_GPA, tagsAndValues.length / 2 * STAT_SIZE);
        int head = queue.commit();
        boolean _ = queue.kick();
        return head;
    }

    @Test
    void statisticsAreAskedForWhenItIsTime() {
        start();
        DriverQueue queue = queues.get(2);
        int head = offerStatistics();
        assertEquals(Map.of(), device.memoryStatistics());
        time.advance(5 * SECOND - 1);
        assertEquals(-1, queue.poll());
        time.advance(1);
        assertEquals(head, queue.poll());
        head = offerStatistics(4, 1000, 5, 4000, 9999, 1, 1, 0);
        assertEquals(
                Map.of(
                        GuestMemoryStatistic.FREE_MEMORY, 1000L,
                        GuestMemoryStatistic.TOTAL_MEMORY, 4000L,
                        GuestMemoryStatistic.SWAP_OUT, 0L),
                device.memoryStatistics());
        device.setPollSeconds(1);
        time.advance(SECOND);
        assertEquals(head, queue.poll());
        assertEquals(2, counted("statistics_updates"));
        time.advance(10 * SECOND); // there is no buffer
        assertEquals(-1, queue.poll());
        device.setPollSeconds(0);
        assertEquals(0, time.armed());
    }

    @Test
    void aSecondBufferForStatisticsComesBack() {
        start();
        DriverQueue queue = queues.get(2);
        int first = offerStatistics(4, 1000);
        int second = offerStatistics(4, 2000);
        assertEquals(second, queue.poll());
        assertEquals(1, counted("malformed"));
        assertEquals(1000L, device.memoryStatistics().get(GuestMemoryStatistic.FREE_MEMORY));
        time.advance(5 * SECOND);
        assertEquals(first, queue.poll());
    }

    @Test
    void theDriverIsToldOfAnotherTarget() {
        start();
        line.takePulses();
        device.setTarget(100);
        assertEquals(1, line.takePulses());
        assertEquals(100, driver.readConfig(NUM_PAGES_OFFSET, 4));
    }

    @Test
    void theTargetIsNotTheDriversToWrite() {
        start();
        driver.writeConfig(NUM_PAGES_OFFSET, 4, 1);
        driver.writeConfig(ACTUAL_OFFSET, 1, 1);
        assertEquals(256, device.targetPages());
        assertEquals(0, device.actualPages());
        assertEquals(2, counted("bad_config_writes"));
    }

    @Test
    void aResetEmptiesIt() {
        start();
        int _ = offerStatistics(4, 1000);
        driver.writeConfig(ACTUAL_OFFSET, 4, 4);
        assertTrue(driver.reset());
        assertEquals(0, device.actualPages());
        assertEquals(256, device.targetPages());
        assertEquals(Map.of(), device.memoryStatistics());
        assertEquals(0, time.armed());
        time.advance(10 * SECOND);
    }

    @Test
    void aBufferOfAQueueThatWasResetIsForgotten() {
        start();
        int _ = offerStatistics(4, 1000);
        assertTrue(driver.resetQueue(2));
        queues.set(2, driver.setUpQueue(2, QUEUE, 4));
        time.advance(5 * SECOND);
        assertEquals(-1, queues.get(2).poll());
        int head = offerStatistics(4, 2000);
        time.advance(5 * SECOND);
        assertEquals(head, queues.get(2).poll());
    }

    @Test
    void itGoesOnInAnotherMachine() {
        start();
        driver.writeConfig(ACTUAL_OFFSET, 4, 4);
        device.setTarget(77);
        int head = offerStatistics(4, 1000);
        BalloonState state = device.save();
        VirtioMmioState registers = transport.save();
        device.close();
        device = new BalloonDevice("balloon0", ALL, 5, time, own);
        device.restore(state);
        assertEquals(state, device.save());
        transport = transport();
        transport.restore(registers);
        assertEquals(77, device.targetPages());
        assertEquals(4, device.actualPages());
        assertEquals(-1, queues.get(2).poll());
        time.advance(5 * SECOND);
        assertEquals(head, queues.get(2).poll());
        assertThrows(IllegalArgumentException.class, () -> new BalloonState(2, 0, 0, -1));
        assertThrows(IllegalArgumentException.class, () -> new BalloonState(1, 0, 0, -2));
    }

    @Test
    void aRingThatBreaksTheRulesBreaksTheDevice() {
        start();
        DriverQueue queue = queues.getFirst();
        queue.rawDescriptor(0, SIZE, PAGE_SIZE, 0, 0);
        queue.rawAvailable(0);
        queue.ring();
        assertTrue((transport.function().status() & VirtioStatus.VIRTIO_CONFIG_S_NEEDS_RESET) != 0);
        assertEquals(0, counted("inflated_bytes"));
    }
}
