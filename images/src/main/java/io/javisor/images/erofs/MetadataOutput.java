package io.javisor.images.erofs;

import static io.javisor.images.erofs.ErofsLayout.*;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;

/**
 * Writes metadata from its first byte to its last, little-endian, through one buffer. Failures of the channel come as
 * {@link UncheckedIOException}.
 */
final class MetadataOutput {
    private static final int BUFFER_SIZE = 64 * BLOCK_SIZE;
    private static final byte[] ZEROS = new byte[BLOCK_SIZE];

    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    private final FileChannel target;
    private long flushed;

    MetadataOutput(FileChannel target) {
        this.target = target;
    }

    /** How many bytes there are so far. */
    long position() {
        return flushed + buffer.position();
    }

    void u8(int value) {
        room(Byte.BYTES);
        buffer.put((byte) value);
    }

    void u16(int value) {
        room(Short.BYTES);
        buffer.putShort((short) value);
    }

    void u32(long value) {
        room(Integer.BYTES);
        buffer.putInt((int) value);
    }

    void u64(long value) {
        room(Long.BYTES);
        buffer.putLong(value);
    }

    void bytes(byte[] bytes) {
        int done = 0;
        while (done < bytes.length) {
            room(1);
            int count = Math.min(buffer.remaining(), bytes.length - done);
            buffer.put(bytes, done, count);
            done += count;
        }
    }

    /** Text whose characters stand for bytes. */
    void latin1(String text) {
        bytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    void zeros(long count) {
        long left = count;
        while (left > 0) {
            room(1);
            int part = (int) Math.min(Math.min(buffer.remaining(), ZEROS.length), left);
            buffer.put(ZEROS, 0, part);
            left -= part;
        }
    }

    /** Zeros up to {@code end}, which is not before the position. */
    void zerosTo(long end) {
        zeros(end - position());
    }

    /** Writes what is still in the buffer. */
    void flush() {
        buffer.flip();
        if (flushed == 0 && buffer.limit() >= BLOCK_SIZE) {
            ErofsSuperblock.seal(buffer);
        }
        flushed += buffer.limit();
        try {
            while (buffer.hasRemaining()) {
                target.write(buffer);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        buffer.clear();
    }

    private void room(int size) {
        if (buffer.remaining() < size) {
            flush();
        }
    }
}
