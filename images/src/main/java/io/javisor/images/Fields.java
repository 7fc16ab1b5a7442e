package io.javisor.images;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The bytes of an on-disk structure, in its byte order. Offsets are the caller's to check: one beyond the end is an
 * {@link IndexOutOfBoundsException}, a bug.
 */
public final class Fields {
    private final ByteBuffer bytes;

    private Fields(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    /** A view of {@code bytes}. */
    public static Fields littleEndian(byte[] bytes) {
        return new Fields(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    }

    /** The same bytes, read the other way round. */
    public Fields bigEndian() {
        return new Fields(bytes.duplicate().order(ByteOrder.BIG_ENDIAN));
    }

    /** A part of it, in the same byte order. */
    public Fields slice(int offset, int length) {
        return new Fields(bytes.slice(offset, length).order(bytes.order()));
    }

    public int sizeBytes() {
        return bytes.capacity();
    }

    /** The byte at {@code offset}, zero-extended. */
    public int u8(int offset) {
        return Byte.toUnsignedInt(bytes.get(offset));
    }

    /** The 16-bit value at {@code offset}, zero-extended. */
    public int u16(int offset) {
        return Short.toUnsignedInt(bytes.getShort(offset));
    }

    /** The 32-bit value at {@code offset}, zero-extended. */
    public long u32(int offset) {
        return Integer.toUnsignedLong(bytes.getInt(offset));
    }

    /** The 64-bit value at {@code offset}; 2⁶³ or more comes back negative. */
    public long u64(int offset) {
        return bytes.getLong(offset);
    }

    /** A copy of {@code length} bytes at {@code offset}. */
    public byte[] copy(int offset, int length) {
        byte[] copy = new byte[length];
        bytes.get(offset, copy);
        return copy;
    }

    /** {@code length} bytes at {@code offset}, a character each: names on disk have no charset, and must stay what they are. */
    public String text(int offset, int length) {
        return new String(copy(offset, length), StandardCharsets.ISO_8859_1);
    }

    /** As {@link #text}, but it ends before the first NUL. */
    public String cString(int offset, int length) {
        String text = text(offset, length);
        int end = text.indexOf('\0');
        return end < 0 ? text : text.substring(0, end);
    }

    /** Whether all of it is zero. */
    public boolean isZero() {
        for (int i = 0; i < sizeBytes(); i++) {
            if (bytes.get(i) != 0) {
                return false;
            }
        }
        return true;
    }
}
