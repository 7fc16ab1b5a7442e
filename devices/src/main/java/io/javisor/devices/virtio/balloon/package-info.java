/** A memory balloon (virtio 1.2 §5.5). */
@NullMarked
package io.javisor.devices.virtio.balloon;

import org.jspecify.annotations.NullMarked;
