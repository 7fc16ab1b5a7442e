package io.javisor.firmware.disk;

import java.lang.foreign.MemorySegment;

/** An image in memory. */
record SegmentSource(String name, MemorySegment bytes) implements ByteSource {
    @Override
    public long sizeBytes() {
        return bytes.byteSize();
    }

    @Override
    public void read(long offset, MemorySegment target) {
        require(offset, target.byteSize());
        MemorySegment.copy(bytes, offset, target, 0, target.byteSize());
    }
}
