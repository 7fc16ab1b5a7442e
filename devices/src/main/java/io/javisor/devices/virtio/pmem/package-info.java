/** Files as memory (virtio 1.2 §5.19). */
@NullMarked
package io.javisor.devices.virtio.pmem;

import org.jspecify.annotations.NullMarked;
