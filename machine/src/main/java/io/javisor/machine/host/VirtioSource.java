package io.javisor.machine.host;

import io.javisor.core.event.MachineClock;
import io.javisor.core.io.AsyncFiles;
import io.javisor.core.memory.GpaRange;
import io.javisor.devices.backend.HostEvents;
import io.javisor.devices.backend.TokenLevels;
import io.javisor.devices.virtio.VirtioDevice;
import java.util.Map;

/**
 * Makes a virtio device anew for each life of a machine, over the same end at the host and with the same counters. It lasts as long as the machine's
 * event loop.
 */
@FunctionalInterface
public interface VirtioSource extends AutoCloseable {
    /**
     * What a machine has for its virtio devices.
     *
     * @param machine its name
     * @param events of its event loop, for what is not a matter of time
     * @param clock its time, for limits, latencies and timers
     * @param limits what is left of the devices' limits
     * @param files how disks are read and written
     * @param memories where devices that have guest-physical memory of their own have it, by their ids
     */
    record Surroundings(
            String machine,
            HostEvents events,
            MachineClock clock,
            TokenLevels limits,
            AsyncFiles files,
            Map<String, GpaRange> memories) {}

    /** Makes the device of a new life; that of the last one is closed. */
    VirtioDevice<?> newDevice();

    /** Ends what it has on the loop. */
    @Override
    default void close() {}
}
