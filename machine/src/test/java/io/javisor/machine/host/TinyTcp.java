package io.javisor.machine.host;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * As much of a host as a test of a user-mode network needs, frame by frame: DHCP's discover, answers to ARP, and a TCP server for one connection that
 * sends back what it gets (RFC 2131, RFC 826, RFC 9293).
 */
final class TinyTcp {
    private static final int ETHERNET = 14;
    private static final int IP = 20;
    private static final int FIN = 1;
    private static final int SYN = 2;
    private static final int PSH = 8;
    private static final int ACK = 16;

    private final byte[] mac;
    /** From the last DHCP offer; zero before. */
    private byte[] address = new byte[4];

    private byte[] offerOptions = new byte[0];
    private int sequence = 1000;
    private int accepted;
    private int echoedBytes;

    TinyTcp(byte[] mac) {
        this.mac = mac;
    }

    byte[] address() {
        return address;
    }

    /** The value of an option of the last offer, or null. */
    byte @Nullable [] option(int code) {
        for (int i = 0; i + 1 < offerOptions.length && (offerOptions[i] & 0xFF) != 255; i += 2 + offerOptions[i + 1]) {
            if (offerOptions[i] == code) {
                return Arrays.copyOfRange(offerOptions, i + 2, i + 2 + offerOptions[i + 1]);
            }
        }
        return null;
    }

    /** How many connections were accepted. */
    int accepted() {
        return accepted;
    }

    /** How many bytes of theirs were sent back. */
    int echoedBytes() {
        return echoedBytes;
    }

    /** A DHCP discover. */
    byte[] discover() {
        byte[] dhcp = new byte[244];
        ByteBuffer.wrap(dhcp)
                .put(new byte[] {1, 1, 6, 0})
                .putInt(0x12345678)
                .position(28)
                .put(mac)
                .position(236)
                .put(new byte[] {99, (byte) 130, 83, 99, 53, 1, 1, (byte) 255});
        byte[] udp = ByteBuffer.allocate(8 + dhcp.length)
                .putShort((short) 68)
                .putShort((short) 67)
                .putShort((short) (8 + dhcp.length))
                .putShort((short) 0)
                .put(dhcp)
                .array();
        return ip(new byte[4], new byte[] {-1, -1, -1, -1}, 17, udp, new byte[] {-1, -1, -1, -1, -1, -1});
    }

    /** A connection's first segment, to that address. */
    byte[] syn(byte[] to, int fromPort, int port) {
        byte[] tcp = tcp(address, to, fromPort, port, SYN, 1, 0, new byte[0]);
        return ip(address, to, 6, tcp, new byte[] {2, 0, 0, 0, 0, 1});
    }

    /** What is answered to a frame, or null. */
    byte @Nullable [] answer(byte[] frame) {
        int type = u16(frame, 12);
        if (type == 0x0806 && u16(frame, 20) == 1 && Arrays.equals(address, Arrays.copyOfRange(frame, 38, 42))) {
            return arpReply(frame);
        }
        if (type != 0x0800) {
            return null;
        }
        int at = ETHERNET + 4 * (frame[ETHERNET] & 15);
        return switch (frame[ETHERNET + 9]) {
            case 17 -> {
                takeOffer(frame, at);
                yield null;
            }
            case 6 -> tcp(frame, at);
            default -> null;
        };
    }

    private void takeOffer(byte[] frame, int at) {
        if (u16(frame, at) == 67 && u16(frame, at + 2) == 68 && frame[at + 8] == 2) {
            int dhcp = at + 8;
            address = Arrays.copyOfRange(frame, dhcp + 16, dhcp + 20);
            offerOptions = Arrays.copyOfRange(frame, dhcp + 240, frame.length);
        }
    }

