package io.javisor.firmware.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.airlift.compress.v3.zstd.ZstdJavaDecompressor;
import io.airlift.compress.v3.zstd.ZstdNativeDecompressor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Any bytes as a kernel in zstd. The decoder is native and shows the fuzzer nothing of its inside; so the library's Java decoder, which takes its
 * place on some hosts, goes along. What both take, they take for the same.
 */
class ZstdPayloadFuzzTest {
    private static final PayloadHarness HARNESS = new PayloadHarness(PayloadFormat.ZSTD, 4 << 20);
    private static final int ROOM = 1 << 17;

    @FuzzTest
    void decompresses(byte[] payload) {
        HARNESS.decompress(payload);
        if (payload.length < 4) {
            return;
        }
        MemorySegment source = MemorySegment.ofArray(Arrays.copyOf(payload, payload.length - 4));
        byte[] java = new byte[ROOM];
        byte[] nativeCode = new byte[ROOM];
        int javaSize = decompress(new ZstdJavaDecompressor()::decompress, source, java);
        int nativeSize = decompress(new ZstdNativeDecompressor()::decompress, source, nativeCode);
        if (javaSize >= 0 && nativeSize >= 0) {
            assertEquals(nativeSize, javaSize);
            assertEquals(-1, Arrays.mismatch(nativeCode, 0, nativeSize, java, 0, javaSize));
        }
    }

    private interface Decompressor {
        int decompress(MemorySegment source, MemorySegment target);
    }

    /** The size, or -1 if it is refused. */
    private static int decompress(Decompressor decompressor, MemorySegment source, byte[] target) {
        try {
            return decompressor.decompress(source, MemorySegment.ofArray(target));
        } catch (RuntimeException e) {
            return -1;
        }
    }
}
