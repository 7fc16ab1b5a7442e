/** An entropy device (virtio 1.2 §5.4). */
@NullMarked
package io.javisor.devices.virtio.rng;

import org.jspecify.annotations.NullMarked;
