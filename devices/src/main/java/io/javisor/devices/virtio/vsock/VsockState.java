package io.javisor.devices.virtio.vsock;

/**
 * The state of a {@link VsockDevice}, for a snapshot. Connections are not in it: their ends on the host are another process's, so a device that was restored
 * tells its driver that all are gone.
 *
 * @param version {@link #VERSION}
 * @param nextHostPort where the search for a port of the host's begins, so that a restored guest is not asked by one that it knows
 */
public record VsockState(int version, int nextHostPort) {
    /** The only version so far. */
    public static final int VERSION = 1;

    /** @throws IllegalArgumentException if it is none that a device can be in */
    public VsockState {
        if (version != VERSION) {
            throw new IllegalArgumentException("vsock state: version " + version + ", not " + VERSION);
        }
        if (nextHostPort < VsockConnections.FIRST_HOST_PORT) {
            throw new IllegalArgumentException("vsock state: port " + Integer.toUnsignedString(nextHostPort));
        }
    }
}
