package io.javisor.devices.virtio.net;

import io.javisor.core.net.VirtioNetHdrV1Layout;
import io.javisor.devices.virtio.VirtioFeature;

/** Numbers of a network device: features, configuration space, control commands (virtio 1.2 §5.1; USO: virtio 1.3 §5.1.3). */
public final class NetProtocol {
    /** Its id (virtio 1.2 §5). */
    public static final int DEVICE_ID = 1;

    public static final int VIRTIO_NET_F_CSUM = 0;
    public static final int VIRTIO_NET_F_GUEST_CSUM = 1;
    public static final int VIRTIO_NET_F_CTRL_GUEST_OFFLOADS = 2;
    public static final int VIRTIO_NET_F_MTU = 3;
    public static final int VIRTIO_NET_F_MAC = 5;
    public static final int VIRTIO_NET_F_GUEST_TSO4 = 7;
    public static final int VIRTIO_NET_F_GUEST_TSO6 = 8;
    public static final int VIRTIO_NET_F_GUEST_ECN = 9;
    public static final int VIRTIO_NET_F_HOST_TSO4 = 11;
    public static final int VIRTIO_NET_F_HOST_TSO6 = 12;
    public static final int VIRTIO_NET_F_HOST_ECN = 13;
    public static final int VIRTIO_NET_F_MRG_RXBUF = 15;
    public static final int VIRTIO_NET_F_STATUS = 16;
    public static final int VIRTIO_NET_F_CTRL_VQ = 17;
    public static final int VIRTIO_NET_F_CTRL_RX = 18;
    public static final int VIRTIO_NET_F_CTRL_RX_EXTRA = 20;
    public static final int VIRTIO_NET_F_MQ = 22;
    public static final int VIRTIO_NET_F_CTRL_MAC_ADDR = 23;
    public static final int VIRTIO_NET_F_GUEST_USO4 = 54;
    public static final int VIRTIO_NET_F_GUEST_USO6 = 55;
    public static final int VIRTIO_NET_F_HOST_USO = 56;

    // The configuration space (§5.1.4).
    public static final int MAC_OFFSET = 0;
    public static final int STATUS_OFFSET = 6;
    public static final int MAX_VIRTQUEUE_PAIRS_OFFSET = 8;
    public static final int MTU_OFFSET = 10;
    public static final int CONFIG_SIZE = 12;
    public static final int VIRTIO_NET_S_LINK_UP = 1;

    // Control commands (§5.1.6.5).
    public static final int VIRTIO_NET_OK = 0;
    public static final int VIRTIO_NET_ERR = 1;
    public static final int VIRTIO_NET_CTRL_RX = 0;
    public static final int VIRTIO_NET_CTRL_RX_PROMISC = 0;
    public static final int VIRTIO_NET_CTRL_RX_ALLMULTI = 1;
    public static final int VIRTIO_NET_CTRL_RX_ALLUNI = 2;
    public static final int VIRTIO_NET_CTRL_RX_NOMULTI = 3;
    public static final int VIRTIO_NET_CTRL_RX_NOUNI = 4;
    public static final int VIRTIO_NET_CTRL_RX_NOBCAST = 5;
    public static final int VIRTIO_NET_CTRL_MAC = 1;
    public static final int VIRTIO_NET_CTRL_MAC_TABLE_SET = 0;
    public static final int VIRTIO_NET_CTRL_MAC_ADDR_SET = 1;
    public static final int VIRTIO_NET_CTRL_MQ = 4;
    public static final int VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET = 0;
    public static final int VIRTIO_NET_CTRL_GUEST_OFFLOADS = 5;
    public static final int VIRTIO_NET_CTRL_GUEST_OFFLOADS_SET = 0;

    /** Of the header before each frame. */
    public static final int HEADER_SIZE = VirtioNetHdrV1Layout.SIZE;

    /** The shortest frame: an Ethernet header. */
    public static final int MIN_FRAME_SIZE = 14;

    /** The longest frame, one that is to be segmented (§5.1.6.3.1). */
    public static final int MAX_FRAME_SIZE = 65_550;

    /** The longest frame of a link whose MTU nobody has set: 1500, an Ethernet header and a VLAN tag. */
    static final int FRAME_OVERHEAD = 18;

    static final int DEFAULT_MTU = 1500;

    /** What a guest can be made to do for a frame that it gets; each can be switched off by a command (§5.1.6.5.6). */
    public static final long GUEST_OFFLOADS =
            mask(VIRTIO_NET_F_GUEST_CSUM) | guestSegments() | mask(VIRTIO_NET_F_GUEST_ECN);

    /** What a guest can leave to the host for a frame that it sends. */
    public static final long HOST_OFFLOADS = mask(VIRTIO_NET_F_CSUM)
            | mask(VIRTIO_NET_F_HOST_TSO4)
            | mask(VIRTIO_NET_F_HOST_TSO6)
            | mask(VIRTIO_NET_F_HOST_ECN)
            | mask(VIRTIO_NET_F_HOST_USO);

    private NetProtocol() {}

    /** Those with which a guest gets frames longer than its MTU. */
    static long guestSegments() {
        return mask(VIRTIO_NET_F_GUEST_TSO4)
                | mask(VIRTIO_NET_F_GUEST_TSO6)
                | mask(VIRTIO_NET_F_GUEST_USO4)
                | mask(VIRTIO_NET_F_GUEST_USO6);
    }

    static long mask(int number) {
        return VirtioFeature.mask(number);
    }
}
