/** Stream sockets between a guest and its host (virtio 1.2 §5.10), and what they ask of the host's side. */
@NullMarked
package io.javisor.devices.virtio.vsock;

import org.jspecify.annotations.NullMarked;
