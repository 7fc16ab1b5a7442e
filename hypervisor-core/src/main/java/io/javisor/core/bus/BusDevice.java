package io.javisor.core.bus;

import java.lang.foreign.MemorySegment;

/**
 * What answers accesses to a range of ports or of device memory.
 *
 * <p>Called on vCPU threads, several at a time: an implementation guards its own state, holds no lock while it calls out, never
 * blocks, never throws for anything that a guest does, and allocates nothing.
 */
public interface BusDevice {
    /**
     * The guest reads.
     *
     * @param offset bytes from the start of the device's range
     * @param size width in bytes: 1, 2 or 4 for ports; 1 to 8 for memory. {@code offset + size} stays in the range
     * @return the value, zero-extended; bits above {@code size} bytes are ignored
     */
    long read(long offset, int size);

    /**
     * The guest writes.
     *
     * @param offset bytes from the start of the device's range
     * @param size as for {@link #read}
     * @param value the value, zero-extended
     */
    void write(long offset, int size, long value);

    /**
     * A string input ({@code rep insb} and its like): {@code count} reads of the same offset. Override where one call can do what
     * {@code count} would.
     *
     * @param data where the values go, little-endian, one after the other, from {@code dataOffset}
     */
    default void readString(long offset, int size, MemorySegment data, long dataOffset, int count) {
        for (int i = 0; i < count; i++) {
            LittleEndian.put(data, dataOffset + (long) i * size, size, read(offset, size));
        }
    }

    /**
     * A string output ({@code rep outsb} and its like): {@code count} writes to the same offset.
     *
     * @param data the values, little-endian, one after the other, from {@code dataOffset}; valid during the call only
     */
    default void writeString(long offset, int size, MemorySegment data, long dataOffset, int count) {
        for (int i = 0; i < count; i++) {
            write(offset, size, LittleEndian.get(data, dataOffset + (long) i * size, size));
        }
    }
}
