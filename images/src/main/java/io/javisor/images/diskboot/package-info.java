/** Finds what the boot loader on a disk image would boot. */
@NullMarked
package io.javisor.images.diskboot;

import org.jspecify.annotations.NullMarked;
