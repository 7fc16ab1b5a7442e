package io.javisor.oci.layer;

import io.javisor.oci.OciException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Writes a layer's data from front to back, in large pieces. What is passed over stays a hole, if it is large. */
final class DataWriter {
    private static final int SIZE = 1 << 20;

    /** Holes below this are written as zeros, together with what is around them. */
    private static final int HOLE_MIN = 64 << 10;

    private final String name;
    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(SIZE);
    private final byte[] zeros = new byte[HOLE_MIN];

    /** Where in the file the buffer starts, and how long the file is. */
    private long start;

    private long length;

    /** @param name of the layer, for messages */
    DataWriter(String name, FileChannel channel) {
        this.name = name;
        this.channel = channel;
    }

    /** Where the next byte goes. */
    long position() {
        return start + buffer.position();
    }

    void write(byte[] bytes, int offset, int count) {
        int done = 0;
        while (done < count) {
            if (!buffer.hasRemaining()) {
                flush();
            }
            int some = Math.min(count - done, buffer.remaining());
            buffer.put(bytes, offset + done, some);
            done += some;
        }
    }

    /** Goes on to a place; between is nothing but zeros. */
    void seek(long position) {
        long gap = position - position();
        if (gap < HOLE_MIN) {
            write(zeros, 0, (int) gap);
        } else {
            flush();
            start = position;
        }
    }

    /** Makes the file as long as the place that was reached. */
    void finish() {
        long end = position();
        flush();
        if (length < end) {
            start = end - 1;
            write(zeros, 0, 1);
            flush();
        }
    }

    private void flush() {
        buffer.flip();
        try {
            while (buffer.hasRemaining()) {
                start += channel.write(buffer, start);
                length = start;
            }
        } catch (IOException e) {
            throw new OciException(name + ": its files can't be written: " + e.getMessage(), e);
        }
        buffer.clear();
    }
}
