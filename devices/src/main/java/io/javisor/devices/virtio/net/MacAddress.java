package io.javisor.devices.virtio.net;

import java.util.Locale;

/**
 * An Ethernet address.
 *
 * @param value its 48 bits, the first octet the highest
 */
public record MacAddress(long value) {
    /** Everybody. */
    public static final MacAddress BROADCAST = new MacAddress(0xFFFF_FFFF_FFFFL);

    public static final int SIZE = 6;

    /** @throws IllegalArgumentException if there are more than 48 bits */
    public MacAddress {
        if (value >>> 48 != 0) {
            throw new IllegalArgumentException("an Ethernet address of more than 48 bits");
        }
    }

    /**
     * Reads six pairs of hexadecimal digits with colons between.
     *
     * @throws IllegalArgumentException if it is something else
     */
    public static MacAddress parse(String text) {
        if (!text.matches("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}")) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no Ethernet address; write six pairs of hexadecimal digits: 52:54:00:12:34:56");
        }
        return new MacAddress(Long.parseLong(text.replace(":", ""), 16));
    }

    /** Whether it can be that of a single card: neither a group's nor zero. */
    public boolean isUnicast() {
        return !isGroup(value) && value != 0;
    }

    /** Whether 48 bits are the address of a group (IEEE 802: the lowest bit of the first octet). */
    static boolean isGroup(long address) {
        return ((address >>> 40) & 1) != 0;
    }

    /** One of its six octets, 0 to 255. */
    static int octet(long address, int index) {
        return (int) (address >>> (8 * (SIZE - 1 - index))) & 0xFF;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < SIZE; i++) {
            text.append(i == 0 ? "" : ":").append(String.format(Locale.ROOT, "%02x", octet(value, i)));
        }
        return text.toString();
    }
}
