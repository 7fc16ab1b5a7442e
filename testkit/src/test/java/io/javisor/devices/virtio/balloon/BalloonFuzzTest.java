package io.javisor.devices.virtio.balloon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.virtio.PulseLine;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.mmio.VirtioMmioTransport;
import io.javisor.testkit.FakeTime;
import io.javisor.testkit.FuzzBytes;
import io.javisor.testkit.driver.DriverQueue;
import io.javisor.testkit.driver.VirtioDriver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Requests of any shape in any queue. Whatever comes: each comes back once, but for one buffer of statistics; the rest of memory beside the pages that were
 * named keeps its contents; no more goes back to the host than was named; timers are returned.
 */
class BalloonFuzzTest {
    private static final int SIZE = 1 << 18;
    /** Rings and lists, which are not to be given away here. */
    private static final int OWN = 0x2_0000;

    private static final byte USED = 7;
    private static final int MAX_STEPS = 64;

    static Stream<byte[]> seeds() {
        return Stream.of(
                FuzzBytes.of(7, 0, 0, 2, 0x20, 0x21, 1, 0, 1, 0x20),
                FuzzBytes.of(7, 0, 3, 1, 0x22, 2, 4, 0, 2, 1, 9, 4, 200),
                FuzzBytes.of(2, 0, 2, 1, 0x30, 1, 5, 0, 0, 3, 0x20, 0x60, 0x21));
    }

    @MethodSource("seeds")
    @FuzzTest
    void anyRequests(byte[] input) {
        try (Arena arena = Arena.ofConfined()) {
            run(arena, new FuzzBytes(input));
        }
    }

    private static void run(Arena arena, FuzzBytes source) {
        MemorySegment ram = arena.allocate(SIZE, 4096);
        GuestMemory memory = new GuestMemory(List.of(new GuestMemory.Region(0, ram)));
        FakeTime time = new FakeTime(0);
        int choice = source.u8();
        BalloonSettings settings = new BalloonSettings(16, (choice & 1) != 0, (choice & 2) != 0, (choice & 4) != 0);
        BalloonDevice device = new BalloonDevice("balloon0", settings, 1, time, new BalloonCounters());
        VirtioMmioTransport transport = new VirtioMmioTransport(
                device, memory, Runnable::run, new PulseLine(), new VirtioCounters(device.queueCount()), 0);
        VirtioDriver driver = new VirtioDriver(transport, memory, 0x1000);
        long _ = driver.initialize(VirtioDriver.RING_FEATURES | device.features());
        List<DriverQueue> queues = new ArrayList<>();
        for (int i = 0; i < device.queueCount(); i++) {
            queues.add(driver.setUpQueue(i, 16));
        }
        driver.driverOk();
        ram.asSlice(OWN).fill(USED);
        Set<Integer> named = new HashSet<>();
        int sent = 0;
        int back = 0;
        for (int step = 0; step < MAX_STEPS && source.more(); step++) {
            switch (source.u8() % 6) {
                case 0, 1, 2, 3 -> {
                    DriverQueue queue = queues.get(source.u8() % queues.size());
                    queue.begin();
                    int pieces = source.u8() % 4;
                    long listGpa = 0x1_8000;
                    for (int i = 0; i < pieces; i++) {
                        int page = source.u8() % (SIZE >> 12);
                        memory.putInt(listGpa + 4L * i, page);
                        named.add(page);
                    }
                    if (pieces > 0 && queue.index() < 2) {
                        queue.readable(listGpa, 4 * pieces);
                    }
                    if (queue.index() >= 2 || source.u8() % 8 == 0) {
                        int page = Math.max(OWN >> 12, source.u8() % (SIZE >> 12));
                        named.add(page);
                        queue.writable((long) page << 12, source.u8() * 32 % 4097);
                    }
                    if (queue.freeDescriptors() > 0 && queue.commit() >= 0) {
                        sent++;
                        boolean _ = queue.kick();
                    }
                }
                case 4 -> time.advance(source.u8() * 10_000_000L);
                default -> device.setTarget(source.u8());
            }
            for (DriverQueue queue : queues) {
                while (queue.poll() >= 0) {
                    back++;
                    assertEquals(0, queue.usedLength());
                }
            }
        }
        assertTrue(back == sent || back == sent - 1, sent + " sent, " + back + " back");
        for (int page = OWN >> 12; page < SIZE >> 12; page++) {
            for (int at = 0; at < 4096; at += 512) {
                byte value = ram.get(ValueLayout.JAVA_BYTE, ((long) page << 12) + at);
                assertTrue(value == USED || (named.contains(page) && value == 0), "page " + page);
            }
        }
        assertTrue(driver.reset());
        device.close();
        assertEquals(0, time.open());
    }
}
