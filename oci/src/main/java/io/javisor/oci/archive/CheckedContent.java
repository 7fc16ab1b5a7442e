package io.javisor.oci.archive;

import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.ImageTarget.BytesTaken;
import io.javisor.oci.OciException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/**
 * A blob's bytes on their way into an archive. They are never more than the descriptor says, and they end only if they were as many, with its digest:
 * else reading throws an {@link OciException} of one line. For one thread.
 */
final class CheckedContent extends FilterInputStream {
    private final Descriptor descriptor;
    private final BytesTaken taken;
    private final MessageDigest hash;
    private long count;
    private boolean ended;

    CheckedContent(Descriptor descriptor, InputStream in, BytesTaken taken) {
        super(in);
        this.descriptor = descriptor;
        this.taken = taken;
        hash = descriptor.digest().newHash();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int read = super.read(target, offset, length);
        if (read < 0) {
            end();
        } else {
            count += read;
            if (count > descriptor.sizeBytes()) {
                throw damaged();
            }
            hash.update(target, offset, read);
            taken.taken(read);
        }
        return read;
    }

    private void end() {
        if (!ended) {
            ended = true;
            Digest digest = Digest.of(descriptor.digest().algorithm(), hash.digest());
            if (count != descriptor.sizeBytes() || !digest.equals(descriptor.digest())) {
                throw damaged();
            }
        }
    }

    private OciException damaged() {
        return new OciException(descriptor.digest() + ": its content is damaged where it is stored");
    }

    @Override
    public long skip(long bytes) {
        return 0;
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
