package io.javisor.devices.virtio.net.backend;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** The addresses by which a process reaches its own host's loopback interface, in frames' headers. */
final class LoopbackAddresses {
    /** As many bytes of a frame as are looked at: the headers of Ethernet and IPv6. */
    static final int HEADERS_SIZE = 14 + 40;

    private static final int TYPE_OFFSET = 12;
    private static final int IPV4 = 0x0800;
    private static final int IPV4_TARGET_OFFSET = 14 + 16;
    private static final int IPV4_END = 14 + 20;
    private static final int IPV6 = 0x86DD;
    private static final int IPV6_TARGET_OFFSET = 14 + 24;
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private LoopbackAddresses() {}

    /**
     * Whether a frame goes there: to 127.0.0.0/8 or 0.0.0.0/8 (Linux takes 0.0.0.0 for itself), or to ::/80, which has ::, ::1 and the IPv4 addresses
     * as IPv6 writes them (RFC 4291 §2.5).
     *
     * @param length how much of the frame there is, at most {@link #HEADERS_SIZE}
     */
    static boolean isTarget(MemorySegment headers, int length) {
        if (length < IPV4_END) {
            return false; // no IP header
        }
        int type = headers.get(U16, TYPE_OFFSET) & 0xFFFF;
        if (type == IPV4) {
            byte net = headers.get(ValueLayout.JAVA_BYTE, IPV4_TARGET_OFFSET);
            return net == 127 || net == 0;
        }
        return type == IPV6
                && length == HEADERS_SIZE
                && headers.get(ValueLayout.JAVA_LONG_UNALIGNED, IPV6_TARGET_OFFSET) == 0
                && headers.get(U16, IPV6_TARGET_OFFSET + Long.BYTES) == 0;
    }
}
