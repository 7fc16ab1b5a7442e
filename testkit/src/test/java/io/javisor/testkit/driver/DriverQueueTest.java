package io.javisor.testkit.driver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.bus.BusDevice;
import io.javisor.core.memory.GuestMemoryException;
import io.javisor.devices.virtio.EchoBench;
import io.javisor.devices.virtio.VirtioFeature;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The driver's side against the device's: what one sends the other has, whatever the shape. */
class DriverQueueTest {
    private static final long VERSION_1 = VirtioFeature.mask(VirtioFeature.VIRTIO_F_VERSION_1);
    private static final long EVENT_IDX = VirtioFeature.mask(VirtioFeature.VIRTIO_F_EVENT_IDX);
    private static final long REPLY_GPA = 0x8000;
    private static final int QUEUE_SIZE = 32;
    private static final int BUFFER_SIZE = 1024;
    private static final int REPLY_OFFSET = 512;

    private static final class Sent {
        final byte[] bytes;
        final int buffer;
        final int room;

        Sent(byte[] bytes, int buffer, int room) {
            this.bytes = bytes;
            this.buffer = buffer;
            this.room = room;
        }
    }

    @ParameterizedTest
    @CsvSource({"1, true", "2, false", "3, true", "4, false"})
    void requestsOfEveryShapeComeBackRight(long seed, boolean eventIdx) {
        EchoBench bench = new EchoBench();
        Random random = new Random(seed);
        long _ = bench.driver.initialize(
                eventIdx ? VirtioDriver.RING_FEATURES : VirtioDriver.RING_FEATURES & ~EVENT_IDX);
        DriverQueue queue = bench.driver.setUpQueue(0, QUEUE_SIZE, 6);
        bench.driver.driverOk();
        long buffersGpa = bench.driver.allocate((QUEUE_SIZE + 1) * BUFFER_SIZE, 4096);
        Map<Integer, Sent> inFlight = new HashMap<>();
        bench.device.holding = true;
        int done = 0;
        while (done < 5000) {
            switch (random.nextInt(4)) {
                case 0, 1 -> {
                    byte[] bytes = new byte[random.nextInt(1, 300)];
                    random.nextBytes(bytes);
                    Sent sent = new Sent(bytes, freeBuffer(inFlight), random.nextInt(1, 300));
                    int head = send(bench, queue, random, buffersGpa + (long) sent.buffer * BUFFER_SIZE, sent);
                    if (head >= 0) {
                        assertNull(inFlight.put(head, sent));
                    }
                    if (random.nextBoolean()) {
                        boolean _ = queue.kick();
                    }
                }
                case 2 -> {
                    boolean _ = queue.kick();
                    bench.device.release(random.nextInt(8));
                }
                default -> {
                    int head = queue.poll();
                    if (head >= 0) {
                        Sent sent = Objects.requireNonNull(inFlight.remove(head));
                        byte[] expected = Arrays.copyOf(sent.bytes, Math.min(sent.bytes.length, sent.room));
                        assertEquals(expected.length, queue.usedLength());
                        byte[] reply = new byte[expected.length];
                        long replyGpa = buffersGpa + (long) sent.buffer * BUFFER_SIZE + REPLY_OFFSET;
                        bench.memory.copyOut(replyGpa, reply, 0, reply.length);
                        assertArrayEquals(expected, reply);
                        done++;
                    }
                }
            }
        }
        assertEquals(0, bench.counters.faults());
        assertEquals(0, bench.counters.needsResets());
        boolean _ = queue.kick();
        queue.ring();
        bench.device.release(1000);
        while (queue.poll() >= 0) {
            done++;
        }
        assertEquals(QUEUE_SIZE, queue.freeDescriptors(), "none is lost");
        assertEquals(0, queue.inFlight());
    }

    private static int send(EchoBench bench, DriverQueue queue, Random random, long gpa, Sent sent) {
        int length = sent.bytes.length;
        bench.memory.copyIn(sent.bytes, 0, gpa, length);
        bench.memory.fill(gpa + REPLY_OFFSET, REPLY_OFFSET, (byte) 0);
        if (random.nextBoolean()) {
            queue.begin();
        } else {
            queue.beginIndirect();
        }
        int split = random.nextInt(length);
        queue.readable(gpa, split);
        queue.readable(gpa + split, length - split);
        int roomSplit = random.nextInt(sent.room);
        queue.writable(gpa + REPLY_OFFSET, roomSplit);
        queue.writable(gpa + REPLY_OFFSET + roomSplit, sent.room - roomSplit);
        return queue.commit();
    }

    private static int freeBuffer(Map<Integer, Sent> inFlight) {
        boolean[] taken = new boolean[QUEUE_SIZE + 1];
        inFlight.values().forEach(sent -> taken[sent.buffer] = true);
        int free = 0;
        while (taken[free]) {
            free++;
        }
        return free;
    }

