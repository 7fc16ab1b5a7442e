package io.javisor.devices.virtio.rng;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Errno;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.backend.TokenLevels;
import io.javisor.devices.virtio.PulseLine;
import io.javisor.devices.virtio.QueuedExecutor;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.VirtioFault;
import io.javisor.devices.virtio.VirtioStatus;
import io.javisor.devices.virtio.mmio.VirtioMmioState;
import io.javisor.devices.virtio.mmio.VirtioMmioTransport;
import io.javisor.devices.virtio.queue.QueueFault;
import io.javisor.testkit.FakeTime;
import io.javisor.testkit.driver.DriverQueue;
import io.javisor.testkit.driver.VirtioDriver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The entropy device through its registers and ring (virtio 1.2 §5.4). */
class RngDeviceTest {
    private static final long DATA_GPA = 0x8_0000;
    private static final long SECOND = 1_000_000_000L;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment ram = arena.allocate(1 << 20, 4096);
    private final GuestMemory memory = new GuestMemory(List.of(new GuestMemory.Region(0, ram)));
    private final FakeTime time = new FakeTime(0);
    private final PulseLine line = new PulseLine();
    private final VirtioCounters counters = new VirtioCounters(1);
    private final List<Long> answers = new ArrayList<>();
    private RngCounters own = new RngCounters();
    private RngDevice device = device(0);
    private VirtioMmioTransport transport = transport();
    private VirtioDriver driver = new VirtioDriver(transport, memory, 0x1000);

    @AfterEach
    void close() {
        device.close();
        assertEquals(0, time.open(), "timers");
        arena.close();
    }

    /** Fills with 0x5A, after the answers that a test has prepared. */
    private long fill(long hva, long size) {
        if (!answers.isEmpty()) {
            long answer = answers.removeFirst();
            if (answer <= 0) {
                return answer;
            }
            return write(hva, Math.min(answer, size));
        }
        return write(hva, size);
    }

    private long write(long hva, long size) {
        ram.asSlice(hva - ram.address(), size).fill((byte) 0x5A);
        return size;
    }

    private RngDevice device(long rate) {
        own = new RngCounters();
        return new RngDevice("rng0", rate, this::fill, time, time, new TokenLevels(), own);
    }

    private VirtioMmioTransport transport() {
        return new VirtioMmioTransport(device, memory, Runnable::run, line, counters, 0);
    }

    private DriverQueue start() {
        long _ = driver.initialize(VirtioDriver.RING_FEATURES);
        DriverQueue queue = driver.setUpQueue(0, 64, 8);
        driver.driverOk();
        return queue;
    }

    private void useRate(long rate) {
        device.close();
        device = device(rate);
        transport = transport();
        driver = new VirtioDriver(transport, memory, 0x1000);
    }

    private static int ask(DriverQueue queue, long gpa, int length) {
        queue.begin();
        queue.writable(gpa, length);
        int head = queue.commit();
        boolean _ = queue.kick();
        return head;
    }

    private long filledBytes() {
        long count = 0;
        for (long at = 0; at < ram.byteSize(); at++) {
            count += ram.get(java.lang.foreign.ValueLayout.JAVA_BYTE, at) == 0x5A ? 1 : 0;
        }
        return count;
    }

    @Test
    void itIsAnEntropyDeviceWithoutConfiguration() {
        assertEquals(4, driver.probe());
        assertEquals(VirtioDriver.RING_FEATURES, driver.offeredFeatures());
        assertEquals(-1, driver.readConfig(0, 1));
        assertEquals(1, counters.faults(VirtioFault.BAD_CONFIG_ACCESS));
    }

    @Test
    void aBufferIsFilledAndNoByteBesideIt() {
        DriverQueue queue = start();
        int head = ask(queue, DATA_GPA, 100);
        assertEquals(head, queue.poll());
        assertEquals(100, queue.usedLength());
        assertEquals(100, filledBytes());
        assertEquals(1, line.pulses());
        assertEquals(
                Map.of(
                        "requests",
                        1L,
                        "bytes",
                        100L,
                        "empty_requests",
                        0L,
                        "throttled",
                        0L,
                        "waits",
                        0L,
                        "failures",
                        0L),
                own.snapshot());
    }

    @Test
    void piecesAreFilledInOrderDirectOrIndirect() {
        DriverQueue queue = start();
        queue.beginIndirect();
        queue.readable(DATA_GPA, 7); // ignored
        queue.writable(DATA_GPA + 0x100, 10);
        queue.writable(DATA_GPA + 0x200, 1);
        queue.writable(DATA_GPA + 0x300, 30);
        int _ = queue.commit();
        boolean _ = queue.kick();
        assertTrue(queue.poll() >= 0);
        assertEquals(41, queue.usedLength());
        assertEquals(0, memory.getByte(DATA_GPA));
        assertEquals(0x5A, memory.getByte(DATA_GPA + 0x200));
        assertEquals(0, memory.getByte(DATA_GPA + 0x201));
    }

