/** How a guest starts: the boot protocol is chosen, everything is placed and checked, then written. */
@NullMarked
package io.javisor.firmware;

import org.jspecify.annotations.NullMarked;
