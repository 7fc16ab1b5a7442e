package io.javisor.machine.host;

/** What a virtio device needs of the host, opened before the machine is made. It outlives the guest's resets. */
interface VirtioEnd extends AutoCloseable {
    /**
     * Connects it to the machine, once, when the machine's event loop runs. Nothing is read or written by that.
     *
     * @param id the device's
     * @return makes the devices; closed before this is
     */
    VirtioSource connect(String id, VirtioSource.Surroundings around);

    /** Gives back what was opened. */
    @Override
    default void close() {}
}
