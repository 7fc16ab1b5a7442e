package io.javisor.firmware.image;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Any bytes as a kernel in bzip2. */
class Bzip2PayloadFuzzTest {
    private static final PayloadHarness HARNESS = new PayloadHarness(PayloadFormat.BZIP2, 16 << 20);

    @FuzzTest
    void decompresses(byte[] payload) {
        HARNESS.decompress(payload);
    }
}
