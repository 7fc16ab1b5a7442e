package io.javisor.firmware.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** A file or block device that somebody else opened. */
record ChannelSource(String name, FileChannel channel, long sizeBytes) implements ByteSource {
    /** At most this much in a call, so that a heap buffer gets no large twin off the heap. */
    private static final long SLICE_SIZE = 1 << 20;

    @Override
    public void read(long offset, MemorySegment target) {
        require(offset, target.byteSize());
        long done = 0;
        while (done < target.byteSize()) {
            ByteBuffer slice = target.asSlice(done, Math.min(SLICE_SIZE, target.byteSize() - done))
                    .asByteBuffer();
            int count;
            try {
                count = channel.read(slice, offset + done);
            } catch (IOException e) {
                throw problem("%d bytes at %d can't be read: %s".formatted(slice.remaining(), offset + done, e));
            }
            if (count <= 0) {
                throw problem("it ends at byte %d, though it had %d bytes when it was opened"
                        .formatted(offset + done, sizeBytes));
            }
            done += count;
        }
    }
}
