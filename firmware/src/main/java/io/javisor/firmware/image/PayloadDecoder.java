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
     * @return bytes written
     * @throws IOException if the data is damaged, truncated, followed by something else, or more than {@code target} holds. The
     *     libraries' decoders throw runtime exceptions too
     */
    long decode(MemorySegment source, MemorySegment target) throws IOException;
}
