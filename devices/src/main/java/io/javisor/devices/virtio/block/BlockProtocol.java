package io.javisor.devices.virtio.block;

/** Features, configuration layout, requests and their status (virtio 1.2 §5.2, linux/virtio_blk.h). */
public final class BlockProtocol {
    /** The device's id (§5). */
    public static final int DEVICE_ID = 2;

    // Feature numbers, §5.2.3.
    public static final int VIRTIO_BLK_F_SEG_MAX = 2;
    public static final int VIRTIO_BLK_F_RO = 5;
    public static final int VIRTIO_BLK_F_BLK_SIZE = 6;
    public static final int VIRTIO_BLK_F_FLUSH = 9;
    public static final int VIRTIO_BLK_F_TOPOLOGY = 10;
    public static final int VIRTIO_BLK_F_CONFIG_WCE = 11;
    public static final int VIRTIO_BLK_F_MQ = 12;
    public static final int VIRTIO_BLK_F_DISCARD = 13;
    public static final int VIRTIO_BLK_F_WRITE_ZEROES = 14;

    // struct virtio_blk_config, §5.2.4.
    public static final int CAPACITY_OFFSET = 0;
    public static final int SIZE_MAX_OFFSET = 8;
    public static final int SEG_MAX_OFFSET = 12;
    public static final int GEOMETRY_OFFSET = 16;
    public static final int BLK_SIZE_OFFSET = 20;
    public static final int PHYSICAL_BLOCK_EXP_OFFSET = 24;
    public static final int ALIGNMENT_OFFSET_OFFSET = 25;
    public static final int MIN_IO_SIZE_OFFSET = 26;
    public static final int OPT_IO_SIZE_OFFSET = 28;
    public static final int WRITEBACK_OFFSET = 32;
    public static final int NUM_QUEUES_OFFSET = 34;
    public static final int MAX_DISCARD_SECTORS_OFFSET = 36;
    public static final int MAX_DISCARD_SEG_OFFSET = 40;
    public static final int DISCARD_SECTOR_ALIGNMENT_OFFSET = 44;
    public static final int MAX_WRITE_ZEROES_SECTORS_OFFSET = 48;
    public static final int MAX_WRITE_ZEROES_SEG_OFFSET = 52;
    public static final int WRITE_ZEROES_MAY_UNMAP_OFFSET = 56;
    public static final int CONFIG_SIZE = 60;

    // struct virtio_blk_req, §5.2.6.
    public static final int HEADER_TYPE_OFFSET = 0;
    public static final int HEADER_SECTOR_OFFSET = 8;
    public static final int HEADER_SIZE = 16;

    public static final int VIRTIO_BLK_T_IN = 0;
    public static final int VIRTIO_BLK_T_OUT = 1;
    public static final int VIRTIO_BLK_T_FLUSH = 4;
    public static final int VIRTIO_BLK_T_GET_ID = 8;
    public static final int VIRTIO_BLK_T_DISCARD = 11;
    public static final int VIRTIO_BLK_T_WRITE_ZEROES = 13;

    public static final int VIRTIO_BLK_S_OK = 0;
    public static final int VIRTIO_BLK_S_IOERR = 1;
    public static final int VIRTIO_BLK_S_UNSUPP = 2;

    /** The most characters of a serial number, which ends with a NUL only if it is shorter. */
    public static final int VIRTIO_BLK_ID_BYTES = 20;

    // struct virtio_blk_discard_write_zeroes.
    public static final int RANGE_SECTOR_OFFSET = 0;
    public static final int RANGE_NUM_SECTORS_OFFSET = 8;
    public static final int RANGE_FLAGS_OFFSET = 12;
    public static final int RANGE_SIZE = 16;
    public static final int VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP = 1;

    /** What sector numbers count, whatever the logical block size. */
    public static final int SECTOR_SIZE = 512;

    public static final int SECTOR_SHIFT = 9;

    private BlockProtocol() {}
}
