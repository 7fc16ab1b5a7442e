package io.javisor.testkit;

/** A fuzzer's input, taken from front to back; after its end everything is zero. */
public final class FuzzBytes {
    private final byte[] bytes;
    private int at;

    public FuzzBytes(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Whether anything is left. */
    public boolean more() {
        return at < bytes.length;
    }

    /** The next byte, 0 to 255. */
    public int u8() {
        return at < bytes.length ? bytes[at++] & 0xFF : 0;
    }

    /** The next two, little-endian. */
    public int u16() {
        int low = u8();
        return low | u8() << 8;
    }

    /** The next four, little-endian. */
    public long u32() {
        long low = u16();
        return low | (long) u16() << 16;
    }

    /** A width that a port access can have. */
    public int size() {
        return 1 << u8() % 3;
    }

    /** A value of {@code size} bytes. */
    public long value(int size) {
        return size == 1 ? u8() : size == 2 ? u16() : u32();
    }

    /** The low bytes of {@code units}: a seed in a readable form. */
    public static byte[] of(int... units) {
        byte[] bytes = new byte[units.length];
        for (int i = 0; i < units.length; i++) {
            bytes[i] = (byte) units[i];
        }
        return bytes;
    }
}
