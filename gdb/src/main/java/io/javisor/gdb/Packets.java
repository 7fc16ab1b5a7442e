package io.javisor.gdb;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** How packets are written (GDB manual, "Overview" of the remote protocol and "Binary Data"). */
final class Packets {
    static final int INTERRUPT = 3;
    static final byte ESCAPE = '}';
    static final int ESCAPE_XOR = 0x20;

    private Packets() {}

    /** {@code $data#checksum}; {@code data} has no bytes in it that need an escape, or they have it. */
    static byte[] frame(byte[] data) {
        byte[] frame = new byte[data.length + 4];
        frame[0] = '$';
        System.arraycopy(data, 0, frame, 1, data.length);
        int sum = checksum(data);
        frame[data.length + 1] = '#';
        frame[data.length + 2] = (byte) Character.forDigit(sum >> 4, 16);
        frame[data.length + 3] = (byte) Character.forDigit(sum & 0xF, 16);
        return frame;
    }

    static int checksum(byte[] data) {
        int sum = 0;
        for (byte b : data) {
            sum += b;
        }
        return sum & 0xFF;
    }

    /** Escapes what would be taken for a part of the frame. */
    static byte[] escape(byte[] data) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(data.length);
        for (byte b : data) {
            if (b == '#' || b == '$' || b == ESCAPE || b == '*') {
                out.write(ESCAPE);
                out.write(b ^ ESCAPE_XOR);
            } else {
                out.write(b);
            }
        }
        return out.toByteArray();
    }

    /**
     * Takes the escapes of {@code data} from {@code start} on away.
     *
     * @throws BadPacketException if it ends within one
     */
    static byte[] unescape(byte[] data, int start) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(data.length);
        for (int i = start; i < data.length; i++) {
            if (data[i] != ESCAPE) {
                out.write(data[i]);
            } else if (++i < data.length) {
                out.write(data[i] ^ ESCAPE_XOR);
            } else {
                throw new BadPacketException("an escape has nothing behind it");
            }
        }
        return out.toByteArray();
    }

    static byte[] text(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** A byte a character. */
    static String text(byte[] data) {
        return new String(data, StandardCharsets.ISO_8859_1);
    }
}
