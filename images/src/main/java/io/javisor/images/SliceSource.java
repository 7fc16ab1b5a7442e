package io.javisor.images;

import java.lang.foreign.MemorySegment;

/** A part of another source, which has it all. */
record SliceSource(String name, ByteSource whole, long offset, long sizeBytes) implements ByteSource {
    @Override
    public void read(long from, MemorySegment target) {
        require(from, target.byteSize());
        whole.read(offset + from, target);
    }
}
