package io.javisor.firmware.image;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.tukaani.xz.LZMAInputStream;

/**
 * The "alone" format: a 13-byte header (properties, dictionary size, size or -1), then raw LZMA. {@code lzma} writes -1 and an end marker
 * when it reads a pipe, as it does in the kernel's build. It has no checksum.
 */
final class LzmaDecoder implements PayloadDecoder {
    private static final int HEADER_SIZE = 13;
    private static final int DICTIONARY_SIZE_OFFSET = 1;
    private static final int SIZE_OFFSET = 5;
    private static final long SIZE_UNKNOWN = -1;
    private static final int DICTIONARY_SIZE_MIN = 4096;

    /** It is on the heap. {@code lzma -9} has 64 MiB. */
    private static final long DICTIONARY_SIZE_MAX = 128 << 20;

    @Override
    public long decode(MemorySegment source, MemorySegment target, Deadline deadline) throws IOException {
        if (source.byteSize() < HEADER_SIZE) {
            throw new IOException("truncated");
        }
        byte properties = source.get(ValueLayout.JAVA_BYTE, 0);
        long dictionarySize =
                Integer.toUnsignedLong(source.get(ValueLayout.JAVA_INT_UNALIGNED, DICTIONARY_SIZE_OFFSET));
        long size = source.get(ValueLayout.JAVA_LONG_UNALIGNED, SIZE_OFFSET);
        if (size != SIZE_UNKNOWN && size != target.byteSize()) {
            throw new IOException("its header says %s bytes, its trailer %d"
                    .formatted(Long.toUnsignedString(size), target.byteSize()));
        }
        // No match reaches back before the start, so a dictionary larger than the result is only memory.
        long window = Math.min(dictionarySize, Math.max(DICTIONARY_SIZE_MIN, target.byteSize()));
        if (window > DICTIONARY_SIZE_MAX) {
            throw new IOException("it needs a dictionary of %d MiB; 128 MiB are the most".formatted(window >> 20));
        }
        SegmentInput input = new SegmentInput(source.asSlice(HEADER_SIZE), deadline);
        long written;
        try (LZMAInputStream lzma = new LZMAInputStream(input, size, properties, (int) window)) {
            lzma.enableRelaxedEndCondition();
            written = SegmentInput.drain(lzma, target, deadline);
        }
        input.requireEnd();
        return written;
    }
}