    @Test
    void aLongRequestGetsAsMuchAsIsMadeAtOnce() {
        DriverQueue queue = start();
        int _ = ask(queue, DATA_GPA, 200_000);
        assertTrue(queue.poll() >= 0);
        assertEquals(RngDevice.MAX_REQUEST_BYTES, queue.usedLength());
        assertEquals(RngDevice.MAX_REQUEST_BYTES, filledBytes());
    }

    @Test
    void aRequestWithoutRoomComesBackEmpty() {
        DriverQueue queue = start();
        queue.begin();
        queue.readable(DATA_GPA, 16);
        int readableOnly = queue.commit();
        boolean _ = queue.kick();
        assertEquals(readableOnly, queue.poll());
        assertEquals(0, queue.usedLength());
        int empty = ask(queue, DATA_GPA, 0);
        assertEquals(empty, queue.poll());
        assertEquals(2, own.emptyRequests());
        assertEquals(0, filledBytes());
    }

    @Test
    void aFullQueueIsServedInTurns() {
        QueuedExecutor loop = new QueuedExecutor();
        transport = new VirtioMmioTransport(device, memory, loop, line, counters, 0);
        driver = new VirtioDriver(transport, memory, 0x1000);
        DriverQueue queue = start();
        loop.run();
        for (int i = 0; i < 64; i++) {
            queue.begin();
            queue.writable(DATA_GPA + 16L * i, 16);
            assertTrue(queue.commit() >= 0);
        }
        boolean _ = queue.kick();
        loop.turn();
        assertEquals(16, own.requests(), "then it is others' turn");
        loop.turn();
        assertEquals(32, own.requests());
        loop.run();
        assertEquals(64, own.requests());
        BitSet heads = new BitSet();
        for (int i = 0; i < 64; i++) {
            heads.set(queue.poll());
        }
        assertEquals(64, heads.cardinality());
        assertEquals(64 * 16, filledBytes());
        assertEquals(0, time.armed());
    }

    @Test
    void theRateIsKept() {
        useRate(1000);
        DriverQueue queue = start();
        long got = 0;
        for (int i = 0; i < 50; i++) {
            int _ = ask(queue, DATA_GPA, 400);
            while (queue.poll() < 0) {
                time.advance(SECOND / 100);
            }
            got += queue.usedLength();
        }
        assertEquals(50 * 400, got);
        long elapsed = time.getAsLong();
        assertTrue(
                elapsed >= 19 * SECOND && elapsed < 20 * SECOND, elapsed + " ns for 20000 bytes, 1000 of them at once");
        assertTrue(own.throttled() > 0);
    }

    @Test
    void aRequestThatWaitsForTheRateIsForgottenAtAReset() {
        useRate(64);
        DriverQueue queue = start();
        int _ = ask(queue, DATA_GPA, 64);
        int _ = ask(queue, DATA_GPA, 64);
        assertEquals(1, own.throttled());
        assertTrue(driver.reset());
        time.advance(10 * SECOND);
        assertEquals(1, own.requests());
        assertEquals(0, time.armed());
    }

    @Test
    void aResetDoesNotRefillTheLimit() {
        useRate(64);
        DriverQueue queue = start();
        int _ = ask(queue, DATA_GPA, 64);
        assertTrue(driver.reset());
        driver = new VirtioDriver(transport, memory, 0x1000);
        queue = start();
        int _ = ask(queue, DATA_GPA, 64);
        assertEquals(-1, queue.poll());
    }

    @Test
    void aHostWithoutRandomBytesYetIsAskedAgain() {
        DriverQueue queue = start();
        answers.add((long) -Errno.EAGAIN);
        answers.add((long) -Errno.EAGAIN);
        int head = ask(queue, DATA_GPA, 32);
        assertEquals(-1, queue.poll());
        time.advance(SECOND);
        assertEquals(head, queue.poll());
        assertEquals(32, queue.usedLength());
        assertEquals(2, own.waits());
    }

    @Test
    void whatIsThereIsGivenWhenASignalInterrupts() {
        DriverQueue queue = start();
        answers.addAll(List.of(10L, 5L, (long) -Errno.EINTR));
        int head = ask(queue, DATA_GPA, 32);
        assertEquals(head, queue.poll());
        assertEquals(15, queue.usedLength());
        assertEquals(15, filledBytes());
    }

    @Test
    void aHostThatRefusesIsCountedAndAskedAgain() {
        DriverQueue queue = start();
        answers.add((long) -Errno.ENOSYS);
        int head = ask(queue, DATA_GPA, 32);
        assertEquals(1, own.failures());
        time.advance(SECOND);
        assertEquals(head, queue.poll());
    }

    @Test
    void aQueueIsResetAloneWhileARequestWaits() {
        DriverQueue queue = start();
        answers.add((long) -Errno.EAGAIN);
        int _ = ask(queue, DATA_GPA, 32);
        assertTrue(driver.resetQueue(0));
        time.advance(SECOND);
        assertEquals(0, filledBytes());
        DriverQueue again = driver.setUpQueue(0, 8);
        int head = ask(again, DATA_GPA, 8);
        assertEquals(head, again.poll());
    }

