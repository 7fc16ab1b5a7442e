package io.javisor.devices.virtio.balloon;

/**
 * The state of a {@link BalloonDevice}, for a snapshot. Which pages are in the balloon the guest's driver knows.
 *
 * @param version {@link #VERSION}
 * @param targetPages what the guest is asked for
 * @param actualPages what it says that it has given
 * @param statisticsToken of the buffer in which the guest is to tell of its memory, or {@link #NONE}
 */
public record BalloonState(int version, int targetPages, int actualPages, int statisticsToken) {
    /** The only version so far. */
    public static final int VERSION = 1;

    /** No buffer. */
    public static final int NONE = -1;

    /** @throws IllegalArgumentException if the version is another, or a number is out of range */
    public BalloonState {
        if (version != VERSION) {
            throw new IllegalArgumentException("balloon state: version " + version + ", not " + VERSION);
        }
        if (statisticsToken < NONE || statisticsToken > 0xFFFF) {
            throw new IllegalArgumentException("balloon state: token " + statisticsToken);
        }
    }
}
