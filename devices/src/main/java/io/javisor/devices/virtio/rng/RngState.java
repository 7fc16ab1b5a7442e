package io.javisor.devices.virtio.rng;

/**
 * The state of an {@link RngDevice}, for a snapshot: nothing is in flight between two calls, and a request that waits for the rate limit is still in
 * the queue.
 *
 * @param version {@link #VERSION}
 * @param balanceBytes what the rate limit allows at once; below 0 what it owes; 0 without one
 */
public record RngState(int version, long balanceBytes) {
    /** The only version so far. */
    public static final int VERSION = 1;

    /** @throws IllegalArgumentException if the version is another */
    public RngState {
        if (version != VERSION) {
            throw new IllegalArgumentException("rng state: version " + version + ", not " + VERSION);
        }
    }
}
