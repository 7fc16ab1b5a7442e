/** The interrupt chips and the timer of a PC, wired to each other, for engines that bring none of their own. */
@NullMarked
package io.javisor.devices.pc;

import org.jspecify.annotations.NullMarked;
