package io.javisor.firmware.image;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The bytes of a segment as a stream, for libraries that take one; and the copy from such a library's stream to a segment. */
final class SegmentInput extends InputStream {
    private static final int BUFFER_SIZE = 1 << 16;

    private final MemorySegment source;
    private final Deadline deadline;
    private long position;

    SegmentInput(MemorySegment source, Deadline deadline) {
        this.source = source;
        this.deadline = deadline;
    }

    @Override
    public int read() {
        return position < source.byteSize() ? source.get(ValueLayout.JAVA_BYTE, position++) & 0xFF : -1;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        deadline.check();
        if (length == 0) {
            return 0;
        }
        int count = (int) Math.min(length, source.byteSize() - position);
        if (count == 0) {
            return -1;
        }
        MemorySegment.copy(source, ValueLayout.JAVA_BYTE, position, buffer, offset, count);
        position += count;
        return count;
    }

    /** Throws if the decoder has not read everything. */
    void requireEnd() throws IOException {
        if (position != source.byteSize()) {
            throw new IOException("%d bytes follow the end of the data".formatted(source.byteSize() - position));
        }
    }

    /** Copies {@code decoded} to its end; stops with an error when {@code target} is full and there is more. */
    static long drain(InputStream decoded, MemorySegment target, Deadline deadline) throws IOException {
        byte[] buffer = new byte[BUFFER_SIZE];
        long written = 0;
        while (true) {
            deadline.check();
            int count = decoded.read(buffer, 0, BUFFER_SIZE);
            if (count < 0) {
                return written;
            }
            if (count == 0) {
                throw new IOException("the decoder makes no progress");
            }
            if (count > target.byteSize() - written) {
                throw tooLong(target);
            }
            MemorySegment.copy(buffer, 0, target, ValueLayout.JAVA_BYTE, written, count);
            written += count;
        }
    }

    static IOException tooLong(MemorySegment target) {
        return new IOException("there is more than the %d bytes that it declares".formatted(target.byteSize()));
    }
}
