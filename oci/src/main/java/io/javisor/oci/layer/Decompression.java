package io.javisor.oci.layer;

import io.javisor.oci.OciException;
import java.io.IOException;
import java.io.InputStream;

/** Finds out how a layer is compressed, whatever its media type says of it. */
final class Decompression {
    private static final int MAGIC_SIZE = 4;
    private static final int GZIP = 0x1F8B;
    private static final int ZSTD = 0x28B52FFD;

    /** A frame that holds no data, and may come first: its last byte and the lowest bits of its first one are any. */
    private static final int ZSTD_SKIPPABLE = 0x502A4D18;

    private static final int ZSTD_SKIPPABLE_MASK = 0xF0FFFFFF;
    private static final int BZIP2 = 0x425A68;
    private static final int XZ = 0xFD377A58;

    private Decompression() {}

    /**
     * The tar that is in it. Closing it leaves the input open.
     *
     * @param name of the layer, for messages
     */
    static InputStream open(String name, BlobInput input) throws IOException {
        int magic = 0;
        int length = input.peek(MAGIC_SIZE);
        for (int i = 0; i < MAGIC_SIZE; i++) {
            magic = magic << Byte.SIZE | (i < length ? input.buffer[i] & 0xFF : 0);
        }
        if (magic >>> 16 == GZIP) {
            return new GzipStream(name, input);
        }
        if (magic == ZSTD || (magic & ZSTD_SKIPPABLE_MASK) == ZSTD_SKIPPABLE) {
            return ZstdStreams.open(name, input);
        }
        if (magic >>> 8 == BZIP2 || magic == XZ) {
            throw new OciException(name + ": compressed by " + (magic == XZ ? "xz" : "bzip2")
                    + "; a layer is a tar archive as it is, or compressed by gzip or zstd");
        }
        return new PlainStream(input);
    }

    /** A tar that is not compressed. */
    private static final class PlainStream extends InputStream {
        private final BlobInput input;

        PlainStream(BlobInput input) {
            this.input = input;
        }

        @Override
        public int read() throws IOException {
            return input.read();
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (!input.more()) {
                return -1;
            }
            int count = Math.min(length, input.end - input.at);
            System.arraycopy(input.buffer, input.at, target, offset, count);
            input.at += count;
            return count;
        }
    }
}
