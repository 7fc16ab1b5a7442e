package io.javisor.gdb;

import java.util.HexFormat;

/** Numbers and bytes as packets have them. */
final class Values {
    private Values() {}

    static byte[] littleEndian(long value, int sizeBytes) {
        byte[] bytes = new byte[sizeBytes];
        for (int i = 0; i < sizeBytes; i++) {
            bytes[i] = (byte) (value >>> (8 * i));
        }
        return bytes;
    }

    /** At most 8 bytes, zero-extended. */
    static long ofLittleEndian(byte[] bytes) {
        long value = 0;
        for (int i = bytes.length - 1; i >= 0; i--) {
            value = value << 8 | (bytes[i] & 0xFF);
        }
        return value;
    }

    /**
     * Bytes out of their digits, two each.
     *
     * @throws BadPacketException if they are not that
     */
    static byte[] bytes(String hex) {
        try {
            return HexFormat.of().parseHex(hex);
        } catch (IllegalArgumentException e) {
            throw new BadPacketException("'" + hex + "' are no bytes");
        }
    }

    /**
     * A number out of 1 to 16 digits, most significant first.
     *
     * @throws BadPacketException if it is none
     */
    static long number(String hex) {
        try {
            if (hex.isEmpty() || !HexFormat.isHexDigit(hex.charAt(0))) { // no sign
                throw new BadPacketException("'" + hex + "' is no number");
            }
            return Long.parseUnsignedLong(hex, 16);
        } catch (NumberFormatException e) {
            throw new BadPacketException("'" + hex + "' is no number");
        }
    }

    /** As {@link #number}, of a length or an index. */
    static int count(String hex) {
        long value = number(hex);
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw new BadPacketException("'" + hex + "' is too large");
        }
        return (int) value;
    }
}
