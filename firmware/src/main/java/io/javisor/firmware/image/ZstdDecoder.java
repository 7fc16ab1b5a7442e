package io.javisor.firmware.image;

import io.airlift.compress.v3.zstd.ZstdJavaDecompressor;
import io.airlift.compress.v3.zstd.ZstdNativeDecompressor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * A zstd frame. {@code zstd -22 --ultra} of a pipe says a window of 128 MiB, which the library's Java decoder refuses above 8 MiB; its native
 * one decompresses from memory to memory, where the window needs no memory of its own. The Java decoder is for hosts where native code can't be
 * loaded.
 */
final class ZstdDecoder implements PayloadDecoder {
    @Override
    public long decode(MemorySegment source, MemorySegment target) throws IOException {
        if (ZstdNativeDecompressor.isEnabled()) {
            return new ZstdNativeDecompressor().decompress(source, target);
        }
        try {
            return new ZstdJavaDecompressor().decompress(source, target);
        } catch (RuntimeException e) {
            throw new IOException(e.getMessage() + " (zstd's native library can't be loaded here)", e);
        }
    }
}
