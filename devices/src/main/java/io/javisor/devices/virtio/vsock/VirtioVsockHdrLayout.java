package io.javisor.devices.virtio.vsock;

/** {@code struct virtio_vsock_hdr} (virtio 1.2 §5.10.6), little-endian, packed: what precedes each packet's payload. */
public final class VirtioVsockHdrLayout {
    public static final int SIZE = 44;
    public static final int SRC_CID_OFFSET = 0;
    public static final int DST_CID_OFFSET = 8;
    public static final int SRC_PORT_OFFSET = 16;
    public static final int DST_PORT_OFFSET = 20;
    public static final int LEN_OFFSET = 24;
    public static final int TYPE_OFFSET = 28;
    public static final int OP_OFFSET = 30;
    public static final int FLAGS_OFFSET = 32;
    public static final int BUF_ALLOC_OFFSET = 36;
    public static final int FWD_CNT_OFFSET = 40;

    private VirtioVsockHdrLayout() {}
}
