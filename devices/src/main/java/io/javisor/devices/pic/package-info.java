/** The two cascaded 8259A interrupt controllers of a PC, for engines that bring none of their own. */
@NullMarked
package io.javisor.devices.pic;

import org.jspecify.annotations.NullMarked;
