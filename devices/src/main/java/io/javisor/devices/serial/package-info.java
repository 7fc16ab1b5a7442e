/** The 16550A serial port: register state machine, bus adapter, saved state. */
@NullMarked
package io.javisor.devices.serial;

import org.jspecify.annotations.NullMarked;
