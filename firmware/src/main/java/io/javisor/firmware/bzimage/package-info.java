/** Compressed Linux kernels, and other images that speak their boot protocol: header, payload, relocations. */
@NullMarked
package io.javisor.firmware.bzimage;

import org.jspecify.annotations.NullMarked;
