/** Virtio over memory-mapped registers (virtio 1.2 §4.2). */
@NullMarked
package io.javisor.devices.virtio.mmio;

import org.jspecify.annotations.NullMarked;
