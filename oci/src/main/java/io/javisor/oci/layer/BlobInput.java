package io.javisor.oci.layer;

import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongConsumer;

/** The bytes of a layer as it came: a buffer of what comes next, which is filled when it is used up. */
final class BlobInput {
    private static final int SIZE = 128 << 10;

    /** What comes next is from {@link #at} to {@link #end}. */
    final byte[] buffer = new byte[SIZE];

    int at;
    int end;

    private final InputStream in;
    private final LongConsumer progress;
    private long taken;

    /** @param progress told how many bytes were taken from the stream */
    BlobInput(InputStream in, LongConsumer progress) {
        this.in = in;
        this.progress = progress;
    }

    /** Whether anything comes next. */
    boolean more() throws IOException {
        if (at < end) {
            return true;
        }
        at = 0;
        end = Math.max(in.read(buffer, 0, SIZE), 0);
        taken += end;
        progress.accept(taken);
        return end > 0;
    }

    /** The next byte, or -1. */
    int read() throws IOException {
        return more() ? buffer[at++] & 0xFF : -1;
    }

    /** The first bytes, of which there are less only if there are no more. To be called before anything is read. */
    int peek(int count) throws IOException {
        while (end < count) {
            int read = in.read(buffer, end, SIZE - end);
            if (read < 0) {
                break;
            }
            end += read;
            taken += read;
        }
        return Math.min(end, count);
    }
}
