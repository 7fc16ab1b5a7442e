package io.javisor.kvm;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.Libc;
import io.javisor.kvm.abi.KvmConstants;
import io.javisor.kvm.abi.KvmIoctl;
import io.javisor.kvm.abi.KvmStatsDescLayout;
import io.javisor.kvm.abi.KvmStatsHeaderLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The statistics that KVM keeps of a VM or a vCPU. Opened while no vCPU runs, for KVM would wait for it; then any thread may read them at any
 * time. What there is of them is looked at with the first reading.
 */
public final class KvmStats implements AutoCloseable {
    private record Descriptor(String name, int count, int offset, boolean cumulative) {}

    private record Contents(int dataOffset, List<Descriptor> descriptors) {}

    private final Fd fd;
    private @Nullable Contents contents; // guarded by this

    private KvmStats(Fd fd) {
        this.fd = fd;
    }

    // KVM api.rst §4.133
    static KvmStats open(Fd owner) {
        int result = Ioctl.call(owner, "KVM_GET_STATS_FD", KvmIoctl.KVM_GET_STATS_FD, 0);
        return new KvmStats(Fd.own(owner.name() + " statistics", result));
    }

    /** Whether a refusal to open them with this error number means that KVM has none: before Linux 5.14. */
    static boolean isUnknown(int errno) {
        return errno == Errno.ENOTTY || errno == Errno.EINVAL;
    }

    private synchronized Contents contents() {
        Contents present = contents;
        if (present == null) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment header = read(arena, 0, KvmStatsHeaderLayout.SIZE);
                present = new Contents(KvmStatsHeaderLayout.dataOffset(header), descriptors(arena, header));
            }
            contents = present;
        }
        return present;
    }

    private List<Descriptor> descriptors(Arena arena, MemorySegment header) {
        int count = KvmStatsHeaderLayout.numDesc(header);
        int size = KvmStatsDescLayout.SIZE + KvmStatsHeaderLayout.nameSize(header);
        MemorySegment block = read(arena, KvmStatsHeaderLayout.descOffset(header), (long) count * size);
        List<Descriptor> list = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            long at = (long) i * size;
            list.add(new Descriptor(
                    block.getString(at + KvmStatsDescLayout.NAME_OFFSET),
                    KvmStatsDescLayout.size(block, at),
                    KvmStatsDescLayout.offset(block, at),
                    (KvmStatsDescLayout.flags(block, at) & KvmConstants.KVM_STATS_TYPE_MASK)
                            == KvmConstants.KVM_STATS_TYPE_CUMULATIVE));
        }
        return List.copyOf(list);
    }

    /** Reads all values now, by name in KVM's order: one value each, or one a bucket of a histogram. */
    public Map<String, long[]> read() {
        return read(_ -> true);
    }

    /** Reads the values that only grow now, by name in KVM's order. */
    public Map<String, Long> counters() {
        Map<String, Long> counters = new LinkedHashMap<>();
        read(descriptor -> descriptor.cumulative && descriptor.count == 1)
                .forEach((name, values) -> counters.put(name, values[0]));
        return counters;
    }

    private Map<String, long[]> read(Predicate<Descriptor> wanted) {
        Contents present = contents();
        Map<String, long[]> values = new LinkedHashMap<>();
        try (Arena arena = Arena.ofConfined()) {
            long size = 0;
            for (Descriptor descriptor : present.descriptors) {
                size = Math.max(size, descriptor.offset + (long) descriptor.count * Long.BYTES);
            }
            MemorySegment data = read(arena, present.dataOffset, size);
            for (Descriptor descriptor : present.descriptors) {
                if (wanted.test(descriptor)) {
                    values.put(
                            descriptor.name,
                            data.asSlice(descriptor.offset, (long) descriptor.count * Long.BYTES)
                                    .toArray(ValueLayout.JAVA_LONG));
                }
            }
        }
        return values;
    }

    private MemorySegment read(Arena arena, long offset, long size) {
        MemorySegment buffer = arena.allocate(Math.max(size, 1), Long.BYTES);
        long done = 0;
        while (done < size) {
            long count = Libc.check(
                    "read(" + fd.name() + ", offset=" + (offset + done) + ")",
                    Libc.pread(fd.value(), buffer.address() + done, size - done, offset + done));
            if (count == 0) {
                throw new IllegalStateException(fd.name() + " ends at " + (offset + done));
            }
            done += count;
        }
        return buffer;
    }

    @Override
    public void close() {
        fd.close();
    }
}
