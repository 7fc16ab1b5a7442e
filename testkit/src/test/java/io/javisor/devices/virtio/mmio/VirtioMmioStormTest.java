package io.javisor.devices.virtio.mmio;

import static io.javisor.devices.virtio.mmio.VirtioMmioRegisters.VIRTIO_MMIO_QUEUE_NOTIFY;
import static io.javisor.devices.virtio.mmio.VirtioMmioRegisters.VIRTIO_MMIO_STATUS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.event.EventLoop;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.virtio.EchoBench;
import io.javisor.devices.virtio.VirtioFeature;
import io.javisor.testkit.driver.DriverQueue;
import io.javisor.testkit.driver.VirtioDriver;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A guest whose CPUs all drive one device at once, against every rule: it harms itself alone. */
class VirtioMmioStormTest {
    private static final int CPUS = 4;
    private static final int ROUNDS = 3000;

    @Test
    @Timeout(60)
    void cpusThatResetAndRingAndRewriteAtOnceHarmNobodyElse() throws InterruptedException {
        try (EventLoop loop = EventLoop.start("test/io-loop")) {
            GuestMemory memory = new GuestMemory(
                    List.of(new GuestMemory.Region(0, Arena.ofAuto().allocate(EchoBench.MEMORY_SIZE, 4096))));
            EchoBench bench = new EchoBench(loop, TimeUnit.SECONDS.toNanos(30), memory);
            AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
            List<Thread> cpus = new ArrayList<>();
            for (int i = 0; i < CPUS; i++) {
                Random random = new Random(i);
                cpus.add(Thread.ofPlatform().start(() -> {
                    try {
                        misbehave(bench, random);
                    } catch (Throwable e) {
                        failure.set(e);
                    }
                }));
            }
            for (Thread cpu : cpus) {
                cpu.join();
            }
            assertEquals(null, failure.get());
            assertTrue(bench.driver.reset());
            memory.fill(0, EchoBench.MEMORY_SIZE, (byte) 0);
            DriverQueue queue = bench.start(VirtioDriver.RING_FEATURES);
            int head = bench.send(queue, "alive", 0x8000);
            int used = queue.poll();
            while (used < 0) {
                Thread.onSpinWait();
                used = queue.poll();
            }
            assertEquals(head, used);
            assertEquals("alive", bench.text(0x8000, 5));
            assertEquals(0, loop.failureCount());
            assertEquals(0, bench.counters.slowResets());
        }
    }

    private static void misbehave(EchoBench bench, Random random) {
        VirtioDriver driver = new VirtioDriver(bench.transport, bench.memory, EchoBench.DRIVER_GPA);
        for (int i = 0; i < ROUNDS; i++) {
            switch (random.nextInt(8)) {
                case 0 -> driver.write32(VIRTIO_MMIO_STATUS, 0);
                case 1 -> {
                    driver.write32(VIRTIO_MMIO_STATUS, 3);
                    driver.writeFeatures(VirtioFeature.mask(VirtioFeature.VIRTIO_F_VERSION_1) | 1L << 40);
                    driver.write32(VIRTIO_MMIO_STATUS, 11);
                }
                case 2 -> {
                    driver.writeQueue(
                            random.nextInt(3),
                            new io.javisor.devices.virtio.queue.QueueConfig(
                                    1 << random.nextInt(6), 0x2000, 0x3000, 0x4000));
                    driver.write32(VirtioMmioRegisters.VIRTIO_MMIO_QUEUE_READY, 1);
                }
                case 3 -> driver.write32(VIRTIO_MMIO_STATUS, 15);
                case 4 -> driver.write32(VIRTIO_MMIO_QUEUE_NOTIFY, random.nextInt(3));
                case 5 -> driver.write32(4 * random.nextInt(64), random.nextInt());
                case 6 -> bench.memory.putInt(0x2000 + 4L * random.nextInt(0x900), random.nextInt(20));
                default -> {
                    boolean _ = driver.resetQueue(random.nextInt(2));
                }
            }
        }
    }
}
