/** A network card (virtio 1.2 §5.1), and what it asks of the host's side. */
@NullMarked
package io.javisor.devices.virtio.net;

import org.jspecify.annotations.NullMarked;
