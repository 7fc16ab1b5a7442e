package io.javisor.devices.virtio.pmem;

import io.javisor.core.bus.BusDevice;
import io.javisor.core.memory.GuestMemory;

/**
 * What answers accesses to a device's memory that are none to memory for the engine: writes, which are dropped and counted, and what an instruction that
 * writes reads before. Any thread.
 *
 * @param startGpa where the memory begins
 */
record PmemWindow(GuestMemory memory, long startGpa, PmemCounters counters) implements BusDevice {
    @Override
    public long read(long offset, int size) {
        long value = 0;
        for (int i = size - 1; i >= 0; i--) {
            value = value << 8 | (memory.getByte(startGpa + offset + i) & 0xFF);
        }
        return value;
    }

    @Override
    public void write(long offset, int size, long value) {
        counters.droppedWrites.getAndIncrement();
    }
}
