package io.javisor.benchmarks;

import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.memory.MemoryBackingConfig;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Walks a chain of 16-byte descriptors (address, length, flags, next: virtio 1.2 §2.7.5) through a table in guest memory. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class GuestMemoryBenchmark {
    private static final int COUNT = 256;
    private static final int STEP = 37; // odd, so the chain goes through the whole table
    private static final int DESCRIPTOR_SIZE = 16;
    private static final long LOW_SIZE = 4 << 20;
    private static final long HIGH_GPA = 1L << 32;
    private static final long TABLE_OFFSET = 0x1_0000;
    private static final long TABLE_GPA = HIGH_GPA + TABLE_OFFSET;

    // Two regions, as a machine with a hole below 4 GiB has; the table lies in the second one.
    private final GuestMemory memory = GuestMemory.allocate(
            List.of(new GpaRange(0, LOW_SIZE), new GpaRange(HIGH_GPA, LOW_SIZE)), MemoryBackingConfig.DEFAULT);
    private final MemorySegment raw = memory.regions().get(1).segment();

    /** Fills the table. */
    @Setup
    public void fill() {
        for (int i = 0; i < COUNT; i++) {
            long at = TABLE_GPA + (long) i * DESCRIPTOR_SIZE;
            memory.putLong(at, 0x1000L * i);
            memory.putInt(at + 8, 512 + i);
            memory.putShort(at + 12, (short) 1);
            memory.putShort(at + 14, (short) ((i + STEP) % COUNT));
        }
    }

    /** Through the checks. */
    @Benchmark
    @OperationsPerInvocation(COUNT)
    public long guestMemory() {
        long sum = 0;
        int next = 0;
        for (int i = 0; i < COUNT; i++) {
            long at = TABLE_GPA + (long) next * DESCRIPTOR_SIZE;
            sum += memory.getLong(at) + memory.getInt(at + 8) + memory.getShort(at + 12);
            next = memory.getShort(at + 14);
        }
        return sum;
    }

    /** The same from the segment. */
    @Benchmark
    @OperationsPerInvocation(COUNT)
    public long rawSegment() {
        long sum = 0;
        int next = 0;
        for (int i = 0; i < COUNT; i++) {
            long at = TABLE_OFFSET + (long) next * DESCRIPTOR_SIZE;
            sum += raw.get(ValueLayout.JAVA_LONG_UNALIGNED, at)
                    + raw.get(ValueLayout.JAVA_INT_UNALIGNED, at + 8)
                    + raw.get(ValueLayout.JAVA_SHORT_UNALIGNED, at + 12);
            next = raw.get(ValueLayout.JAVA_SHORT_UNALIGNED, at + 14);
        }
        return sum;
    }

    @TearDown
    public void close() {
        memory.close();
    }
}
