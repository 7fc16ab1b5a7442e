package io.javisor.devices.virtio.net;

import static io.javisor.devices.virtio.net.NetProtocol.*;

import io.javisor.devices.virtio.VirtioFeature;

/** The configuration space of a network device (virtio 1.2 §5.1.4) and its features. Written on the loop, read by any thread. */
final class NetConfigSpace {
    private final NetDeviceConfig config;
    private final int pairs;
    private final long offloads;
    private volatile long mac;
    private volatile boolean linkSet = true;
    private volatile boolean backendGone;
    private volatile int generation;

    /** @param offloads what the backend can do */
    NetConfigSpace(NetDeviceConfig config, int pairs, long offloads) {
        this.config = config;
        this.pairs = pairs;
        this.offloads = offloads & (HOST_OFFLOADS | GUEST_OFFLOADS);
        this.mac = config.mac().value();
    }

    long features() {
        return mask(VIRTIO_NET_F_MAC)
                | mask(VIRTIO_NET_F_STATUS)
                | mask(VIRTIO_NET_F_MRG_RXBUF)
                | mask(VIRTIO_NET_F_CTRL_VQ)
                | mask(VIRTIO_NET_F_CTRL_RX)
                | mask(VIRTIO_NET_F_CTRL_RX_EXTRA)
                | mask(VIRTIO_NET_F_CTRL_MAC_ADDR)
                | (config.mtu() == 0 ? 0 : mask(VIRTIO_NET_F_MTU))
                | (pairs == 1 ? 0 : mask(VIRTIO_NET_F_MQ))
                | ((offloads & GUEST_OFFLOADS) == 0 ? 0 : mask(VIRTIO_NET_F_CTRL_GUEST_OFFLOADS))
                | offloads;
    }

    /** Which feature needs which (virtio 1.2 §5.1.3.1). */
    static boolean accepts(long features) {
        return needs(features, VIRTIO_NET_F_GUEST_TSO4, mask(VIRTIO_NET_F_GUEST_CSUM))
                && needs(features, VIRTIO_NET_F_GUEST_TSO6, mask(VIRTIO_NET_F_GUEST_CSUM))
                && needs(features, VIRTIO_NET_F_GUEST_USO4, mask(VIRTIO_NET_F_GUEST_CSUM))
                && needs(features, VIRTIO_NET_F_GUEST_USO6, mask(VIRTIO_NET_F_GUEST_CSUM))
                && needs(
                        features, VIRTIO_NET_F_GUEST_ECN, mask(VIRTIO_NET_F_GUEST_TSO4) | mask(VIRTIO_NET_F_GUEST_TSO6))
                && needs(features, VIRTIO_NET_F_HOST_TSO4, mask(VIRTIO_NET_F_CSUM))
                && needs(features, VIRTIO_NET_F_HOST_TSO6, mask(VIRTIO_NET_F_CSUM))
                && needs(features, VIRTIO_NET_F_HOST_USO, mask(VIRTIO_NET_F_CSUM))
                && needs(features, VIRTIO_NET_F_HOST_ECN, mask(VIRTIO_NET_F_HOST_TSO4) | mask(VIRTIO_NET_F_HOST_TSO6))
                && needs(features, VIRTIO_NET_F_CTRL_RX, mask(VIRTIO_NET_F_CTRL_VQ))
                && needs(features, VIRTIO_NET_F_CTRL_RX_EXTRA, mask(VIRTIO_NET_F_CTRL_VQ))
                && needs(features, VIRTIO_NET_F_CTRL_MAC_ADDR, mask(VIRTIO_NET_F_CTRL_VQ))
                && needs(features, VIRTIO_NET_F_CTRL_GUEST_OFFLOADS, mask(VIRTIO_NET_F_CTRL_VQ))
                && needs(features, VIRTIO_NET_F_MQ, mask(VIRTIO_NET_F_CTRL_VQ));
    }

    private static boolean needs(long features, int feature, long anyOf) {
        return !VirtioFeature.has(features, feature) || (features & anyOf) != 0;
    }

    long read(int offset, int size) {
        long value = 0;
        for (int i = size - 1; i >= 0; i--) {
            value = (value << 8) | octet(offset + i);
        }
        return value;
    }

    private int octet(int offset) {
        if (offset < MAC_OFFSET + MacAddress.SIZE) {
            return MacAddress.octet(mac, offset);
        }
        int field =
                switch (offset & ~1) {
                    case STATUS_OFFSET -> isLinkUp() ? VIRTIO_NET_S_LINK_UP : 0;
                    case MAX_VIRTQUEUE_PAIRS_OFFSET -> pairs;
                    case MTU_OFFSET -> config.mtu();
                    default -> throw new IllegalArgumentException("configuration space at " + offset);
                };
        return (field >>> (8 * (offset & 1))) & 0xFF;
    }

    int generation() {
        return generation;
    }

    int pairs() {
        return pairs;
    }

    /** What it is without header. */
    int longestPlainFrame() {
        return Math.max(config.mtu(), DEFAULT_MTU) + FRAME_OVERHEAD;
    }

    long mac() {
        return mac;
    }

    void setMac(long address) {
        mac = address;
        nextGeneration();
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // only the loop writes
    private void nextGeneration() {
        generation++;
    }

    boolean isLinkUp() {
        return linkSet && !backendGone;
    }

    boolean isLinkSet() {
        return linkSet;
    }

    /** Whether the link is to be up, as long as there is a backend. Returns whether that made a difference. */
    boolean setLink(boolean up) {
        boolean before = isLinkUp();
        linkSet = up;
        return before != isLinkUp();
    }

    /** The backend is no more. Returns whether the link was up. */
    boolean setBackendGone() {
        boolean before = isLinkUp();
        backendGone = true;
        return before;
    }

    boolean isBackendGone() {
        return backendGone;
    }

    /** A reset: the driver's address is forgotten; the link is the host's. */
    void reset() {
        setMac(config.mac().value());
    }
}
