package io.javisor.machine.wiring;

import io.javisor.devices.virtio.ExposedDevice;
import io.javisor.devices.virtio.balloon.BalloonDevice;
import io.javisor.machine.config.BalloonConfig;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.MemorySize;

/** The balloon of one life of a machine, as it is changed while the guest runs. For one thread at a time, not the event loop's. */
public final class Balloon {
    private final BalloonDevice device;
    private final ExposedDevice<?> exposed;
    private final long memoryBytes;

    /** @param memoryBytes all of the guest's memory */
    Balloon(BalloonDevice device, ExposedDevice<?> exposed, long memoryBytes) {
        this.device = device;
        this.exposed = exposed;
        this.memoryBytes = memoryBytes;
    }

    /**
     * Asks the guest for memory, of which the balloon has that size then.
     *
     * @throws ConfigException if it can't have that size
     */
    public void setSize(long sizeBytes) throws InterruptedException {
        BalloonConfig.requireSize(sizeBytes, memoryBytes);
        boolean _ = exposed.onLoop("size", () -> {
            device.setTarget((int) (sizeBytes / MemorySize.PAGE_SIZE));
            return true;
        });
    }

    /**
     * Asks the guest for its memory's statistics so often from now on.
     *
     * @param seconds at least 1
     * @throws ConfigException if it has no statistics
     */
    public void setStatistics(int seconds) throws InterruptedException {
        if (device.pollSeconds() == 0) {
            throw new ConfigException("the balloon has no statistics; they are asked for before the machine starts");
        }
        boolean _ = exposed.onLoop("statistics", () -> {
            device.setPollSeconds(seconds);
            return true;
        });
    }

    /** The balloon at this moment. Any thread. */
    public BalloonView view() {
        return BalloonView.of(device);
    }
}
