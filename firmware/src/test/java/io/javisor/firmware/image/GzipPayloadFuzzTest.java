package io.javisor.firmware.image;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Any bytes as a kernel in gzip. */
class GzipPayloadFuzzTest {
    private static final PayloadHarness HARNESS = new PayloadHarness(PayloadFormat.GZIP, 1 << 20);

    @FuzzTest
    void decompresses(byte[] payload) {
        HARNESS.decompress(payload);
    }
}
