/** Interrupt lines as a device sees them, and the routing of global system interrupts. */
@NullMarked
package io.javisor.core.irq;

import org.jspecify.annotations.NullMarked;
