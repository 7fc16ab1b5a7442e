package io.javisor.oci.archive;

import io.javisor.oci.BlobSink;
import io.javisor.oci.OciException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;

/**
 * The bytes of one file, in an archive or a directory. For several threads at once.
 *
 * @param name for messages; one printable line
 * @param owned whether the channel is this content's alone, and closed with it
 */
record Content(String name, FileChannel channel, long start, long sizeBytes, boolean owned) implements AutoCloseable {
    private static final int PIECE = 256 << 10;

    /**
     * All of it.
     *
     * @throws OciException in one line, if it is more than {@code sizeMax} bytes, or can't be read
     */
    byte[] bytes(int sizeMax) {
        if (sizeBytes > sizeMax) {
            throw new OciException(name + ": it is " + sizeBytes + " bytes long; " + sizeMax + " are the most");
        }
        byte[] bytes = new byte[(int) sizeBytes];
        read(0, ByteBuffer.wrap(bytes));
        return bytes;
    }

    /** The first bytes: as many as there are, at most {@code count}. */
    byte[] head(int count) {
        byte[] bytes = new byte[(int) Math.min(count, sizeBytes)];
        read(0, ByteBuffer.wrap(bytes));
        return bytes;
    }

    /** Gives the bytes from the sink's offset on. */
    void copyTo(BlobSink sink) {
        if (sink.offset() > sizeBytes) {
            sink.restart();
        }
        byte[] piece = new byte[(int) Math.min(PIECE, sizeBytes)];
        for (long at = sink.offset(); at < sizeBytes; ) {
            int length = (int) Math.min(piece.length, sizeBytes - at);
            read(at, ByteBuffer.wrap(piece, 0, length));
            sink.write(piece, 0, length);
            at += length;
        }
    }

    /** Feeds all of it to a hash. */
    void hash(MessageDigest hash) {
        byte[] piece = new byte[(int) Math.min(PIECE, sizeBytes)];
        for (long at = 0; at < sizeBytes; ) {
            int length = (int) Math.min(piece.length, sizeBytes - at);
            read(at, ByteBuffer.wrap(piece, 0, length));
            hash.update(piece, 0, length);
            at += length;
        }
    }

    private void read(long offset, ByteBuffer target) {
        long at = start + offset;
        try {
            while (target.hasRemaining()) {
                int count = channel.read(target, at);
                if (count < 0) {
                    throw new OciException(name + ": it ends too soon: is it truncated?");
                }
                at += count;
            }
        } catch (IOException e) {
            throw Trouble.with(name, e);
        }
    }

    @Override
    public void close() {
        if (owned) {
            try {
                channel.close();
            } catch (IOException e) {
                throw Trouble.with(name, e);
            }
        }
    }
}
