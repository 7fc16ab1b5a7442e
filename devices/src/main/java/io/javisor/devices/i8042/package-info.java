/** The keyboard controller, as far as systems without a keyboard use it: probing and reset. */
@NullMarked
package io.javisor.devices.i8042;

import org.jspecify.annotations.NullMarked;
