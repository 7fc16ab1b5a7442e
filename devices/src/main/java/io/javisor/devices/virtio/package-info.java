/** Virtio devices (OASIS virtio 1.2): what every device and every transport shares. */
@NullMarked
package io.javisor.devices.virtio;

import org.jspecify.annotations.NullMarked;
