/** The I/O APIC of a PC, for engines that bring none of their own. */
@NullMarked
package io.javisor.devices.ioapic;

import org.jspecify.annotations.NullMarked;
