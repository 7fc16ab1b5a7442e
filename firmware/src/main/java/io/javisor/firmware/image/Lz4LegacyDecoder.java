package io.javisor.firmware.image;

import io.airlift.compress.v3.lz4.Lz4JavaDecompressor;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The legacy frame (lz4_Frame_format.md, "Legacy frame"): a magic number, then blocks with a 32-bit length before each, to the end of the
 * file. Every block but the last decompresses to 8 MiB; there are no checksums. {@code lz4 -l} may start a new frame in between.
 *
 * <p>The blocks are decoded by the library's Java code: its native one is no quicker, and costs 60 ms to load (docs/decisions/0006).
 */
final class Lz4LegacyDecoder implements PayloadDecoder {
    private static final int MAGIC = 0x184C2102;
    private static final long BLOCK_SIZE = 8 << 20;

    /** LZ4_compressBound: what an incompressible block grows to. */
    private static final long COMPRESSED_BLOCK_LIMIT = BLOCK_SIZE + BLOCK_SIZE / 255 + 16;

    @Override
    public long decode(MemorySegment source, MemorySegment target, Deadline deadline) throws IOException {
        Lz4JavaDecompressor decompressor = new Lz4JavaDecompressor();
        long offset = 0;
        long written = 0;
        while (offset < source.byteSize()) {
            int length = u32(source, offset);
            offset += 4;
            deadline.check();
            if (length == MAGIC) {
                continue;
            }
            if (length <= 0 || length > COMPRESSED_BLOCK_LIMIT) {
                throw new IOException("damaged data: a block of %d bytes".formatted(Integer.toUnsignedLong(length)));
            }
            if (length > source.byteSize() - offset) {
                throw new EOFException("truncated: a block of %d bytes, but %d are left"
                        .formatted(length, source.byteSize() - offset));
            }
            long room = Math.min(BLOCK_SIZE, target.byteSize() - written);
            if (room == 0) {
                throw SegmentInput.tooLong(target);
            }
            try {
                written += decompressor.decompress(source.asSlice(offset, length), target.asSlice(written, room));
            } catch (RuntimeException e) {
                // Overrun of the target is not told apart from damage.
                throw new IOException(
                        room < BLOCK_SIZE
                                ? "damaged data, or more than the %d bytes that it declares"
                                        .formatted(target.byteSize())
                                : "damaged data",
                        e);
            }
            offset += length;
        }
        return written;
    }

    private static int u32(MemorySegment source, long offset) throws IOException {
        if (source.byteSize() - offset < 4) {
            throw new EOFException("truncated: %d bytes are no block".formatted(source.byteSize() - offset));
        }
        return source.get(ValueLayout.JAVA_INT_UNALIGNED, offset);
    }
}
