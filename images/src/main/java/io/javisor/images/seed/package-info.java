/** Seed disks, from which a guest's cloud-init takes its configuration at the first boot: bytes in, the bytes of an image out. */
@NullMarked
package io.javisor.images.seed;

import org.jspecify.annotations.NullMarked;
