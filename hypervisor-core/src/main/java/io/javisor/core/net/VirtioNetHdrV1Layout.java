package io.javisor.core.net;

/**
 * {@code struct virtio_net_hdr_v1} (virtio 1.2 §5.1.6), little-endian: what precedes each frame, between a driver and a device and on a tap with
 * {@code IFF_VNET_HDR} alike.
 */
public final class VirtioNetHdrV1Layout {
    public static final int SIZE = 12;
    public static final int FLAGS_OFFSET = 0;
    public static final int GSO_TYPE_OFFSET = 1;
    public static final int HDR_LEN_OFFSET = 2;
    public static final int GSO_SIZE_OFFSET = 4;
    public static final int CSUM_START_OFFSET = 6;
    public static final int CSUM_OFFSET_OFFSET = 8;
    public static final int NUM_BUFFERS_OFFSET = 10;

    private VirtioNetHdrV1Layout() {}
}
