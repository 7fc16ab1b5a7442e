/** Virtqueues as a device sees them (virtio 1.2 §2.6 to §2.8): chains are taken, completed, and the driver notified. */
@NullMarked
package io.javisor.devices.virtio.queue;

import org.jspecify.annotations.NullMarked;
