package io.javisor.devices.virtio.block;

import static io.javisor.devices.virtio.block.BlockProtocol.*;

import io.javisor.devices.virtio.VirtioFeature;

/**
 * What the driver reads of a disk: {@code struct virtio_blk_config} (virtio 1.2 §5.2.4). Read by vCPU threads at any time, changed by any thread: a
 * reader sees one image or the next, and the generation tells it to read again.
 */
final class BlockConfigSpace {
    /** One header and one status besides. */
    static final int SEG_MAX = BlockDevice.QUEUE_MAX_SIZE - 2;

    /** Ranges in one discard or write-zeroes request. */
    static final int MAX_RANGES = 16;

    /** 2 GiB less a block: what one fallocate(2) does quickly everywhere. */
    static final int MAX_RANGE_SECTORS = (1 << 22) - 8;

    /** Host file systems have pages of 4 KiB. */
    private static final int PHYSICAL_BLOCK_SIZE = 4096;

    private final BlockDeviceConfig config;
    /** Both parts at once, so that a change between two reads of the bytes shows in the generation. */
    private volatile Image image;

    private long capacityBytes;
    private boolean writeback;

    BlockConfigSpace(BlockDeviceConfig config) {
        this.config = config;
        this.capacityBytes = config.capacityBytes();
        this.writeback = initialWriteback();
        this.image = new Image(build(), 0);
    }

    private static final class Image {
        final byte[] bytes;
        final int generation;

        Image(byte[] bytes, int generation) {
            this.bytes = bytes;
            this.generation = generation;
        }
    }

    private boolean initialWriteback() {
        return config.cache() != CacheMode.WRITETHROUGH;
    }

    long features() {
        long features = mask(VIRTIO_BLK_F_SEG_MAX)
                | mask(VIRTIO_BLK_F_BLK_SIZE)
                | mask(VIRTIO_BLK_F_FLUSH)
                | mask(VIRTIO_BLK_F_TOPOLOGY);
        if (config.queueCount() > 1) {
            features |= mask(VIRTIO_BLK_F_MQ);
        }
        if (config.readOnly()) {
            return features | mask(VIRTIO_BLK_F_RO);
        }
        if (mayToggle()) {
            features |= mask(VIRTIO_BLK_F_CONFIG_WCE);
        }
        return features | mask(VIRTIO_BLK_F_DISCARD) | mask(VIRTIO_BLK_F_WRITE_ZEROES);
    }

    /** Who asked for write-through gets nothing else; where flushes do nothing there is nothing to choose. */
    private boolean mayToggle() {
        return config.cache() == CacheMode.WRITEBACK || config.cache() == CacheMode.NONE;
    }

    private static long mask(int number) {
        return VirtioFeature.mask(number);
    }

    long read(int offset, int size) {
        byte[] present = image.bytes;
        long value = 0;
        for (int i = size - 1; i >= 0; i--) {
            value = (value << 8) | (present[offset + i] & 0xFF);
        }
        return value;
    }

    /** Returns false if that field is not the driver's to write. */
    synchronized boolean write(int offset, int size, long value, long features) {
        if (offset != WRITEBACK_OFFSET || size != 1 || !VirtioFeature.has(features, VIRTIO_BLK_F_CONFIG_WCE)) {
            return false;
        }
        writeback = (value & 1) != 0;
        image = new Image(build(), image.generation);
        return true;
    }

    int generation() {
        return image.generation;
    }

    synchronized long capacityBytes() {
        return capacityBytes;
    }

    synchronized boolean writeback() {
        return writeback;
    }

    synchronized void resize(long newCapacityBytes) {
        capacityBytes = newCapacityBytes;
        image = new Image(build(), image.generation + 1);
    }

    synchronized void restore(long newCapacityBytes, boolean newWriteback) {
        capacityBytes = newCapacityBytes;
        writeback = newWriteback;
        image = new Image(build(), image.generation);
    }

    synchronized void reset() {
        writeback = initialWriteback();
        image = new Image(build(), image.generation);
    }

    private byte[] build() {
        byte[] bytes = new byte[CONFIG_SIZE];
        put(bytes, CAPACITY_OFFSET, 8, capacityBytes >>> SECTOR_SHIFT);
        put(bytes, SEG_MAX_OFFSET, 4, SEG_MAX);
        put(bytes, BLK_SIZE_OFFSET, 4, config.logicalBlockSize());
        int exponent = Integer.numberOfTrailingZeros(PHYSICAL_BLOCK_SIZE / config.logicalBlockSize());
        put(bytes, PHYSICAL_BLOCK_EXP_OFFSET, 1, exponent);
        put(bytes, MIN_IO_SIZE_OFFSET, 2, PHYSICAL_BLOCK_SIZE / config.logicalBlockSize());
        put(bytes, WRITEBACK_OFFSET, 1, writeback ? 1 : 0);
        put(bytes, NUM_QUEUES_OFFSET, 2, config.queueCount());
        if (!config.readOnly()) {
            put(bytes, MAX_DISCARD_SECTORS_OFFSET, 4, MAX_RANGE_SECTORS);
            put(bytes, MAX_DISCARD_SEG_OFFSET, 4, MAX_RANGES);
            put(bytes, DISCARD_SECTOR_ALIGNMENT_OFFSET, 4, PHYSICAL_BLOCK_SIZE / SECTOR_SIZE);
            put(bytes, MAX_WRITE_ZEROES_SECTORS_OFFSET, 4, MAX_RANGE_SECTORS);
            put(bytes, MAX_WRITE_ZEROES_SEG_OFFSET, 4, MAX_RANGES);
            put(bytes, WRITE_ZEROES_MAY_UNMAP_OFFSET, 1, 1);
        }
        return bytes;
    }

    private static void put(byte[] bytes, int offset, int size, long value) {
        for (int i = 0; i < size; i++) {
            bytes[offset + i] = (byte) (value >>> (8 * i));
        }
    }
}
