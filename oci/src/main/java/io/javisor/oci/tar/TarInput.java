package io.javisor.oci.tar;

import static io.javisor.oci.tar.TarLayout.BLOCK_SIZE;

import io.javisor.oci.OciException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** An archive's bytes: blocks, and contents, which are filled up to whole blocks. */
final class TarInput {
    private static final int SKIP_SIZE = 64 << 10;

    private final String name;
    private final InputStream in;
    private long position;

    /** A block that was looked at, and what of it was read since. */
    private final byte[] ahead = new byte[BLOCK_SIZE];

    private int aheadLeft;

    /** What is left of a content, and zeros behind it. */
    private long remaining;

    private int padding;

    private byte[] skipped = new byte[0];

    /** @param name for messages */
    TarInput(String name, InputStream in) {
        this.name = name;
        this.in = in;
    }

    /** How many bytes were read. */
    long position() {
        return position;
    }

    /** Reads a block; false if the archive ends before it. */
    boolean readBlock(byte[] block) throws IOException {
        int have = 0;
        while (have < BLOCK_SIZE) {
            int read = take(block, have, BLOCK_SIZE - have);
            if (read < 0) {
                if (have == 0) {
                    return false;
                }
                throw truncated();
            }
            have += read;
        }
        return true;
    }

    /** Reads a block that must be there. */
    void requireBlock(byte[] block) throws IOException {
        if (!readBlock(block)) {
            throw truncated();
        }
    }

    /** Reads a block, which is then still what comes next; false if the archive ends before it. */
    boolean peekBlock(byte[] block) throws IOException {
        if (!readBlock(block)) {
            return false;
        }
        System.arraycopy(block, 0, ahead, 0, BLOCK_SIZE);
        aheadLeft = BLOCK_SIZE;
        position -= BLOCK_SIZE;
        return true;
    }

    /** Says that a content of so many bytes comes next. */
    void begin(long sizeBytes) {
        remaining = sizeBytes;
        padding = (int) (-sizeBytes & (BLOCK_SIZE - 1));
    }

    /** How much of the content was not read. */
    long remaining() {
        return remaining;
    }

    /** Reads some of the content; -1 behind it. */
    int read(byte[] target, int offset, int length) throws IOException {
        if (remaining == 0 || length == 0) {
            return remaining == 0 ? -1 : 0;
        }
        int read = take(target, offset, (int) Math.min(length, remaining));
        if (read < 0) {
            throw truncated();
        }
        remaining -= read;
        return read;
    }

    void readFully(byte[] target, int offset, int length) throws IOException {
        int done = 0;
        while (done < length) {
            int read = read(target, offset + done, length - done);
            if (read < 0) {
                throw new EOFException("the content was read before");
            }
            done += read;
        }
    }

    /** Goes behind the content and what fills its last block. Go's reader takes an end in there for that of the archive, and umoci writes such layers. */
    void endContent() throws IOException {
        // InputStream.skip may go past the end.
        while (remaining > 0) {
            int _ = read(skipBuffer(), 0, SKIP_SIZE);
        }
        while (padding > 0) {
            int read = take(skipBuffer(), 0, padding);
            padding = read < 0 ? 0 : padding - read;
        }
    }

    private byte[] skipBuffer() {
        if (skipped.length == 0) {
            skipped = new byte[SKIP_SIZE];
        }
        return skipped;
    }

    private int take(byte[] target, int offset, int length) throws IOException {
        int read;
        if (aheadLeft > 0) {
            read = Math.min(length, aheadLeft);
            System.arraycopy(ahead, BLOCK_SIZE - aheadLeft, target, offset, read);
            aheadLeft -= read;
        } else {
            read = in.read(target, offset, length);
        }
        position += Math.max(read, 0);
        return read;
    }

    private OciException truncated() {
        return problem("its tar is truncated: it ends at byte " + position);
    }

    OciException problem(String what) {
        return new OciException(name + ": " + what);
    }
}
