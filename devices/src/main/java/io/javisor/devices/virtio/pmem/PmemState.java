package io.javisor.devices.virtio.pmem;

/**
 * The state of a {@link PmemDevice}, for a snapshot: it has none of its own, as it keeps no request between two calls and its memory never changes.
 *
 * @param version {@link #VERSION}
 */
public record PmemState(int version) {
    /** The only version so far. */
    public static final int VERSION = 1;

    /** @throws IllegalArgumentException if the version is another */
    public PmemState {
        if (version != VERSION) {
            throw new IllegalArgumentException("pmem state: version " + version + ", not " + VERSION);
        }
    }
}
