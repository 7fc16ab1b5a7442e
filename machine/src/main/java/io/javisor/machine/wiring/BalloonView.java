package io.javisor.machine.wiring;

import io.javisor.devices.virtio.balloon.BalloonDevice;
import io.javisor.devices.virtio.balloon.GuestMemoryStatistic;
import io.javisor.machine.config.MemorySize;
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
                device.targetPages() * MemorySize.PAGE_SIZE,
                device.actualPages() * MemorySize.PAGE_SIZE,
                device.pollSeconds(),
                device.memoryStatistics());
    }
}
