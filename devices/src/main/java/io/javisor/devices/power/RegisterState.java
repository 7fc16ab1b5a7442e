package io.javisor.devices.power;

/**
 * The one register of a device of this package, for a snapshot.
 *
 * @param version {@link #VERSION}
 * @param value what the register holds
 */
public record RegisterState(int version, int value) {
    /** The only version so far. */
    public static final int VERSION = 1;

    /**
     * Checks the version; each device keeps only the bits that it has.
     *
     * @throws IllegalArgumentException for another version
     */
    public RegisterState {
        if (version != VERSION) {
            throw new IllegalArgumentException("register state version " + version + " is not " + VERSION);
        }
    }
}