    @Test
    void aRequestWaitsForTheEndOfAPause() {
        DriverQueue queue = start();
        answers.add((long) -Errno.EAGAIN);
        int first = ask(queue, DATA_GPA, 32);
        int[] quiet = {0};
        transport.function().pause(() -> quiet[0]++);
        assertEquals(1, quiet[0]);
        int second = ask(queue, DATA_GPA + 32, 32);
        byte[] before = ram.toArray(ValueLayout.JAVA_BYTE);
        time.advance(SECOND); // a machine's clock would stand
        assertArrayEquals(before, ram.toArray(ValueLayout.JAVA_BYTE));
        transport.function().resume();
        assertEquals(first, queue.poll());
        assertEquals(second, queue.poll());
        assertEquals(64, filledBytes());
    }

    @Test
    void aRequestThatWaitsIsServedAfterARestore() {
        useRate(64);
        DriverQueue queue = start();
        int _ = ask(queue, DATA_GPA, 64);
        int waiting = ask(queue, DATA_GPA + 64, 64);
        assertTrue(queue.poll() >= 0);
        RngState state = device.save();
        VirtioMmioState registers = transport.save();
        device.close();
        device = device(64);
        device.restore(state);
        assertEquals(state, device.save());
        transport = transport();
        transport.restore(registers);
        assertEquals(-1, queue.poll());
        time.advance(SECOND + 10);
        assertEquals(waiting, queue.poll());
        assertEquals(128, filledBytes());
        assertThrows(IllegalArgumentException.class, () -> new RngState(2, 0));
    }

    @Test
    void theHostsGeneratorFillsGuestMemory() {
        device.close();
        device = new RngDevice("rng0", 0, EntropySource.GETRANDOM, time, time, new TokenLevels(), own);
        transport = transport();
        driver = new VirtioDriver(transport, memory, 0x1000);
        DriverQueue queue = start();
        int _ = ask(queue, DATA_GPA, 4096);
        assertTrue(queue.poll() >= 0);
        assertEquals(4096, queue.usedLength());
        BitSet values = new BitSet();
        for (int i = 0; i < 4096; i++) {
            values.set(memory.getByte(DATA_GPA + i) & 0xFF);
        }
        assertTrue(values.cardinality() > 250, "random: " + values.cardinality() + " different bytes");
    }

    // ---- hostile guests ----

    @ParameterizedTest
    @EnumSource
    void aBrokenRingIsSeenInACounterAndNothingIsWritten(QueueFault fault) {
        DriverQueue queue = start();
        switch (fault) {
            case INDEX_JUMP -> {
                queue.rawAvailableIndex(500);
                queue.ring();
            }
            case BAD_INDEX -> queue.rawAvailable(64);
            case CHAIN_TOO_LONG -> {
                queue.rawDescriptor(3, DATA_GPA, 16, 2 | 1, 4);
                queue.rawDescriptor(4, DATA_GPA, 16, 2 | 1, 3);
                queue.rawAvailable(3);
            }
            case BAD_INDIRECT_TABLE -> {
                queue.rawDescriptor(3, DATA_GPA, 15, 4, 0);
                queue.rawAvailable(3);
            }
            case NOT_RAM -> {
                queue.rawDescriptor(3, (1 << 20) - 8, 16, 2, 0);
                queue.rawAvailable(3);
            }
            case WRONG_DIRECTION -> {
                queue.rawDescriptor(3, DATA_GPA, 16, 2 | 1, 4);
                queue.rawDescriptor(4, DATA_GPA, 16, 0, 0);
                queue.rawAvailable(3);
            }
        }
        queue.ring();
        assertEquals(1, counters.queue(0).faults(fault));
        assertTrue((driver.status() & VirtioStatus.VIRTIO_CONFIG_S_NEEDS_RESET) != 0);
        assertEquals(0, filledBytes());
        assertEquals(0, queue.usedIndex());
        assertTrue(driver.reset());
        driver = new VirtioDriver(transport, memory, 0x1000);
        DriverQueue fresh = start();
        int head = ask(fresh, DATA_GPA, 16);
        assertEquals(head, fresh.poll());
    }

    @Test
    void aLengthOfFourGigabytesIsNotRam() {
        DriverQueue queue = start();
        queue.rawDescriptor(0, DATA_GPA, -1, 2, 0);
        queue.rawAvailable(0);
        queue.ring();
        assertEquals(1, counters.queue(0).faults(QueueFault.NOT_RAM));
        assertEquals(0, filledBytes());
    }

    @Test
    void tenThousandLivesLeaveNothing() {
        useRate(64);
        for (int i = 0; i < 10_000; i++) {
            driver = new VirtioDriver(transport, memory, 0x1000);
            DriverQueue queue = start();
            int _ = ask(queue, DATA_GPA, 64);
            int _ = ask(queue, DATA_GPA, 64);
            assertTrue(driver.reset());
        }
        assertEquals(0, time.armed());
        assertEquals(2, time.open());
        memory.close();
        assertFalse(driver.status() != 0);
    }
}
