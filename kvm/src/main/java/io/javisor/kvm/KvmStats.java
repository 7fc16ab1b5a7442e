package io.javisor.kvm;

import io.javisor.core.host.Fd;
import io.javisor.core.host.Libc;
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

/** The statistics that KVM keeps of a VM or a vCPU, readable while the guest runs. */
public final class KvmStats implements AutoCloseable {
    private record Descriptor(String name, int count, int offset) {}

    private final Fd fd;
    private final int dataOffset;
    private final List<Descriptor> descriptors;

    private KvmStats(Fd fd) {
        this.fd = fd;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = read(arena, 0, KvmStatsHeaderLayout.SIZE);
            this.dataOffset = KvmStatsHeaderLayout.dataOffset(header);
            this.descriptors = descriptors(arena, header);
        }
    }

    // KVM api.rst §4.133
    static KvmStats open(Fd owner) {
        int result = Ioctl.call(owner, "KVM_GET_STATS_FD", KvmIoctl.KVM_GET_STATS_FD, 0);
        Fd fd = Fd.own(owner.name() + " statistics", result);
        try {
            return new KvmStats(fd);
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
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
                    KvmStatsDescLayout.offset(block, at)));
        }
        return List.copyOf(list);
    }

    /** Reads all values now, by name in KVM's order: one value each, or one a bucket of a histogram. */
    public Map<String, long[]> read() {
        Map<String, long[]> values = new LinkedHashMap<>();
        try (Arena arena = Arena.ofConfined()) {
            long size = 0;
            for (Descriptor descriptor : descriptors) {
                size = Math.max(size, descriptor.offset + (long) descriptor.count * Long.BYTES);
            }
            MemorySegment data = read(arena, dataOffset, size);
            for (Descriptor descriptor : descriptors) {
                values.put(
                        descriptor.name,
                        data.asSlice(descriptor.offset, (long) descriptor.count * Long.BYTES)
                                .toArray(ValueLayout.JAVA_LONG));
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
