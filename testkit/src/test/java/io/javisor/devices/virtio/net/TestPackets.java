package io.javisor.devices.virtio.net;

import static io.javisor.devices.virtio.net.NetProtocol.HEADER_SIZE;

/** IPv4 packets in Ethernet frames, after a header of virtio's. */
final class TestPackets {
    static final int ETHERNET = 14;
    static final int IP = 20;
    static final int TCP = 20;
    static final int UDP = 8;

    private TestPackets() {}

    static void put16(byte[] to, int at, int value) {
        to[at] = (byte) (value >>> 8);
        to[at + 1] = (byte) value;
    }

    static int get16(byte[] from, int at) {
        return ((from[at] & 0xFF) << 8) | (from[at + 1] & 0xFF);
    }

    /** The sum of RFC 1071, not inverted. */
    static int sum(byte[] of, int from, int length, int start) {
        long sum = start;
        for (int i = 0; i < length; i += 2) {
            sum += ((of[from + i] & 0xFF) << 8) | (i + 1 < length ? of[from + i + 1] & 0xFF : 0);
        }
        while (sum >>> 16 != 0) {
            sum = (sum & 0xFFFF) + (sum >>> 16);
        }
        return (int) sum;
    }

    /** The sum of the pseudo header of TCP or UDP (RFC 9293 §3.1) of the frame after the header. */
    static int pseudoSum(byte[] message, int protocol, int length) {
        return sum(message, HEADER_SIZE + ETHERNET + 12, 8, protocol + length);
    }

    /** Of {@code payload} bytes, numbered, from port {@code 1000 + flow}; complete but for the protocol's own header. */
    private static byte[] ip(int number, int flow, int protocol, int transportHeader, int payload) {
        byte[] message = NetBench.frame(number, ETHERNET + IP + transportHeader + payload);
        int at = HEADER_SIZE + 12;
        put16(message, at, 0x0800);
        at += 2;
        int length = IP + transportHeader + payload;
        byte[] header = {0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, (byte) protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2};
        put16(header, 2, length);
        put16(header, 10, ~sum(header, 0, IP, 0) & 0xFFFF);
        System.arraycopy(header, 0, message, at, IP);
        at += IP;
        for (int i = 0; i < transportHeader; i++) {
            message[at + i] = 0;
        }
        put16(message, at, 1000 + flow);
        put16(message, at + 2, 2000);
        int data = at + transportHeader;
        message[data] = (byte) (number >>> 24);
        message[data + 1] = (byte) (number >>> 16);
        message[data + 2] = (byte) (number >>> 8);
        message[data + 3] = (byte) number;
        return message;
    }

    /** A UDP datagram with its checksum; at least 4 bytes of payload, which begins with the number. */
    static byte[] udp(int number, int flow, int payload) {
        byte[] message = ip(number, flow, 17, UDP, payload);
        int at = HEADER_SIZE + ETHERNET + IP;
        put16(message, at + 4, UDP + payload);
        int sum = ~sum(message, at, UDP + payload, pseudoSum(message, 17, UDP + payload)) & 0xFFFF;
        put16(message, at + 6, sum == 0 ? 0xFFFF : sum);
        return message;
    }

    /** A TCP segment that is to be cut into pieces of {@code gsoSize}, its checksum to be made. */
    static byte[] tso(int number, int payload, int gsoSize) {
        byte[] message = ip(number, 0, 6, TCP, payload);
        int at = HEADER_SIZE + ETHERNET + IP;
        message[at + 12] = 0x50;
        message[at + 13] = 0x10; // ACK
        put16(message, at + 14, 0x1000);
        put16(message, at + 16, pseudoSum(message, 6, TCP + payload));
        message[0] = 1;
        message[1] = 1;
        little(message, 2, ETHERNET + IP + TCP);
        little(message, 4, gsoSize);
        little(message, 6, ETHERNET + IP);
        little(message, 8, 16);
        return message;
    }

    private static void little(byte[] to, int at, int value) {
        to[at] = (byte) value;
        to[at + 1] = (byte) (value >>> 8);
    }

    /** Whether the TCP or UDP checksum of a frame after a header is right. */
    static boolean isChecksumRight(byte[] message) {
        int at = HEADER_SIZE + ETHERNET;
        int length = get16(message, at + 2) - IP;
        return sum(message, at + IP, length, pseudoSum(message, message[at + 9] & 0xFF, length)) == 0xFFFF;
    }
}
