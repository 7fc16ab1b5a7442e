package io.javisor.firmware.image;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Any bytes as a kernel in lzma. */
class LzmaPayloadFuzzTest {
    private static final PayloadHarness HARNESS = new PayloadHarness(PayloadFormat.LZMA, 4 << 20);

    @FuzzTest
    void decompresses(byte[] payload) {
        HARNESS.decompress(payload);
    }
}
