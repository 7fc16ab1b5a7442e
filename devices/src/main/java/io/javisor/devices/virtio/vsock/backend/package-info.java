/** The host's side of a virtio socket device: Unix sockets. */
@NullMarked
package io.javisor.devices.virtio.vsock.backend;

import org.jspecify.annotations.NullMarked;
