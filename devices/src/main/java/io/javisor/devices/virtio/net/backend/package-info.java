/** Where a network card's frames go on the host. Handed open descriptors. */
@NullMarked
package io.javisor.devices.virtio.net.backend;

import org.jspecify.annotations.NullMarked;
