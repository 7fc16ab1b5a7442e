/** GRUB's configuration, as far as it takes to know what GRUB would boot (GNU GRUB 2.12 manual). */
@NullMarked
package io.javisor.images.grub;

import org.jspecify.annotations.NullMarked;
