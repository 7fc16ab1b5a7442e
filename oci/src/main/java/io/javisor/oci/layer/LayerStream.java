package io.javisor.oci.layer;

import io.javisor.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/** A layer's tar: it hashes what it reads, in large pieces, and gives it in small ones. Closing it closes nothing. */
final class LayerStream extends InputStream {
    private static final int SIZE = 256 << 10;
    private static final String ALGORITHM = "sha256";

    private final InputStream in;
    private final MessageDigest hash = Digest.newHash(ALGORITHM);
    private final byte[] buffer = new byte[SIZE];
    private int at;
    private int end;
    private long total;

    LayerStream(InputStream in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        return more() ? buffer[at++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (!more()) {
            return -1;
        }
        int count = Math.min(length, end - at);
        System.arraycopy(buffer, at, target, offset, count);
        at += count;
        return count;
    }

    private boolean more() throws IOException {
        if (at < end) {
            return true;
        }
        at = 0;
        end = Math.max(in.read(buffer, 0, SIZE), 0);
        hash.update(buffer, 0, end);
        total += end;
        return end > 0;
    }

    /** Reads all that is left. */
    void drain() throws IOException {
        while (more()) {
            at = end;
        }
    }

    /** Of all that was read. To be called once. */
    Digest digest() {
        return Digest.of(ALGORITHM, hash.digest());
    }

    /** How many bytes were read. */
    long total() {
        return total;
    }
}
