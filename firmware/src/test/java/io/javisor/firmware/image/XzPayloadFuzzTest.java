package io.javisor.firmware.image;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Any bytes as a kernel in xz. */
class XzPayloadFuzzTest {
    private static final PayloadHarness HARNESS =
            new PayloadHarness(PayloadFormat.XZ, (long) XzDecoder.MEMORY_LIMIT_KIB << 10);

    @FuzzTest
    void decompresses(byte[] payload) {
        HARNESS.decompress(payload);
    }
}