    @Test
    void aChainThatDoesNotFitTakesNothing() {
        EchoBench bench = new EchoBench();
        long _ = bench.driver.initialize(VERSION_1);
        DriverQueue queue = bench.driver.setUpQueue(0, 4, 2);
        assertEquals(-1, commit(queue, false, 5));
        assertEquals(-1, commit(queue, true, 3));
        assertEquals(-1, commit(queue, false, 0), "an empty chain");
        assertEquals(-1, commit(queue, true, 0));
        assertEquals(4, queue.freeDescriptors());
        assertFalse(queue.kick(), "nothing to publish");
        assertTrue(commit(queue, false, 4) >= 0);
        assertEquals(-1, commit(queue, false, 1), "full");
        assertEquals(-1, commit(queue, true, 1));
        assertEquals(0, queue.freeDescriptors());
    }

    private static int commit(DriverQueue queue, boolean indirect, int pieces) {
        if (indirect) {
            queue.beginIndirect();
        } else {
            queue.begin();
        }
        for (int i = 0; i < pieces; i++) {
            queue.writable(REPLY_GPA, 1);
        }
        return queue.commit();
    }

    @Test
    void withoutRoomForTablesThereAreNoIndirectChains() {
        EchoBench bench = new EchoBench();
        long _ = bench.driver.initialize(VERSION_1);
        DriverQueue queue = bench.driver.setUpQueue(0, 4);
        assertEquals(-1, commit(queue, true, 1));
        assertEquals(4, queue.freeDescriptors());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void interruptsComeAsTheDriverAsks(boolean eventIdx) {
        EchoBench bench = new EchoBench();
        long _ = bench.driver.initialize(eventIdx ? VirtioDriver.RING_FEATURES : VERSION_1);
        DriverQueue queue = bench.driver.setUpQueue(0, 16);
        bench.driver.driverOk();
        queue.disableInterrupts();
        int _ = bench.send(queue, "quiet", REPLY_GPA);
        assertEquals(0, bench.line.pulses());
        assertTrue(queue.enableInterrupts(), "it came meanwhile");
        assertTrue(queue.poll() >= 0);
        assertFalse(queue.enableInterrupts());
        int _ = bench.send(queue, "loud", REPLY_GPA);
        assertEquals(1, bench.line.pulses());
        assertEquals(1, bench.driver.takeInterrupt());
        assertTrue(bench.counters.queue(0).suppressedNotifications() > 0);
    }

    @Test
    void aDoorbellThatTheDeviceDoesNotWantIsNotRung() {
        EchoBench bench = new EchoBench(task -> {}); // a loop that never turns: nobody changes the wish
        DriverQueue queue = bench.start(VERSION_1);
        long flagsGpa = queue.config().deviceGpa();
        bench.memory.putShort(flagsGpa, (short) 1);
        int _ = bench.send(queue, "unheard", REPLY_GPA);
        assertEquals(0, queue.kicks());
        bench.memory.putShort(flagsGpa, (short) 0);
        int _ = bench.send(queue, "heard", REPLY_GPA);
        assertEquals(1, queue.kicks());
        assertEquals(2, queue.inFlight());
    }

    @Test
    void aDoorbellCanGoAnotherWay() {
        EchoBench bench = new EchoBench();
        bench.driver.doorbellsBy(index -> bench.transport.function().queueNotified(index));
        DriverQueue queue = bench.start(VERSION_1);
        int head = bench.send(queue, "direct", REPLY_GPA);
        assertEquals(head, queue.poll());
        assertEquals(0, bench.counters.slowDoorbells());
    }

    @Test
    void aUsedEntryThatIsNoneOfTheDriversIsAFaultOfTheDevice() {
        EchoBench bench = new EchoBench(task -> {});
        DriverQueue queue = bench.start(VERSION_1);
        bench.memory.putInt(queue.config().deviceGpa() + 4, 16);
        bench.memory.putShort(queue.config().deviceGpa() + 2, (short) 1);
        assertThrows(IllegalStateException.class, queue::poll);
    }

    @Test
    void theDriverComplainsOfWhatIsNotThere() {
        EchoBench bench = new EchoBench();
        assertThrows(IllegalStateException.class, () -> bench.driver.initialize(0), "VERSION_1 is a must");
        long _ = bench.driver.initialize(VERSION_1);
        assertThrows(IllegalStateException.class, () -> bench.driver.setUpQueue(2, 16));
        assertThrows(IllegalStateException.class, () -> bench.driver.setUpQueue(0, 512));
        assertThrows(GuestMemoryException.class, () -> bench.driver.allocate(2 << 20, 16));
        bench.driver.driverOk();
        assertThrows(IllegalStateException.class, () -> bench.driver.setUpQueue(1, 16));
        BusDevice nothing = new BusDevice() {
            @Override
            public long read(long offset, int size) {
                return -1;
            }

            @Override
            public void write(long offset, int size, long value) {}
        };
        assertThrows(IllegalStateException.class, () -> new VirtioDriver(nothing, bench.memory, 0).probe());
    }
}
