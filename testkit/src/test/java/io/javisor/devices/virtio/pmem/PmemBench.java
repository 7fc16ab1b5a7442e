package io.javisor.devices.virtio.pmem;

import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.virtio.PulseLine;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.mmio.VirtioMmioTransport;
import io.javisor.testkit.driver.DriverQueue;
import io.javisor.testkit.driver.VirtioDriver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** A device with RAM of 256 KiB and memory of 2 MiB above it, and its driver. */
final class PmemBench {
    static final int RAM_SIZE = 1 << 18;
    static final int DATA_GPA = 0x2_0000;
    static final GpaRange PLACE = new GpaRange(0x1_4000_0000L, 2 << 20);

    final MemorySegment ram;
    final GuestMemory memory;
    final PulseLine line = new PulseLine();
    final VirtioCounters counters = new VirtioCounters(1);
    final PmemCounters own = new PmemCounters();
    final PmemDevice device = new PmemDevice("pmem0", PLACE, own);
    VirtioMmioTransport transport;
    VirtioDriver driver;

    /** @param arena for all of it */
    PmemBench(Arena arena) {
        ram = arena.allocate(RAM_SIZE, 4096);
        MemorySegment content = arena.allocate(PLACE.sizeBytes(), 4096).fill((byte) 0x3C);
        memory = new GuestMemory(
                List.of(new GuestMemory.Region(0, ram)),
                List.of(new GuestMemory.Region(PLACE.startGpa(), content.asReadOnly())));
        transport = newTransport();
        driver = newDriver();
    }

    VirtioMmioTransport newTransport() {
        return new VirtioMmioTransport(device, memory, Runnable::run, line, counters, 0);
    }

    VirtioDriver newDriver() {
        return new VirtioDriver(transport, memory, 0x1000);
    }

    DriverQueue start() {
        long _ = driver.initialize(VirtioDriver.RING_FEATURES);
        DriverQueue queue = driver.setUpQueue(0, 64, 8);
        driver.driverOk();
        return queue;
    }

    /** A request of a type, as Linux makes it; its head. */
    int ask(DriverQueue queue, int type) {
        memory.putInt(DATA_GPA, type);
        memory.putInt(DATA_GPA + 8, 0x5555_5555);
        queue.begin();
        queue.readable(DATA_GPA, 4);
        queue.writable(DATA_GPA + 8, 4);
        int head = queue.commit();
        boolean _ = queue.kick();
        return head;
    }

    int answer() {
        return memory.getInt(DATA_GPA + 8);
    }
}
