/** The compressed kernel in a bzImage, decompressed by the host. */
@NullMarked
package io.javisor.firmware.image;

import org.jspecify.annotations.NullMarked;
