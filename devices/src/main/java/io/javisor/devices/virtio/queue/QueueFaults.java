package io.javisor.devices.virtio.queue;

/** Told when a ring breaks the specification; called once for each queue and life, on the thread that walks it. */
@FunctionalInterface
public interface QueueFaults {
    /** The queue is broken from now on: DEVICE_NEEDS_RESET is due (virtio 1.2 §2.1.2). */
    void broken(QueueFault fault);
}
