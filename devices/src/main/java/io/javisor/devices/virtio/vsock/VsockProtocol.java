package io.javisor.devices.virtio.vsock;

/** Numbers of a virtio socket device as the kernel's headers have them: packets, events, addresses (virtio 1.2 §5.10). */
public final class VsockProtocol {
    /** The device's id (virtio 1.2 §5). */
    public static final int VIRTIO_ID_VSOCK = 19;

    /** The host's context id (linux/vm_sockets.h). */
    public static final int VMADDR_CID_HOST = 2;

    public static final int VIRTIO_VSOCK_TYPE_STREAM = 1;

    public static final int VIRTIO_VSOCK_OP_INVALID = 0;
    public static final int VIRTIO_VSOCK_OP_REQUEST = 1;
    public static final int VIRTIO_VSOCK_OP_RESPONSE = 2;
    public static final int VIRTIO_VSOCK_OP_RST = 3;
    public static final int VIRTIO_VSOCK_OP_SHUTDOWN = 4;
    public static final int VIRTIO_VSOCK_OP_RW = 5;
    public static final int VIRTIO_VSOCK_OP_CREDIT_UPDATE = 6;
    public static final int VIRTIO_VSOCK_OP_CREDIT_REQUEST = 7;

    public static final int VIRTIO_VSOCK_SHUTDOWN_RCV = 1;
    public static final int VIRTIO_VSOCK_SHUTDOWN_SEND = 2;

    public static final int VIRTIO_VSOCK_EVENT_TRANSPORT_RESET = 0;

    private VsockProtocol() {}
}
