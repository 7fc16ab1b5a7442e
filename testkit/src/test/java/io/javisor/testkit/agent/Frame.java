package io.javisor.testkit.agent;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** A frame between agent and host: {@code guest/agent/frames.h}. */
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

    static final int MAX_SIZE = 65536;
    private static final int AFTER_LENGTH = 6;

    static ByteBuffer body(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    static Frame of(int id, int type) {
        return new Frame(id, type, body(0));
    }

    /** The next one, waiting for it. */
    static Frame read(SocketChannel channel) throws IOException {
        int length = filled(channel, 4).getInt();
        if (length < AFTER_LENGTH || length > MAX_SIZE - 4) {
            throw new IOException("no frame is " + length + " bytes long");
        }
        ByteBuffer rest = filled(channel, length);
        int id = rest.getInt();
        int type = Short.toUnsignedInt(rest.getShort());
        return new Frame(id, type, rest.slice().order(ByteOrder.LITTLE_ENDIAN));
    }

    private static ByteBuffer filled(SocketChannel channel, int size) throws IOException {
        ByteBuffer buffer = body(size);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new EOFException();
            }
        }
        return buffer.flip();
    }

    void write(SocketChannel channel) throws IOException {
        ByteBuffer bytes = body(4 + AFTER_LENGTH + body.remaining());
        bytes.putInt(AFTER_LENGTH + body.remaining())
                .putInt(id)
                .putShort((short) type)
                .put(body.duplicate())
                .flip();
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** A string of the body, behind its length. */
    static String text(ByteBuffer body) {
        byte[] bytes = new byte[Short.toUnsignedInt(body.getShort())];
        body.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
