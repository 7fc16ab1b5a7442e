package io.javisor.benchmarks;

import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.memory.MemoryBackingConfig;
import io.javisor.devices.virtio.VirtioFeature;
import io.javisor.devices.virtio.queue.DescriptorChain;
import io.javisor.devices.virtio.queue.QueueConfig;
import io.javisor.devices.virtio.queue.QueueCounters;
import io.javisor.devices.virtio.queue.SplitRingLayout;
import io.javisor.devices.virtio.queue.SplitVirtqueue;
import io.javisor.devices.virtio.queue.TurnAllowance;
import io.javisor.testkit.driver.VirtioDriver;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A device's side of a split queue: takes every chain of a full ring, looks at each piece, completes it, asks whether to notify. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class QueueBenchmark {
    private static final int SIZE = 256;
    private static final long MEMORY_SIZE = 4 << 20;
    private static final long RING_GPA = 0x1000;
    private static final long AVAILABLE_GPA = 0x4000;
    private static final long USED_GPA = 0x8000;
    private static final long TABLES_GPA = 0x1_0000;
    private static final long DATA_GPA = 0x10_0000;
    private static final int PIECE_SIZE = 512;
    private static final int NEXT = SplitRingLayout.VIRTQ_DESC_F_NEXT;
    private static final int INDIRECT = SplitRingLayout.VIRTQ_DESC_F_INDIRECT;

    /** How many descriptors a chain has, and where they are. */
    @Param({"1", "4", "4-indirect"})
    public String chain = "";

    private final GuestMemory memory =
            GuestMemory.allocate(List.of(new GpaRange(0, MEMORY_SIZE)), MemoryBackingConfig.DEFAULT);
    private final SplitVirtqueue queue = new SplitVirtqueue(
            memory,
            new QueueConfig(SIZE, RING_GPA, AVAILABLE_GPA, USED_GPA),
            VirtioDriver.RING_FEATURES | VirtioFeature.mask(VirtioFeature.VIRTIO_F_VERSION_1),
            TurnAllowance.UNLIMITED,
            _ -> {
                throw new IllegalStateException("the queue broke");
            },
            new QueueCounters());
    private final DescriptorChain taken = new DescriptorChain(SIZE);
    private int length;
    private int published;

    /** Fills descriptors and the available ring, which stay as they are. */
    @Setup
    public void fill() {
        length = chain.charAt(0) - '0';
        boolean indirect = chain.length() > 1;
        int chains = SIZE / length;
        for (int i = 0; i < chains; i++) {
            long table = indirect ? TABLES_GPA + 16L * length * i : RING_GPA + 16L * length * i;
            int base = indirect ? 0 : length * i;
            for (int piece = 0; piece < length; piece++) {
                boolean last = piece == length - 1;
                put(
                        table + 16L * piece,
                        DATA_GPA + (long) PIECE_SIZE * (length * i + piece),
                        PIECE_SIZE,
                        last ? 0 : NEXT,
                        base + piece + 1);
            }
            if (indirect) {
                put(RING_GPA + 16L * length * i, table, 16 * length, INDIRECT, 0);
            }
        }
        for (int slot = 0; slot < SIZE; slot++) {
            memory.putShort(AVAILABLE_GPA + 4 + 2L * slot, (short) (slot % chains * length));
        }
    }

    private void put(long at, long gpa, int size, int flags, int next) {
        memory.putLong(at, gpa);
        memory.putInt(at + 8, size);
        memory.putShort(at + 12, (short) flags);
        memory.putShort(at + 14, (short) next);
    }

    /** The time is a descriptor's, those in tables counted. */
    @Benchmark
    @OperationsPerInvocation(SIZE)
    public long walk() {
        published = (published + SIZE / length) & 0xFFFF;
        memory.putShortRelease(AVAILABLE_GPA + 2, (short) published);
        long sum = 0;
        queue.disableDoorbell();
        do {
            while (queue.take(taken)) {
                for (int piece = 0; piece < taken.pieceCount(); piece++) {
                    sum += taken.gpa(piece) + taken.lengthBytes(piece);
                }
                queue.complete(taken.token(), 0);
            }
        } while (queue.enableDoorbell());
        return queue.needsNotification() ? sum : -sum;
    }

    @TearDown
    public void close() {
        memory.close();
    }
}