    private byte[] arpReply(byte[] request) {
        byte[] reply = request.clone();
        System.arraycopy(request, 6, reply, 0, 6);
        System.arraycopy(mac, 0, reply, 6, 6);
        reply[21] = 2;
        System.arraycopy(mac, 0, reply, 22, 6);
        System.arraycopy(request, 38, reply, 28, 4);
        System.arraycopy(request, 22, reply, 32, 10);
        return reply;
    }

    private byte @Nullable [] tcp(byte[] frame, int at) {
        int flags = frame[at + 13];
        int theirs = ByteBuffer.wrap(frame).getInt(at + 4);
        int end = ETHERNET + u16(frame, ETHERNET + 2);
        int data = at + 4 * ((frame[at + 12] & 0xF0) >>> 4);
        byte[] payload = Arrays.copyOfRange(frame, data, Math.max(data, end));
        if ((flags & SYN) != 0) {
            accepted++;
            byte[] reply = segment(frame, at, SYN | ACK, sequence, theirs + 1, new byte[0]);
            sequence++;
            return reply;
        }
        if (payload.length > 0) {
            echoedBytes += payload.length;
            byte[] reply = segment(frame, at, ACK | PSH, sequence, theirs + payload.length, payload);
            sequence += payload.length;
            return reply;
        }
        if ((flags & FIN) != 0) {
            return segment(frame, at, ACK | FIN, sequence, theirs + 1, new byte[0]);
        }
        return null;
    }

    private byte[] segment(byte[] request, int at, int flags, int own, int theirs, byte[] payload) {
        byte[] from = Arrays.copyOfRange(request, ETHERNET + 16, ETHERNET + 20);
        byte[] to = Arrays.copyOfRange(request, ETHERNET + 12, ETHERNET + 16);
        byte[] tcp = tcp(from, to, u16(request, at + 2), u16(request, at), flags, own, theirs, payload);
        return ip(from, to, 6, tcp, Arrays.copyOfRange(request, 6, 12));
    }

    private static byte[] tcp(
            byte[] from, byte[] to, int fromPort, int toPort, int flags, int own, int theirs, byte[] payload) {
        byte[] tcp = ByteBuffer.allocate(20 + payload.length)
                .putShort((short) fromPort)
                .putShort((short) toPort)
                .putInt(own)
                .putInt(theirs)
                .put((byte) 0x50)
                .put((byte) flags)
                .putShort((short) 0x4000)
                .putInt(0)
                .put(payload)
                .array();
        byte[] pseudo = ByteBuffer.allocate(12 + tcp.length)
                .put(from)
                .put(to)
                .putShort((short) 6)
                .putShort((short) tcp.length)
                .put(tcp)
                .array();
        ByteBuffer.wrap(tcp).putShort(16, (short) ~sum(pseudo));
        return tcp;
    }

    private byte[] ip(byte[] from, byte[] to, int protocol, byte[] payload, byte[] toMac) {
        byte[] header = ByteBuffer.allocate(IP)
                .putShort((short) 0x4500)
                .putShort((short) (IP + payload.length))
                .putInt(0x4000)
                .put((byte) 64)
                .put((byte) protocol)
                .putShort((short) 0)
                .put(from)
                .put(to)
                .array();
        ByteBuffer.wrap(header).putShort(10, (short) ~sum(header));
        return ByteBuffer.allocate(ETHERNET + IP + payload.length)
                .put(toMac)
                .put(mac)
                .putShort((short) 0x0800)
                .put(header)
                .put(payload)
                .array();
    }

    /** RFC 1071. */
    private static int sum(byte[] bytes) {
        long sum = 0;
        for (int i = 0; i < bytes.length; i += 2) {
            sum += ((bytes[i] & 0xFF) << 8) | (i + 1 < bytes.length ? bytes[i + 1] & 0xFF : 0);
        }
        while (sum >>> 16 != 0) {
            sum = (sum & 0xFFFF) + (sum >>> 16);
        }
        return (int) sum;
    }

    private static int u16(byte[] bytes, int at) {
        return ((bytes[at] & 0xFF) << 8) | (bytes[at + 1] & 0xFF);
    }
}
