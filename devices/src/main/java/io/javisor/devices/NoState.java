package io.javisor.devices;

/**
 * The state of a device that has none, for a snapshot.
 *
 * @param version {@link #VERSION}
 */
public record NoState(int version) {
    /** The only version so far. */
    public static final int VERSION = 1;

    /** Of this version. */
    public static final NoState INSTANCE = new NoState(VERSION);

    /** @throws IllegalArgumentException if the version is another */
    public NoState {
        if (version != VERSION) {
            throw new IllegalArgumentException("empty state: version " + version + ", not " + VERSION);
        }
    }
}
