package io.javisor.images.ext4;

import io.javisor.images.ByteSource;
import java.lang.foreign.MemorySegment;

/** The content of a file that lies in blocks; holes read as zeros. */
record MappedContent(String name, Blocks blocks, BlockMap map, long sizeBytes) implements ByteSource {
    @Override
    public void read(long offset, MemorySegment target) {
        require(offset, target.byteSize());
        long done = 0;
        while (done < target.byteSize()) {
            long at = offset + done;
            long inBlock = at % blocks.size();
            BlockMap.Run run = map.run(at / blocks.size());
            long length = Math.min(run.count() * blocks.size() - inBlock, target.byteSize() - done);
            MemorySegment part = target.asSlice(done, length);
            if (run.hole()) {
                part.fill((byte) 0);
            } else {
                blocks.read(run.physical(), run.count(), inBlock, part);
            }
            done += length;
        }
    }
}
