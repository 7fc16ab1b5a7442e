package io.javisor.devices.virtio;

import io.javisor.devices.Device;
import java.util.List;
import java.util.function.Supplier;

/**
 * A virtio device with the transport that shows it to its driver, as one device of a machine; who wires it need not know which transport.
 *
 * @param <S> the state of both
 */
public interface ExposedDevice<S extends Record> extends Device<S> {
    /** What is behind the transport's registers. */
    VirtioFunction function();

    /** Where the driver rings, once for each queue. Constant. */
    List<QueueDoorbell> doorbells();

    /**
     * Runs something of the device's on its loop, and waits for it.
     *
     * @param what for messages
     * @throws IllegalStateException if it fails, or does not end in time
     */
    <R> R onLoop(String what, Supplier<R> task) throws InterruptedException;
}
