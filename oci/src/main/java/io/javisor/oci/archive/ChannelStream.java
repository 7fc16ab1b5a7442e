package io.javisor.oci.archive;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** A file from its beginning, which is passed over where nobody looks at the bytes. For one thread. */
final class ChannelStream extends InputStream {
    private final FileChannel channel;
    private final long sizeBytes;
    private long position;
    private boolean skimming;

    /**
     * @param channel stays the caller's
     */
    ChannelStream(FileChannel channel) throws IOException {
        this.channel = channel;
        sizeBytes = channel.size();
    }

    /** While it is on, bytes are counted as read, and are none that mean anything. */
    void skim(boolean on) {
        skimming = on;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (position >= sizeBytes) {
            return -1;
        }
        int most = (int) Math.min(length, sizeBytes - position);
        int count = skimming ? most : channel.read(ByteBuffer.wrap(target, offset, most), position);
        if (count > 0) {
            position += count;
        }
        return count;
    }
}
