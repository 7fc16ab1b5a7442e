/** A block device (virtio 1.2 §5.2). */
@NullMarked
package io.javisor.devices.virtio.block;

import org.jspecify.annotations.NullMarked;
