package io.javisor.devices.virtio;

import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.virtio.mmio.VirtioMmioTransport;
import io.javisor.testkit.driver.DriverQueue;
import io.javisor.testkit.driver.VirtioDriver;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Executor;

/** A device, its transport, memory and a driver: what most tests start from. */
public final class EchoBench {
    public static final long DRIVER_GPA = 0x1_0000;
    public static final long MEMORY_SIZE = 1 << 20;

    public final GuestMemory memory;
    public final EchoDevice device;
    public final PulseLine line = new PulseLine();
    public final VirtioCounters counters;
    public final VirtioMmioTransport transport;
    public final VirtioDriver driver;

    public EchoBench() {
        this(Runnable::run);
    }

    public EchoBench(Executor loop) {
        this(
                loop,
                0,
                new GuestMemory(List.of(new GuestMemory.Region(0, Arena.ofAuto().allocate(MEMORY_SIZE, 4096)))));
    }

    public EchoBench(Executor loop, long resetWaitNanos, GuestMemory memory) {
        this.memory = memory;
        device = new EchoDevice(2, 256);
        counters = new VirtioCounters(2);
        transport = new VirtioMmioTransport(device, memory, loop, line, counters, resetWaitNanos);
        driver = new VirtioDriver(transport, memory, DRIVER_GPA);
    }

    /** Brings the device up with a queue of 16 that can have indirect tables of 8. */
    public DriverQueue start(long features) {
        long _ = driver.initialize(features);
        DriverQueue queue = driver.setUpQueue(0, 16, 8);
        driver.driverOk();
        return queue;
    }

    /** Sends a string and returns the chain's head. */
    public int send(DriverQueue queue, String text, long replyGpa) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        long gpa = driver.allocate(bytes.length, 1);
        memory.copyIn(bytes, 0, gpa, bytes.length);
        queue.begin();
        queue.readable(gpa, bytes.length);
        queue.writable(replyGpa, 64);
        int head = queue.commit();
        queue.kick();
        return head;
    }

    public String text(long gpa, int length) {
        byte[] bytes = new byte[length];
        memory.copyOut(gpa, bytes, 0, length);
        return new String(bytes, StandardCharsets.US_ASCII);
    }
}
