/** The 8254 timer of a PC with system control port B, for engines that bring none of their own. */
@NullMarked
package io.javisor.devices.pit;

import org.jspecify.annotations.NullMarked;
