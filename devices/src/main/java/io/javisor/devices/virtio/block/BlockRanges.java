package io.javisor.devices.virtio.block;

import static io.javisor.devices.virtio.block.BlockProtocol.*;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** What a driver may ask for: ranges of whole blocks within the disk. Overflow-safe, for every number is the driver's. */
final class BlockRanges {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

    private BlockRanges() {}

    /** Whether {@code size} bytes from {@code sector} are whole blocks of a disk of {@code capacity} bytes. */
    static boolean inRange(long sector, long size, int blockSize, long capacity) {
        if (sector < 0 || sector > capacity >>> SECTOR_SHIFT) {
            return false;
        }
        long offset = sector << SECTOR_SHIFT;
        return size <= capacity - offset && ((offset | size) & (blockSize - 1)) == 0;
    }

    /** Checks all ranges of a discard or write-zeroes request, before the first is done; the status (virtio 1.2 §5.2.6.2). */
    static int check(BlockSlot slot, int blockSize, long capacity) {
        int legalFlags = slot.type == VIRTIO_BLK_T_DISCARD ? 0 : VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP;
        for (int i = 0; i < slot.rangeCount; i++) {
            if ((flags(slot, i) & ~legalFlags) != 0) {
                return VIRTIO_BLK_S_UNSUPP;
            }
            long sectors = sectorCount(slot, i);
            if (sectors > BlockConfigSpace.MAX_RANGE_SECTORS
                    || !inRange(sector(slot, i), sectors << SECTOR_SHIFT, blockSize, capacity)) {
                return VIRTIO_BLK_S_IOERR;
            }
        }
        return VIRTIO_BLK_S_OK;
    }

    static int flags(BlockSlot slot, int range) {
        return slot.ranges.get(INT, at(range) + RANGE_FLAGS_OFFSET);
    }

    static long sector(BlockSlot slot, int range) {
        return slot.ranges.get(LONG, at(range) + RANGE_SECTOR_OFFSET);
    }

    static long sectorCount(BlockSlot slot, int range) {
        return Integer.toUnsignedLong(slot.ranges.get(INT, at(range) + RANGE_NUM_SECTORS_OFFSET));
    }

    private static long at(int range) {
        return (long) range * RANGE_SIZE;
    }
}
