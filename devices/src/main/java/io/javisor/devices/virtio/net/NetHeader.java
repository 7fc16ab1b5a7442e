package io.javisor.devices.virtio.net;

import static io.javisor.core.net.NetConstants.*;
import static io.javisor.core.net.VirtioNetHdrV1Layout.*;
import static io.javisor.devices.virtio.net.NetProtocol.*;

import io.javisor.devices.virtio.VirtioFeature;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A copy of a {@code virtio_net_hdr_v1} that a guest sends (virtio 1.2 §5.1.6.2), checked before the host sees it: what the guest writes there later
 * does not count. For one thread; allocates nothing.
 */
final class NetHeader {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int CHECKSUM_SIZE = 2;

    private final MemorySegment bytes;

    NetHeader(Arena buffers) {
        bytes = buffers.allocate(SIZE, Long.BYTES);
    }

    /** Its {@link NetProtocol#HEADER_SIZE} bytes, to be filled and then {@linkplain #sanitize checked}. */
    MemorySegment bytes() {
        return bytes;
    }

    boolean isSegmented() {
        return bytes.get(ValueLayout.JAVA_BYTE, GSO_TYPE_OFFSET) != VIRTIO_NET_HDR_GSO_NONE;
    }

    /**
     * Checks it against the frame and what was negotiated, and clears what has no meaning.
     *
     * @param frameBytes the length of the frame behind it
     * @return false if it is not to be passed on
     */
    boolean sanitize(long frameBytes, long features) {
        int flags = bytes.get(ValueLayout.JAVA_BYTE, FLAGS_OFFSET) & VIRTIO_NET_HDR_F_NEEDS_CSUM; // §5.1.6.2.2
        boolean checksum = flags != 0;
        int gsoType = bytes.get(ValueLayout.JAVA_BYTE, GSO_TYPE_OFFSET) & 0xFF;
        int checksumEnd = 0;
        if (checksum) {
            checksumEnd = field(CSUM_START_OFFSET) + field(CSUM_OFFSET_OFFSET) + CHECKSUM_SIZE;
            if (!VirtioFeature.has(features, VIRTIO_NET_F_CSUM) || checksumEnd > frameBytes) {
                return false;
            }
        } else {
            put(CSUM_START_OFFSET, 0);
            put(CSUM_OFFSET_OFFSET, 0);
        }
        if (gsoType == VIRTIO_NET_HDR_GSO_NONE) {
            put(HDR_LEN_OFFSET, 0);
            put(GSO_SIZE_OFFSET, 0);
        } else if (!checksum
                || !isNegotiated(gsoType, features)
                || field(GSO_SIZE_OFFSET) == 0
                || field(HDR_LEN_OFFSET) > frameBytes) {
            return false;
        } else {
            // Only a hint, and drivers may give none (§5.1.6.2.1); what the host copies must hold the checksum's field.
            put(HDR_LEN_OFFSET, Math.max(field(HDR_LEN_OFFSET), checksumEnd));
        }
        bytes.set(ValueLayout.JAVA_BYTE, FLAGS_OFFSET, (byte) flags);
        put(NUM_BUFFERS_OFFSET, 0);
        return true;
    }

    private static boolean isNegotiated(int gsoType, long features) {
        boolean ecn = (gsoType & VIRTIO_NET_HDR_GSO_ECN) != 0;
        if (ecn && !VirtioFeature.has(features, VIRTIO_NET_F_HOST_ECN)) {
            return false;
        }
        return switch (gsoType & ~VIRTIO_NET_HDR_GSO_ECN) {
            case VIRTIO_NET_HDR_GSO_TCPV4 -> VirtioFeature.has(features, VIRTIO_NET_F_HOST_TSO4);
            case VIRTIO_NET_HDR_GSO_TCPV6 -> VirtioFeature.has(features, VIRTIO_NET_F_HOST_TSO6);
            case VIRTIO_NET_HDR_GSO_UDP_L4 -> !ecn && VirtioFeature.has(features, VIRTIO_NET_F_HOST_USO);
            default -> false;
        };
    }

    /** Whether a driver with these offloads can take a frame with this header from the host. */
    static boolean isWanted(int flags, int gsoType, long guestOffloads) {
        if ((flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0 && !VirtioFeature.has(guestOffloads, VIRTIO_NET_F_GUEST_CSUM)) {
            return false;
        }
        if ((gsoType & VIRTIO_NET_HDR_GSO_ECN) != 0 && !VirtioFeature.has(guestOffloads, VIRTIO_NET_F_GUEST_ECN)) {
            return false;
        }
        return switch (gsoType & ~VIRTIO_NET_HDR_GSO_ECN) {
            case VIRTIO_NET_HDR_GSO_NONE -> true;
            case VIRTIO_NET_HDR_GSO_TCPV4 -> VirtioFeature.has(guestOffloads, VIRTIO_NET_F_GUEST_TSO4);
            case VIRTIO_NET_HDR_GSO_TCPV6 -> VirtioFeature.has(guestOffloads, VIRTIO_NET_F_GUEST_TSO6);
            case VIRTIO_NET_HDR_GSO_UDP_L4 ->
                (guestOffloads & (mask(VIRTIO_NET_F_GUEST_USO4) | mask(VIRTIO_NET_F_GUEST_USO6))) != 0;
            default -> false;
        };
    }

    private int field(int offset) {
        return Short.toUnsignedInt(bytes.get(SHORT, offset));
    }

    private void put(int offset, int value) {
        bytes.set(SHORT, offset, (short) value);
    }
}
