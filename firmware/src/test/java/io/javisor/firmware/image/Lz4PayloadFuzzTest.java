package io.javisor.firmware.image;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Any bytes as a kernel in LZ4's legacy frames. */
class Lz4PayloadFuzzTest {
    private static final PayloadHarness HARNESS = new PayloadHarness(PayloadFormat.LZ4, 1 << 20);

    @FuzzTest
    void decompresses(byte[] payload) {
        HARNESS.decompress(payload);
    }
}
