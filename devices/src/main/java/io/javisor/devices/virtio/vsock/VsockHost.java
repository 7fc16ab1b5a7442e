package io.javisor.devices.virtio.vsock;

import org.jspecify.annotations.Nullable;

/**
 * Where a virtio socket device's connections lead to on the host. On the device's event loop, one call at a time; no call blocks. It outlives the devices
 * of a machine's lives, one after the other.
 */
public interface VsockHost {
    /** Who takes the connections that the host asks for. On the loop. */
    interface Listener {
        /**
         * Somebody asks for a port of the guest's.
         *
         * @return whether the stream is the listener's from now on; if not, it is closed
         */
        boolean connect(VsockStream stream, int guestPort);
    }

    /** Who is told from now on, instead of whoever was before. Any thread. */
    void attach(Listener listener);

    /** Nobody is told any more. Any thread. */
    void detach();

    /**
     * The guest asks for a port of the host's.
     *
     * @return a stream that is the caller's; null if nobody listens there, or no more can be had
     */
    @Nullable
    VsockStream connect(int hostPort);
}
