package io.javisor.devices.virtio.block;

import java.util.List;

/**
 * The state of a {@link BlockDevice}, for a snapshot. Requests in flight are started again after a restore: a read, write or flush that is
 * done twice is done.
 *
 * @param version {@link #VERSION}
 * @param capacityBytes the disk's size
 * @param writeback whether the driver left the write cache on
 * @param inFlight the requests that were taken and not completed
 */
public record BlockState(int version, long capacityBytes, boolean writeback, List<Request> inFlight) {
    /** The only version so far. */
    public static final int VERSION = 1;

    /** A request: the queue that it is of, and its chain's token. */
    public record Request(int queue, int token) {}

    /** @throws IllegalArgumentException if the version is another */
    public BlockState {
        if (version != VERSION) {
            throw new IllegalArgumentException("block state: version " + version + ", not " + VERSION);
        }
        inFlight = List.copyOf(inFlight);
    }
}
