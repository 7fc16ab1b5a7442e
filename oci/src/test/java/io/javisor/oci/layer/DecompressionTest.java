package io.javisor.oci.layer;

import static io.javisor.oci.testing.Compressed.gzip;
import static io.javisor.oci.testing.Compressed.join;
import static io.javisor.oci.testing.Compressed.zstd;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.oci.OciException;
import io.javisor.testkit.image.ElfBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** A layer is what its bytes say: plain, gzip or zstd, in pieces or whole. */
class DecompressionTest {
    private static final byte[] BYTES = ElfBuilder.pattern(700_001, 5);
    private static final byte[] TEXT = "hello".getBytes(StandardCharsets.US_ASCII);

    /** Flags in the fourth byte of a member: header checksum, extra field, name, comment. */
    private static final int FLAGS_OFFSET = 3;

    private static byte[] read(byte[] blob) throws IOException {
        try (InputStream stream = Decompression.open("layer", new BlobInput(new ByteArrayInputStream(blob), _ -> {}))) {
            return stream.readAllBytes();
        }
    }

    private static void assertRefused(String said, byte[] blob) {
        String message = String.valueOf(
                assertThrows(OciException.class, () -> read(blob)).getMessage());
        assertTrue(message.startsWith("layer: ") && message.contains(said), message);
        assertTrue(message.chars().allMatch(c -> c >= ' ' && c < 0x7F), message);
    }

    @Test
    void readsWhatIsNotCompressed() throws IOException {
        for (int length : new int[] {0, 1, 3, 4, 5, BYTES.length}) {
            byte[] plain = Arrays.copyOf(BYTES, length);
            assertArrayEquals(plain, read(plain));
        }
    }

    @Test
    void readsGzip() throws IOException {
        assertArrayEquals(BYTES, read(gzip(BYTES)));
        assertArrayEquals(new byte[0], read(gzip(new byte[0])));
    }

    @Test
    void readsMembersOneBehindTheOther() throws IOException {
        byte[] blob = join(gzip(TEXT), gzip(new byte[0]), gzip(BYTES), gzip(TEXT));
        assertArrayEquals(join(TEXT, BYTES, TEXT), read(blob));
        assertArrayEquals(TEXT, read(join(gzip(TEXT), new byte[513])));
    }

    @Test
    void readsHeadersWithAllThatTheyCanHave() throws IOException {
        byte[] plain = gzip(TEXT);
        byte[] header = Arrays.copyOf(plain, 10);
        header[FLAGS_OFFSET] = 2 | 4 | 8 | 16;
        byte[] more = {3, 0, 'S', 'G', 0, 'n', 0, 'c', 'c', 0, 1, 2};
        byte[] blob = join(header, more, Arrays.copyOfRange(plain, 10, plain.length));
        assertArrayEquals(TEXT, read(blob));
        for (int length = 2; length < blob.length; length++) {
            assertRefused(
                    "truncated", length < 3 ? Arrays.copyOf(gzip(TEXT), 4) : Arrays.copyOf(blob, Math.max(length, 4)));
        }
    }

    @Test
    void refusesGzipThatIsTruncatedAnywhere() {
        byte[] blob = gzip(BYTES);
        for (int length = 4; length < blob.length; length += Math.max(1, blob.length / 300)) {
            assertRefused("gzip data is truncated", Arrays.copyOf(blob, length));
        }
        assertRefused("gzip data is truncated", Arrays.copyOf(blob, blob.length - 1));
        assertRefused("truncated", join(gzip(TEXT), Arrays.copyOf(blob, 100)));
    }

    @Test
    void refusesGzipThatIsDamaged() {
        byte[] blob = gzip(TEXT);
        for (int fromEnd = 1; fromEnd <= 8; fromEnd++) {
            byte[] wrong = blob.clone();
            wrong[wrong.length - fromEnd] ^= 1;
            assertRefused(fromEnd > 4 ? "its checksum is wrong" : "its size is wrong", wrong);
        }
        byte[] wrong = blob.clone();
        wrong[10] = 6; // A block of the type that there is not.
        assertRefused("gzip data is damaged: invalid block type", wrong);
        assertRefused("what is behind its end is not gzip", join(blob, TEXT));
        assertRefused("something other than zeros", join(blob, new byte[100], TEXT));
        byte[] method = blob.clone();
        method[2] = 7;
        assertRefused("damaged", method);
    }

    @Test
    void readsZstd() throws IOException {
        assertArrayEquals(BYTES, read(zstd(BYTES)));
        assertArrayEquals(new byte[0], read(zstd(new byte[0])));
        assertArrayEquals(join(TEXT, BYTES, TEXT), read(join(zstd(TEXT), zstd(BYTES), zstd(new byte[0]), zstd(TEXT))));
    }

    /** As zstd:chunked has them behind the data, and pzstd before it. */
    @Test
    void passesFramesThatHoldNoData() throws IOException {
        byte[] skippable = {0x5A, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 'a', 'b', 'c'};
        assertArrayEquals(TEXT, read(join(skippable, zstd(TEXT), skippable)));
        assertArrayEquals(new byte[0], read(skippable));
    }

    @Test
    void refusesZstdThatIsTruncatedOrDamaged() {
        byte[] blob = zstd(BYTES);
        for (int length = 4; length < blob.length; length += blob.length / 100) {
            assertRefused("zstd data is truncated", Arrays.copyOf(blob, length));
        }
        assertRefused("zstd data is truncated", Arrays.copyOf(blob, blob.length - 1));
        assertRefused("zstd data is damaged: ", join(zstd(TEXT), TEXT));
        byte[] wrong = blob.clone();
        wrong[blob.length - 1] ^= 1; // The content's checksum.
        assertRefused("zstd data is damaged: ", wrong);
    }

    /** A window of 2 GiB in the frame's header is not asked for in memory. */
    @Test
    void refusesWindowsThatNobodyNeeds() {
        assertRefused(
                "zstd data is damaged: ",
                join(new byte[] {0x28, (byte) 0xB5, 0x2F, (byte) 0xFD, 0, (byte) (0x15 << 3)}, new byte[100]));
    }

    @Test
    void namesOtherCompressions() {
        assertRefused("compressed by bzip2; a layer is", "BZh91AY".getBytes(StandardCharsets.US_ASCII));
        assertRefused("compressed by xz;", new byte[] {(byte) 0xFD, '7', 'z', 'X', 'Z', 0});
    }

    @Test
    void takesOneByteAtATime() throws IOException {
        for (byte[] blob : new byte[][] {TEXT, gzip(TEXT), zstd(TEXT)}) {
            InputStream slow = new ByteArrayInputStream(blob) {
                @Override
                public synchronized int read(byte[] target, int offset, int length) {
                    return super.read(target, offset, Math.min(1, length));
                }
            };
            try (InputStream stream = Decompression.open("layer", new BlobInput(slow, _ -> {}))) {
                for (byte each : TEXT) {
                    assertEquals(each, stream.read());
                }
                assertEquals(-1, stream.read());
                assertEquals(-1, stream.read(new byte[1], 0, 1));
            }
        }
    }
}
