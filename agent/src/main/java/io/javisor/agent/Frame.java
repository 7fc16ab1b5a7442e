package io.javisor.agent;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.util.HexFormat;

/**
 * A frame between agent and host: {@code docs/agent.md}, "Frames". Whoever reads one reads what a hostile peer wrote.
 *
 * @param id of a process or a request
 * @param type one of the constants, or a later generation's
 * @param body what is left of it; read once
 */
record Frame(int id, int type, ByteBuffer body) {
    static final int HELLO = 1;
    static final int ERROR = 2;
    static final int FIELDS = 3;
    static final int START = 4;
    static final int EXEC = 5;
    static final int STARTED = 6;
    static final int EXIT = 7;
    static final int ACK = 8;
    static final int SIGNAL = 9;
    static final int RESIZE = 10;
    static final int SET_TIME = 11;
    static final int STATS = 12;
    static final int DONE = 13;
    static final int STREAM = 14;
    static final int DOWN = 15;
    static final int MOUNT = 16;
    static final int STAT = 17;
    static final int FILE = 18;
    static final int ARCHIVE = 19;
    static final int EXTRACT = 20;
    static final int CHANGES = 21;
    static final int FREEZE = 22;

    static final int MAX_SIZE = 65536;
    static final int HEADER_SIZE = 10;
    static final int MAX_BODY_SIZE = MAX_SIZE - HEADER_SIZE;
    private static final int AFTER_LENGTH = HEADER_SIZE - Integer.BYTES;

    /**
     * The next frame of a channel in blocking mode.
     *
     * @param maxBodySize what is longer is none
     * @throws EOFException at the channel's end, be it in a frame or before one
     * @throws ProtocolException if it is longer or shorter than a frame can be
     */
    static Frame read(ReadableByteChannel channel, int maxBodySize) throws IOException {
        ByteBuffer header = body(Integer.BYTES);
        fill(channel, header);
        int length = header.getInt();
        if (length < AFTER_LENGTH || length > AFTER_LENGTH + maxBodySize) {
            throw new ProtocolException("0x" + HexFormat.of().toHexDigits(length) + " is no frame's length");
        }
        ByteBuffer rest = body(length);
        fill(channel, rest);
        int id = rest.getInt();
        int type = Short.toUnsignedInt(rest.getShort());
        return new Frame(id, type, rest.slice().order(ByteOrder.LITTLE_ENDIAN));
    }

    private static void fill(ReadableByteChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new EOFException("the connection has ended");
            }
        }
        buffer.flip();
    }

    /** An empty buffer in the protocol's byte order. */
    static ByteBuffer body(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** As it is sent. The body has at most {@link #MAX_BODY_SIZE}, and stays unread. */
    ByteBuffer bytes() {
        int size = body.remaining();
        if (size > MAX_BODY_SIZE) {
            throw new IllegalStateException("no frame has a body of " + size + " bytes");
        }
        return body(HEADER_SIZE + size)
                .putInt(AFTER_LENGTH + size)
                .putInt(id)
                .putShort((short) type)
                .put(body.duplicate())
                .flip();
    }
}
