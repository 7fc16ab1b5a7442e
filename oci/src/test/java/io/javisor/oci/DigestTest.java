package io.javisor.oci;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigestTest {
    /** FIPS 180-4's example. */
    private static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @Test
    void hashes() {
        byte[] abc = "abc".getBytes(StandardCharsets.US_ASCII);
        Digest digest = Digest.sha256(abc);
        assertEquals("sha256:" + ABC, digest.toString());
        assertEquals(digest, Digest.parse(digest.toString()));
        assertEquals("ba7816bf8f01", digest.shortHex());
        MessageDigest hash = digest.newHash();
        assertArrayEquals(hash.digest(abc), Digest.newHash("sha256").digest(abc));
        Digest longer = Digest.of("sha512", Digest.newHash("sha512").digest(abc));
        assertEquals(128, longer.hex().length());
        assertEquals("SHA-512", longer.newHash().getAlgorithm());
        assertEquals(longer, Digest.parse(longer.toString()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "sha256",
                "sha256:",
                "sha256:../../../../../../../../../../../../../../../../../../../etc/passwd",
                "sha256:BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
                "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a",
                "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad0",
                "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a\n",
                "SHA256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                "md5:d41d8cd98f00b204e9800998ecf8427e",
                "sha512:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                "../x:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                "\u001b[2J:ba"
            })
    void refuses(String text) {
        String message = String.valueOf(
                assertThrows(OciException.class, () -> Digest.parse(text)).getMessage());
        assertTrue(message.chars().allMatch(c -> c >= ' ' && c < 0x7F), message);
    }
}
