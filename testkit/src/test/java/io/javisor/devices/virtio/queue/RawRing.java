package io.javisor.devices.virtio.queue;

import static io.javisor.devices.virtio.queue.SplitRingLayout.VIRTQ_DESC_F_NEXT;
import static io.javisor.devices.virtio.queue.SplitRingLayout.VIRTQ_DESC_F_WRITE;

import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.virtio.VirtioFeature;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/** A split ring whose every byte a test writes as it likes, and the queue over it. */
final class RawRing {
    static final long MEMORY_SIZE = 1 << 20;
    static final long DESCRIPTORS = 0x1000;
    static final long DATA = 0x8_0000;

    /** Flags of a descriptor. */
    static final int N = VIRTQ_DESC_F_NEXT;

    static final int W = VIRTQ_DESC_F_WRITE;

    final GuestMemory memory;
    final QueueConfig config;
    final QueueCounters counters = new QueueCounters();
    final List<QueueFault> faults = new ArrayList<>();
    final SplitVirtqueue queue;
    final DescriptorChain chain;
    private int published;

    RawRing(int size, int... features) {
        this(size, 0x2_0000, features);
    }

    RawRing(int size, long availableGpa, int... features) {
        memory =
                new GuestMemory(List.of(new GuestMemory.Region(0, Arena.ofAuto().allocate(MEMORY_SIZE, 4096))));
        config = new QueueConfig(size, DESCRIPTORS, availableGpa, 0x4_0000);
        queue = new SplitVirtqueue(memory, config, mask(features), TurnAllowance.UNLIMITED, faults::add, counters);
        chain = new DescriptorChain(size);
    }

    static long mask(int... features) {
        long mask = VirtioFeature.mask(VirtioFeature.VIRTIO_F_VERSION_1);
        for (int feature : features) {
            mask |= VirtioFeature.mask(feature);
        }
        return mask;
    }

    void descriptor(int index, long gpa, int length, int flags, int next) {
        descriptorAt(DESCRIPTORS + 16L * index, gpa, length, flags, next);
    }

    void descriptorAt(long at, long gpa, int length, int flags, int next) {
        memory.putLong(at, gpa);
        memory.putInt(at + 8, length);
        memory.putShort(at + 12, (short) flags);
        memory.putShort(at + 14, (short) next);
    }

    /** A loop of descriptors, or a chain: each goes on to the next one, modulo the size. */
    void linkAll(int count) {
        for (int i = 0; i < count; i++) {
            descriptor(i, DATA, 16, N, (i + 1) % config.size());
        }
    }

    void publish(int head) {
        memory.putShort(config.driverGpa() + 4 + 2L * (published % config.size()), (short) head);
        published = (published + 1) & 0xFFFF;
        memory.putShortRelease(config.driverGpa() + 2, (short) published);
    }

    void availableIndex(int index) {
        memory.putShort(config.driverGpa() + 2, (short) index);
    }

    void availableFlags(int flags) {
        memory.putShort(config.driverGpa(), (short) flags);
    }

    void usedEvent(int index) {
        memory.putShort(config.driverGpa() + SplitRingLayout.usedEventOffset(config.size()), (short) index);
    }

    int availEvent() {
        return Short.toUnsignedInt(
                memory.getShort(config.deviceGpa() + SplitRingLayout.availEventOffset(config.size())));
    }

    int usedFlags() {
        return Short.toUnsignedInt(memory.getShort(config.deviceGpa()));
    }

    int usedIndex() {
        return Short.toUnsignedInt(memory.getShort(config.deviceGpa() + 2));
    }

    int usedId(int entry) {
        return memory.getInt(config.deviceGpa() + 4 + 8L * (entry % config.size()));
    }

    int usedLength(int entry) {
        return memory.getInt(config.deviceGpa() + 8 + 8L * (entry % config.size()));
    }
}
