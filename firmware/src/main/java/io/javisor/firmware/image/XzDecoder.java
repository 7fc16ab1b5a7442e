package io.javisor.firmware.image;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.tukaani.xz.BasicArrayCache;
import org.tukaani.xz.SingleXZInputStream;

/** One xz stream, with the x86 BCJ filter that scripts/xz_wrap.sh puts before LZMA2; integrity checks are verified. */
final class XzDecoder implements PayloadDecoder {
    /** For the dictionary: 32 MiB in most kernels, 128 MiB in newer ones, and what the decoder needs besides. */
    static final int MEMORY_LIMIT_KIB = 160 << 10;

    @Override
    public long decode(MemorySegment source, MemorySegment target, Deadline deadline) throws IOException {
        SegmentInput input = new SegmentInput(source, deadline);
        long written;
        // A stream may have as many blocks as it likes, each with a dictionary: the blocks share one, or they would
        // take minutes.
        BasicArrayCache dictionaries = new BasicArrayCache();
        try (SingleXZInputStream xz = new SingleXZInputStream(input, MEMORY_LIMIT_KIB, true, dictionaries)) {
            written = SegmentInput.drain(xz, target, deadline);
        }
        input.requireEnd();
        return written;
    }
}
