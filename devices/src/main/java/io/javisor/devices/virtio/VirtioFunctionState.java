package io.javisor.devices.virtio;

import java.util.List;

/**
 * The state of a {@link VirtioFunction}, for a snapshot. What is in flight is the device's state.
 *
 * @param version {@link #VERSION}
 * @param status 0 while a reset was under way
 * @param driverFeatures what the driver wrote; the negotiated ones if the status has FEATURES_OK
 * @param unknownFeatures whether it wrote a feature past the 64th
 * @param queues one each
 */
public record VirtioFunctionState(
        int version,
        int status,
        int deviceFeaturesSelect,
        int driverFeaturesSelect,
        long driverFeatures,
        boolean unknownFeatures,
        int queueSelect,
        List<QueueRegistersState> queues) {
    /** The only version so far. */
    public static final int VERSION = 1;

    /** @throws IllegalArgumentException if a value is one that no device can be in */
    public VirtioFunctionState {
        queues = List.copyOf(queues);
        if (version != VERSION) {
            throw new IllegalArgumentException("virtio state: version " + version + ", not " + VERSION);
        }
        if ((status & ~(VirtioStatus.DRIVER_BITS_MASK | VirtioStatus.VIRTIO_CONFIG_S_NEEDS_RESET)) != 0) {
            throw new IllegalArgumentException("virtio state: status is " + status);
        }
    }
}
