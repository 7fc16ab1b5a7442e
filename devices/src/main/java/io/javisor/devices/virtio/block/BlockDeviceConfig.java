package io.javisor.devices.virtio.block;

import java.nio.charset.StandardCharsets;

/**
 * What a block device is to be.
 *
 * @param capacityBytes a multiple of {@code logicalBlockSize}
 * @param readOnly whether writes are refused
 * @param cache what becomes of writes
 * @param serial what the guest sees as the disk's serial number, at most 20 bytes of ASCII
 * @param queueCount 1 to {@link #MAX_QUEUES}
 * @param logicalBlockSize the smallest unit of a request in bytes, a power of two from 512 to 4096
 * @param memoryAlignment what addresses and lengths of memory must be multiples of where {@code cache} is {@link CacheMode#NONE}: a power of two; 1 for any
 * @param requestsPerSecond the most requests, or 0 for no limit
 * @param bytesPerSecond the most bytes read and written, or 0 for no limit
 */
public record BlockDeviceConfig(
        long capacityBytes,
        boolean readOnly,
        CacheMode cache,
        String serial,
        int queueCount,
        int logicalBlockSize,
        int memoryAlignment,
        long requestsPerSecond,
        long bytesPerSecond) {
    /** Linux uses as many queues as the guest has CPUs at most. */
    public static final int MAX_QUEUES = 64;

    /** @throws IllegalArgumentException if a part is out of range */
    public BlockDeviceConfig {
        require(Integer.bitCount(logicalBlockSize) == 1 && logicalBlockSize >= 512 && logicalBlockSize <= 4096);
        require(capacityBytes >= 0 && capacityBytes % logicalBlockSize == 0);
        require(queueCount >= 1 && queueCount <= MAX_QUEUES);
        require(Integer.bitCount(memoryAlignment) == 1 && memoryAlignment > 0);
        require(requestsPerSecond >= 0 && bytesPerSecond >= 0);
        require(serial.length() <= BlockProtocol.VIRTIO_BLK_ID_BYTES
                && StandardCharsets.US_ASCII.newEncoder().canEncode(serial));
    }

    private static void require(boolean legal) {
        if (!legal) {
            throw new IllegalArgumentException("a block device can't be like that");
        }
    }

    /** A writable disk with one queue and no limits. */
    public static BlockDeviceConfig of(long capacityBytes) {
        return new BlockDeviceConfig(capacityBytes, false, CacheMode.WRITEBACK, "", 1, 512, 1, 0, 0);
    }
}
