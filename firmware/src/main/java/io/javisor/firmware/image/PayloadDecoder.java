package io.javisor.firmware.image;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Decompresses one format from memory to memory. Stateless. */
interface PayloadDecoder {
    /**
     * Decompresses all of {@code source} to the start of {@code target}, and writes nowhere else.
     *
     * @param source the compressed data and nothing behind it
     * @param target has room for what the payload declares
     * @param deadline checked at least once for each few MiB of either
     * @return bytes written
     * @throws IOException if the data is damaged, takes too long, is truncated, followed by something else, or more than {@code target} holds. The
     *     libraries' decoders throw runtime exceptions too
     */
    long decode(MemorySegment source, MemorySegment target, Deadline deadline) throws IOException;
}
