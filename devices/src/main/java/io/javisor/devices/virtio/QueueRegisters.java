package io.javisor.devices.virtio;

import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.virtio.queue.QueueConfig;
import io.javisor.devices.virtio.queue.QueueState;
import io.javisor.devices.virtio.queue.SplitRingLayout;
import org.jspecify.annotations.Nullable;

/** What a driver has set of one queue. Guarded by its function's lock. */
final class QueueRegisters {
    private static final int DESCRIPTOR_ALIGNMENT_MASK = 15; // virtio 1.2 §2.7, table
    private static final int AVAILABLE_ALIGNMENT_MASK = 1;
    private static final int USED_ALIGNMENT_MASK = 3;

    final int maxSize;
    int size; // as written, any 32 bits
    private long descriptorGpa;
    private long driverGpa;
    private long deviceGpa;
    boolean ready;
    /** A reset of it is under way. */
    boolean resetting;
    /** Was reset since the device was: may be made ready again. */
    boolean stopped;
    /** Changes with each beginning and end, so that what was handed to the loop for an earlier one is told apart. */
    int generation;

    QueueRegisters(int maxSize) {
        this.maxSize = maxSize;
        clear();
    }

    /** To what they are after a reset. */
    void clear() {
        size = maxSize;
        descriptorGpa = 0;
        driverGpa = 0;
        deviceGpa = 0;
        ready = false;
        resetting = false;
        stopped = false;
        generation++;
    }

    long gpa(QueueArea area) {
        return switch (area) {
            case DESCRIPTOR -> descriptorGpa;
            case DRIVER -> driverGpa;
            case DEVICE -> deviceGpa;
        };
    }

    void setGpa(QueueArea area, long gpa) {
        switch (area) {
            case DESCRIPTOR -> descriptorGpa = gpa;
            case DRIVER -> driverGpa = gpa;
            case DEVICE -> deviceGpa = gpa;
        }
    }

    QueueConfig config() {
        return new QueueConfig(size, descriptorGpa, driverGpa, deviceGpa);
    }

    /** What keeps a split queue of these registers from being made ready, or null. */
    @Nullable
    VirtioFault check(GuestMemory memory, boolean eventIdx) {
        QueueConfig config = config();
        if (size < 1 || size > maxSize || Integer.bitCount(size) != 1) {
            return VirtioFault.BAD_QUEUE_SIZE;
        }
        if ((config.descriptorGpa() & DESCRIPTOR_ALIGNMENT_MASK) != 0
                || (config.driverGpa() & AVAILABLE_ALIGNMENT_MASK) != 0
                || (config.deviceGpa() & USED_ALIGNMENT_MASK) != 0) {
            return VirtioFault.MISALIGNED_QUEUE;
        }
        boolean ram = memory.isRam(config.descriptorGpa(), SplitRingLayout.descriptorTableSize(size))
                && memory.isRam(config.driverGpa(), SplitRingLayout.availableRingSize(size, eventIdx))
                && memory.isRam(config.deviceGpa(), SplitRingLayout.usedRingSize(size, eventIdx));
        return ram ? null : VirtioFault.QUEUE_NOT_RAM;
    }

    /** Saved while its device or it is reset, it is as after that. */
    QueueRegistersState save(boolean deviceResetting, @Nullable QueueState ring) {
        return deviceResetting || resetting
                ? new QueueRegistersState(maxSize, 0, 0, 0, false, !deviceResetting, null)
                : new QueueRegistersState(size, descriptorGpa, driverGpa, deviceGpa, ready, stopped, ring);
    }

    void restore(QueueRegistersState state) {
        size = state.size();
        descriptorGpa = state.descriptorGpa();
        driverGpa = state.driverGpa();
        deviceGpa = state.deviceGpa();
        ready = state.ready();
        stopped = state.stopped();
    }
}
