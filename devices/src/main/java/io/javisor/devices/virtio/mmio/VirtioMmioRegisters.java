package io.javisor.devices.virtio.mmio;

/** Offsets of the registers (virtio 1.2 §4.2.2), named as in {@code linux/virtio_mmio.h}. All are 32 bits wide. */
public final class VirtioMmioRegisters {
    /** R: {@link #MAGIC}. */
    public static final int VIRTIO_MMIO_MAGIC_VALUE = 0x000;
    /** R: {@link #VERSION}. */
    public static final int VIRTIO_MMIO_VERSION = 0x004;
    /** R: the device's id. */
    public static final int VIRTIO_MMIO_DEVICE_ID = 0x008;
    /** R: {@link #VENDOR}. */
    public static final int VIRTIO_MMIO_VENDOR_ID = 0x00C;
    /** R: 32 of the features that are offered. */
    public static final int VIRTIO_MMIO_DEVICE_FEATURES = 0x010;
    /** W: which 32. */
    public static final int VIRTIO_MMIO_DEVICE_FEATURES_SEL = 0x014;
    /** W: 32 of the features that the driver wants. */
    public static final int VIRTIO_MMIO_DRIVER_FEATURES = 0x020;
    /** W: which 32. */
    public static final int VIRTIO_MMIO_DRIVER_FEATURES_SEL = 0x024;
    /** W: which queue the following are about. */
    public static final int VIRTIO_MMIO_QUEUE_SEL = 0x030;
    /** R: its largest size, 0 for no queue. */
    public static final int VIRTIO_MMIO_QUEUE_NUM_MAX = 0x034;
    /** W: its size. */
    public static final int VIRTIO_MMIO_QUEUE_NUM = 0x038;
    /** RW: 1 makes it ready, 0 stops it. */
    public static final int VIRTIO_MMIO_QUEUE_READY = 0x044;
    /** W: the doorbell; the value is the queue's index. */
    public static final int VIRTIO_MMIO_QUEUE_NOTIFY = 0x050;
    /** R: bit 0 for used buffers, bit 1 for a configuration change. */
    public static final int VIRTIO_MMIO_INTERRUPT_STATUS = 0x060;
    /** W: bits of the interrupt status that were handled. */
    public static final int VIRTIO_MMIO_INTERRUPT_ACK = 0x064;
    /** RW: the device status; 0 resets. */
    public static final int VIRTIO_MMIO_STATUS = 0x070;
    /** W: where the descriptor table is. */
    public static final int VIRTIO_MMIO_QUEUE_DESC_LOW = 0x080;

    public static final int VIRTIO_MMIO_QUEUE_DESC_HIGH = 0x084;
    /** W: where the available ring is. */
    public static final int VIRTIO_MMIO_QUEUE_AVAIL_LOW = 0x090;

    public static final int VIRTIO_MMIO_QUEUE_AVAIL_HIGH = 0x094;
    /** W: where the used ring is. */
    public static final int VIRTIO_MMIO_QUEUE_USED_LOW = 0x0A0;

    public static final int VIRTIO_MMIO_QUEUE_USED_HIGH = 0x0A4;
    /** W: which region of shared memory the following are about. */
    public static final int VIRTIO_MMIO_SHM_SEL = 0x0AC;
    /** R: its length; ones for no such region. */
    public static final int VIRTIO_MMIO_SHM_LEN_LOW = 0x0B0;

    public static final int VIRTIO_MMIO_SHM_LEN_HIGH = 0x0B4;
    /** R: where it is; ones for no such region. */
    public static final int VIRTIO_MMIO_SHM_BASE_LOW = 0x0B8;

    public static final int VIRTIO_MMIO_SHM_BASE_HIGH = 0x0BC;
    /** RW: 1 resets the selected queue, and reads 1 until that is done. */
    public static final int VIRTIO_MMIO_QUEUE_RESET = 0x0C0;
    /** R: changes when the configuration space did. */
    public static final int VIRTIO_MMIO_CONFIG_GENERATION = 0x0FC;
    /** RW: the configuration space, from here on. */
    public static final int VIRTIO_MMIO_CONFIG = 0x100;

    /** "virt". */
    public static final int MAGIC = 0x7472_6976;
    /** The first without legacy. */
    public static final int VERSION = 2;
    /** "JVSR". */
    public static final int VENDOR = 0x5253_564A;

    /** A page, as every VMM gives it. */
    public static final int SIZE = 0x1000;

    private VirtioMmioRegisters() {}
}
