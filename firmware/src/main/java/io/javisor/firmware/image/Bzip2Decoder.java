package io.javisor.firmware.image;

import io.airlift.compress.v3.bzip2.BZip2HadoopStreams;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;

/** A bzip2 file; checksums of the blocks and of the whole are verified. */
final class Bzip2Decoder implements PayloadDecoder {
    @Override
    public long decode(MemorySegment source, MemorySegment target, Deadline deadline) throws IOException {
        SegmentInput input = new SegmentInput(source, deadline);
        long written;
        try (InputStream bzip2 = new BZip2HadoopStreams().createInputStream(input)) {
            written = SegmentInput.drain(bzip2, target, deadline);
        }
        input.requireEnd();
        return written;
    }
}
