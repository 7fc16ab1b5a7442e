/** Multiboot Specification 0.6.96: the header in a kernel's image, and what a boot loader tells the kernel. */
@NullMarked
package io.javisor.firmware.multiboot;

import org.jspecify.annotations.NullMarked;
