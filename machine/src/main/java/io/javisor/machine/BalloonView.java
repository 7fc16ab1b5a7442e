package io.javisor.machine;

import io.javisor.devices.virtio.balloon.BalloonDevice;
import io.javisor.devices.virtio.balloon.GuestMemoryStatistic;
import java.util.Map;

/**
 * A machine's balloon at one moment.
 *
 * @param targetBytes how much the guest is asked for
 * @param actualBytes how much it says that it has given
 * @param statisticsSeconds how often it is asked for its memory's statistics, 0 for never
 * @param statistics what it told last, as far as it has
 */
public record BalloonView(
        long targetBytes, long actualBytes, int statisticsSeconds, Map<GuestMemoryStatistic, Long> statistics) {
    static BalloonView of(BalloonDevice device) {
        return new BalloonView(
                device.targetPages() * X86MemoryMap.PAGE_SIZE,
                device.actualPages() * X86MemoryMap.PAGE_SIZE,
                device.pollSeconds(),
                device.memoryStatistics());
    }

    /** Throws a {@link ConfigException} unless the balloon of a machine with that memory can have that size. */
    static void requireSize(long sizeBytes, long memoryBytes) {
        if (sizeBytes < 0 || sizeBytes > memoryBytes || sizeBytes % X86MemoryMap.PAGE_SIZE != 0) {
            throw new ConfigException("a balloon of " + sizeBytes + " bytes in " + MemorySize.format(memoryBytes)
                    + " of memory: it has a multiple of 4K, and no more than there is");
        }
    }
}
